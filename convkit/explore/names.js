
// ---- ipywidgets gives its sliders no names; here they get them, and a group around everything gets one too.

function nameControls(root, title) {
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", title);
  if (!root.dataset.keys) root.addEventListener("keydown", keepKeys);
  root.dataset.keys = "kept";
  for (const slider of root.querySelectorAll(".widget-hslider")) {
    const name = slider.querySelector(".widget-label")?.textContent ?? "";
    slider.querySelector(".noUi-handle")?.setAttribute("aria-label", name);
    const readout = slider.querySelector(".widget-readout");
    readout?.setAttribute("role", "textbox");
    readout?.setAttribute("aria-label", `${name}, typed`);
  }
}

// Plain keys are the control's: JupyterLab would insert a cell on "a", and go to the next one on an arrow.
function keepKeys(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape") event.stopPropagation();
}
