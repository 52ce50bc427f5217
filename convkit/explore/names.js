
// ---- ipywidgets gives its sliders no names; here they get them, and a group around everything gets one too.

function nameControls(root, title) {
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", title);
  root.setAttribute("data-lm-suppress-shortcuts", "true"); // arrows turn the knob, and don't leave the cell
  for (const slider of root.querySelectorAll(".widget-hslider")) {
    const name = slider.querySelector(".widget-label")?.textContent ?? "";
    slider.querySelector(".noUi-handle")?.setAttribute("aria-label", name);
    const readout = slider.querySelector(".widget-readout");
    readout?.setAttribute("role", "textbox");
    readout?.setAttribute("aria-label", `${name}, typed`);
  }
}
