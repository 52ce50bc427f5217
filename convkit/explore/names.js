
// ---- ipywidgets gives its sliders no names; here they get them, and a group around everything gets one too.

function nameControls(root, title) {
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", title);
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

// Plain keys are the control's: Notebook and JupyterLab would insert a cell on "a", and go to the next one on an arrow.
// They look for shortcuts at the document and ask the focused element first; so it answers before the document hears.
function keepKeys(host) {
  const answer = (event) => {
    if (!host.closest(".convkit-explorer")?.contains(event.target)) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape";
    event.target.toggleAttribute("data-lm-suppress-shortcuts", plain);
  };
  window.addEventListener("keydown", answer, true);
  return () => window.removeEventListener("keydown", answer, true);
}

// The slider says 0.35 px, and not 0.35000000000000003.
function speakValue(handle, unit) {
  const text = handle.getAttribute("aria-valuetext");
  const spoken = `${Number(parseFloat(text).toFixed(2))}${unit ? ` ${unit}` : ""}`;
  if (text !== spoken) handle.setAttribute("aria-valuetext", spoken);
}
