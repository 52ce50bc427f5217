
// ---- ipywidgets gives its sliders no names; here they get them, and a group around everything gets one too.

function nameControls(root, title) {
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", title);
  if (!root.dataset.keys) root.addEventListener("keydown", keepKeys);
  root.dataset.keys = "kept";
  for (const slider of root.querySelectorAll(".widget-hslider")) {
    const name = slider.querySelector(".widget-label")?.textContent ?? "";
    const handle = slider.querySelector(".noUi-handle");
    if (handle && !handle.hasAttribute("aria-label")) {
      handle.setAttribute("aria-label", name);
      const speak = () => speakValue(handle, name.match(/\((.*)\)/)?.[1]);
      new MutationObserver(speak).observe(handle, { attributeFilter: ["aria-valuetext"] });
      speak();
    }
    const readout = slider.querySelector(".widget-readout");
    readout?.setAttribute("role", "textbox");
    readout?.setAttribute("aria-label", `${name}, typed`);
  }
}

// Plain keys are the control's: JupyterLab would insert a cell on "a", and go to the next one on an arrow.
function keepKeys(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape") event.stopPropagation();
}

// The slider says 0.35 px, and not 0.35000000000000003.
function speakValue(handle, unit) {
  const text = handle.getAttribute("aria-valuetext");
  const spoken = `${Number(parseFloat(text).toFixed(2))}${unit ? ` ${unit}` : ""}`;
  if (text !== spoken) handle.setAttribute("aria-valuetext", spoken);
}
