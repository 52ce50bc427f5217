"""How long a student waits in an explorer: measured in a real JupyterLab, in the browser, from the key to the picture.

    python -m benchmarks.explorers [TURNS]

A time ends when the frame with the new picture has been painted, not when its script has run. A slider goes to many
values in a random order, the same order in each run.
The comparison is what a notebook would use instead: a slider that lets Matplotlib draw the same planes again.
The floor is a slider that shows pictures that were drawn before: what is left is JupyterLab's and the browser's own.
It needs Debian's chromium (apt-get install chromium).
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks._timing import readable, show
from tests.browser.lab import ExplorerOnPage, Lab
from tests.browser.serve import CHROMIUM, NO_CHROMIUM, chromium, jupyter_lab

SLIDERS: dict[str, tuple[str, tuple[str, ...]]] = {  # explorer: (a prediction, sliders to move)
    "parameters": ("76", ("Kernel size (px)", "Channels in", "Filters")),
    "padding": ("1, 1", ("Image size (px)", "Kernel size (px)", "Stride (px)")),
    "stride": ("4 x 4", ("Image height (px)", "Image width (px)", "Kernel size (px)", "Stride down (px)")),
    "pointwise": ("8", ("Filter 0, red", "Filter 0, green", "Filter 1, blue")),
    "filters": ("10", ()),
}
TYPED = "x, the image, row {}, column {}"
SEED = 4
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

def explorer(draw, name):
    slider, image = ipywidgets.IntSlider(2, 1, 6, description="Stride"), ipywidgets.Image()
    slider.observe(lambda change: setattr(image, "value", draw(change["new"])), "value")
    image.value = draw(2)
    return ipywidgets.VBox([slider, image]).add_class(name)

before = {strides: planes(strides) for strides in range(1, 7)}
ipywidgets.VBox([explorer(planes, "with-matplotlib"), explorer(before.get, "drawn-before")])
"""
# A message that is posted in a frame's script arrives when the frame's style, layout and paint are done.
PAINTED = """(act = () => {}) => new Promise((done) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel(), begun = performance.now();
  act();
  port1.onmessage = () => (port1.close(), done([begun, performance.now()]));
  port2.postMessage(null);
}))"""
# From a key on the slider (or a number that is typed) to the end of the frame that shows the changed picture.
WATCH = """([root, watched, attribute]) => {
  const painted = PAINTED, times = (window.__times = []), image = root.querySelector(watched);
  let begun = null;
  for (const event of ["keydown", "change"]) root.addEventListener(event, () => (begun = performance.now()), true);
  new MutationObserver(async () => {
    if (begun === null) return;
    const start = begun;
    begun = null;
    if (image.decode) await image.decode();
    times.push((await painted())[1] - start);
  }).observe(image, { attributeFilter: [attribute] });
}""".replace("PAINTED", PAINTED)
# Places that a step or a hover goes to; each time ends with its frame.
STEP = """async ([panel, keys]) => {
  const painted = PAINTED, times = [];
  for (const key of keys) {
    times.push(await painted(() => panel.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))));
  }
  return times.map(([begun, end]) => end - begun);
}""".replace("PAINTED", PAINTED)
HOVER = """async ([panel, places]) => {
  const painted = PAINTED, times = [];
  const cells = [...panel.querySelectorAll('[data-role="output"]')].filter((cell) => !cell.closest("[hidden]"));
  const event = () => new PointerEvent("pointerover", { pointerType: "mouse", bubbles: true });
  for (const place of places) times.push(await painted(() => cells[place % cells.length].dispatchEvent(event())));
  return times.map(([begun, end]) => end - begun);
}""".replace("PAINTED", PAINTED)
OPENED = """(name) => new Promise((done) => {
  const painted = PAINTED, begun = performance.now();
  const look = async () => document.querySelector(`.convkit-${name} .cvx-panels > *`)
    ? done((await painted())[1] - begun) : requestAnimationFrame(look);
  look();
})""".replace("PAINTED", PAINTED)


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


def moved(lab: Lab, name: str, turns: int) -> tuple[list[float], int]:
    """Milliseconds from a key on a slider to the changed picture, and how many settings were seen."""
    prediction, labels = SLIDERS[name]
    explorer, chance = lab.explorer(name), random.Random(SEED)
    explorer.predict(prediction)
    lab.page.wait_for_timeout(600)
    lab.page.evaluate(WATCH, [explorer.box.element_handle(), ".cvx-panels", "data-serial"])
    # Nodes, found once: to find a control by its label again takes the page longer than to draw a picture.
    sliders = [explorer.slider(label).element_handle() for label in labels]
    seen = set()
    for _ in range(turns):
        if sliders:
            slider = chance.choice(sliders)
            slider.press(key_for(chance, slider))
            lab.page.wait_for_timeout(180)  # the page is left alone while it draws
            seen.add(tuple(slider.get_attribute("aria-valuetext") for slider in sliders))
        else:
            seen.add(typed(explorer, chance))
            lab.page.wait_for_timeout(180)
    return lab.page.evaluate("() => window.__times"), len(seen)


def key_for(chance: random.Random, slider: Any) -> str:
    """A key that moves this slider, to a value nearby or far."""
    now, least, most = (float(slider.get_attribute(f"aria-value{part}")) for part in ("now", "min", "max"))
    down, up = ("ArrowLeft", "PageDown", "Home"), ("ArrowRight", "PageUp", "End")
    return chance.choice((*(down if now > least else ()), *(up if now < most else ())))


def typed(explorer: ExplorerOnPage, chance: random.Random) -> tuple[int, int, str]:
    """Another number in some cell of the image: where, and which."""
    row, column = chance.randrange(5), chance.randrange(5)
    cell = explorer.box.get_by_label(TYPED.format(row, column), exact=True)
    number = str(chance.choice([n for n in range(10) if str(n) != cell.input_value()]))
    cell.fill(number)
    cell.evaluate("(node) => node.dispatchEvent(new Event('change'))")
    return row, column, number


def redrawn(lab: Lab, name: str, turns: int) -> tuple[list[float], int]:
    """The same with Matplotlib: `with-matplotlib`, or `drawn-before`."""
    page, chance = lab.page, random.Random(SEED)
    page.wait_for_selector(f".{name} img")
    root = page.locator(f".{name}")
    page.evaluate(WATCH, [root.element_handle(), "img", "src"])
    slider, seen = root.locator(".noUi-handle").element_handle(), set()
    for _ in range(turns):
        slider.press(key_for(chance, slider))
        page.wait_for_timeout(500)
        seen.add(slider.get_attribute("aria-valuetext"))
    return page.evaluate("() => window.__times"), len(seen)


def stepped(lab: Lab) -> list[list[str]]:
    """Stepping and hovering, and how many messages went to the kernel meanwhile."""
    rows, chance = [], random.Random(SEED)
    keys = [chance.choice(("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End")) for _ in range(60)]
    places = [chance.randrange(1000) for _ in range(60)]
    for name, panel in (("stride", 0), ("padding", 0), ("filters", 0)):
        explorer = lab.explorer(name)
        explorer.settle()
        lab.page.wait_for_timeout(500)
        node, before = explorer.box.locator(".cvx-panel").nth(panel).element_handle(), lab.sent
        steps, hovers = lab.page.evaluate(STEP, [node, keys]), lab.page.evaluate(HOVER, [node, places])
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
        found = {name: moved(lab, name, turns) for name in SLIDERS}
        found["Matplotlib, redrawn"] = redrawn(lab, "with-matplotlib", max(turns // 2, 10))
        found["floor: drawn before"] = redrawn(lab, "drawn-before", max(turns // 2, 10))
        base = statistics.median(found["Matplotlib, redrawn"][0])
        rows = [
            [name, *spread(taken), f"{base / statistics.median(taken):.1f}", str(len(taken)), str(seen)]
            for name, (taken, seen) in found.items()
        ]
        head = ["", "median", "95 %", "Matplotlib's / this", "moves", "settings"]
        show("from a slider's move to the painted picture, all five open (aim: 50 ms, 95 % within 100 ms)", head, rows)
        head = ["", "step", "95 %", "hover", "95 %", "messages to the kernel"]
        show("stepping and hovering (aim: 16 ms, no message)", head, stepped(lab))
        lab.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
