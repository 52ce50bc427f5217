"""How long a student waits in an explorer: measured in a real JupyterLab, in the browser, from the key to the picture.

    python -m benchmarks.explorers [TURNS]

The comparison is what a notebook would use instead: a slider that lets Matplotlib draw the same planes again.
It needs Debian's chromium (apt-get install chromium).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks._timing import readable, show
from tests.browser.lab import Lab
from tests.browser.serve import CHROMIUM, NO_CHROMIUM, chromium, jupyter_lab

SLIDERS = {  # explorer: (a prediction, a slider to move)
    "parameters": ("76", "Filters"),
    "padding": ("1, 1", "Image size (px)"),
    "stride": ("4 x 4", "Stride down (px)"),
    "pointwise": ("8", "Filter 0, red"),
    "filters": ("10", None),
}
TYPED = "x, the image, row 2, column 2"
MATPLOTLIB = """
import io, convkit, ipywidgets, numpy as np
import matplotlib.pyplot as plt

def planes(strides):
    x = np.random.default_rng(8).integers(0, 10, (8, 8))
    kernel = np.random.default_rng(3).integers(-1, 3, (3, 3))
    y = convkit.conv2d(x[None, :, :, None], kernel[:, :, None, None], strides, "SAME")[0, :, :, 0]
    figure, axes = plt.subplots(1, 3, figsize=(10, 4))
    for axis, values in zip(axes, (np.pad(x, 1), kernel, y)):
        axis.imshow(values, cmap="Greens", alpha=0.4)
        for (row, column), value in np.ndenumerate(values):
            axis.text(column, row, value, ha="center", va="center")
        axis.set_axis_off()
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=80)
    plt.close(figure)
    return file.getvalue()

slider, image = ipywidgets.IntSlider(2, 1, 4, description="Stride"), ipywidgets.Image()
slider.observe(lambda change: setattr(image, "value", planes(change["new"])), "value")
image.value = planes(2)
ipywidgets.VBox([slider, image]).add_class("with-matplotlib")
"""
# From a key on the slider (or a number that is typed) to the frame in which the changed picture is painted.
WATCH = """([root, watched, attribute]) => {
  const times = (window.__times = []);
  let begun = null;
  for (const event of ["keydown", "change"]) root.addEventListener(event, () => (begun ??= performance.now()), true);
  new MutationObserver(() => requestAnimationFrame((now) => {
    if (begun !== null) times.push(performance.now() - begun);
    begun = null;
  })).observe(root.querySelector(watched), { attributeFilter: [attribute] });
}"""
STEP = """(panel) => {
  const times = [];
  for (let n = 0; n < 60; n++) {
    const begun = performance.now();
    panel.dispatchEvent(new KeyboardEvent("keydown", { key: n % 2 ? "ArrowLeft" : "ArrowRight", bubbles: true }));
    panel.getBoundingClientRect();
    times.push(performance.now() - begun);
  }
  return times;
}"""
HOVER = """(panel) => {
  const cells = [...panel.querySelectorAll('[data-role="output"]')].filter((cell) => !cell.closest("[hidden]"));
  return cells.slice(0, 60).map((cell) => {
    const begun = performance.now();
    cell.dispatchEvent(new PointerEvent("pointerover", { pointerType: "mouse", bubbles: true }));
    panel.getBoundingClientRect();
    return performance.now() - begun;
  });
}"""
OPENED = """(name) => new Promise((done) => {
  const begun = performance.now();
  const look = () => document.querySelector(`.convkit-${name} .cvx-panels > *`)
    ? requestAnimationFrame(() => done(performance.now() - begun)) : requestAnimationFrame(look);
  look();
})"""


def opened(lab: Lab) -> list[list[str]]:
    """Milliseconds from Shift+Enter to the explorer, for one after the other in one notebook."""
    names = list(SLIDERS)
    lab.open("one-by-one", ["from convkit import explore", *(f"explore.{name}()" for name in names)], run=1)
    rows = []
    for name in names:
        lab.page.wait_for_timeout(800)
        lab.page.evaluate(f"() => {{ window.__opened = ({OPENED})('{name}'); }}")
        lab.page.keyboard.press("Shift+Enter")
        rows.append([name, readable(lab.page.evaluate("() => window.__opened") / 1000)])
    return rows


def moved(lab: Lab, name: str, turns: int) -> list[float]:
    """Milliseconds from a key on a slider to the changed picture."""
    prediction, label = SLIDERS[name]
    explorer = lab.explorer(name)
    explorer.predict(prediction)
    explorer.page.wait_for_timeout(600)
    explorer.page.evaluate(WATCH, [explorer.box.element_handle(), ".cvx-panels", "data-serial"])
    target = explorer.slider(label) if label else explorer.box.get_by_label(TYPED, exact=True)
    target.focus()
    for n in range(turns):
        if label:
            explorer.page.keyboard.press("ArrowLeft" if n % 2 else "ArrowRight")
        else:
            target.fill(str(n % 9))
            explorer.page.evaluate("() => document.activeElement.dispatchEvent(new Event('change'))")
        explorer.page.wait_for_timeout(180)
    return lab.page.evaluate("() => window.__times")


def redrawn(lab: Lab, turns: int) -> list[float]:
    """The same with Matplotlib."""
    page = lab.page
    page.wait_for_selector(".with-matplotlib img")
    root = page.locator(".with-matplotlib")
    page.evaluate(WATCH, [root.element_handle(), "img", "src"])
    root.locator(".noUi-handle").focus()
    for n in range(turns):
        page.keyboard.press("ArrowLeft" if n % 2 else "ArrowRight")
        page.wait_for_timeout(500)
    return page.evaluate("() => window.__times")


def stepped(lab: Lab) -> list[list[str]]:
    """Stepping and hovering, and how many messages went to the kernel meanwhile."""
    rows = []
    for name, panel in (("stride", 0), ("padding", 0), ("filters", 0)):
        explorer = lab.explorer(name)
        explorer.settle()
        lab.page.wait_for_timeout(500)
        node, before = explorer.box.locator(".cvx-panel").nth(panel).element_handle(), lab.sent
        steps, hovers = lab.page.evaluate(STEP, node), lab.page.evaluate(HOVER, node)
        rows.append([name, *spread(steps), *spread(hovers), str(lab.sent - before)])
    return rows


def spread(milliseconds: list[float]) -> list[str]:
    """Median and 95th percentile."""
    return [readable(value / 1000) for value in (statistics.median(milliseconds), percentile(milliseconds))]


def percentile(values: list[float], part: float = 0.95) -> float:
    """The value below which that part lies."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def main(turns: int = 30) -> None:
    """Measure and print."""
    if not Path(CHROMIUM).exists():
        print(NO_CHROMIUM)
        return
    with tempfile.TemporaryDirectory() as home, jupyter_lab(Path(home)) as server, chromium() as browser:
        lab = Lab(server, browser)
        show("from Shift+Enter to the explorer (aim: 300 ms)", ["", "time"], opened(lab))
        cells = ["from convkit import explore", *(f"explore.{name}()" for name in SLIDERS), MATPLOTLIB]
        lab.open("all-five", cells)
        times = {name: moved(lab, name, turns) for name in SLIDERS}
        slow = redrawn(lab, max(turns // 2, 10))
        base = statistics.median(slow)
        rows = [
            [name, *spread(taken), f"{base / statistics.median(taken):.1f}"]
            for name, taken in {**times, "Matplotlib, redrawn": slow}.items()
        ]
        head = ["", "median", "95 %", "Matplotlib's / this"]
        show("from a slider's move to the painted picture, all five open (aim: 50 ms, 95 % within 100 ms)", head, rows)
        head = ["", "step", "95 %", "hover", "95 %", "messages to the kernel"]
        show("stepping and hovering (aim: 16 ms, no message)", head, stepped(lab))
        lab.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
