"""How long a student waits in an explorer: measured in a real JupyterLab, in the browser, from the key to the picture.

    python -m benchmarks.explorers [TURNS]

A time ends when the frame with the new picture has been painted, not when its script has run. A neighbor is one step
of a slider; other moves go to any value. Their order is random, and the same in each run.
The comparison is what a notebook would use instead: a slider that lets Matplotlib draw the same planes again.
The floor is a slider that shows images that were drawn before, without the kernel: what is left is the browser's own.
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
from tests.browser.lab import Lab
from tests.browser.serve import CHROMIUM, NO_CHROMIUM, chromium, jupyter_lab

SLIDERS: dict[str, tuple[str, tuple[str, ...]]] = {  # explorer: (a prediction, sliders to move)
    "parameters": ("76", ("Kernel size (px)", "Channels in", "Filters")),
    "padding": ("1, 1", ("Image size (px)", "Kernel size (px)", "Stride (px)")),
    "stride": ("4 x 4", ("Image height (px)", "Image width (px)", "Kernel size (px)", "Stride down (px)")),
    "pointwise": ("8", ("Filter 0, red", "Filter 0, green", "Filter 1, blue")),
    "filters": ("10", ()),
}
SEED = 4
PAUSE = 120  # milliseconds between moves, in which the page is left alone
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

explorer(planes, "with-matplotlib")
"""
FLOOR = """
import base64
from IPython.display import HTML
sources = [f"data:image/png;base64,{base64.b64encode(planes(strides)).decode()}" for strides in range(1, 7)]
HTML(f'''<div class="drawn-before"><input type="range" min="0" max="5" value="1"><img src="{sources[1]}"></div><script>
(() => {{ const [input, image] = document.querySelector(".drawn-before").children, sources = {sources};
input.oninput = () => (image.src = sources[input.value]); }})();</script>''')
"""
# A message that is posted in a frame's script arrives when the frame's style, layout and paint are done.
PAINTED = """(act) => new Promise((done) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel(), begun = performance.now();
  act();
  port1.onmessage = () => (port1.close(), done(performance.now() - begun));
  port2.postMessage(null);
}))"""
# Sets sliders (or fields) one after the other, as their own events do; each time ends with its frame.
MOVE = """async ([root, moves, pause]) => {
  const painted = PAINTED, times = [];
  for (const [label, value] of moves) {
    const input = root.querySelector(`[aria-label="${label}"]`) ?? root.querySelector("input");
    times.push(await painted(() => {
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }));
    await new Promise((done) => setTimeout(done, pause));
  }
  return times;
}""".replace("PAINTED", PAINTED)
# From a key on a slider of ipywidgets to the frame with the changed image.
WATCH = """([root]) => {
  const painted = PAINTED, times = (window.__times = []), image = root.querySelector("img");
  let begun = null;
  root.addEventListener("keydown", () => (begun = performance.now()), true);
  new MutationObserver(async () => {
    if (begun === null) return;
    const start = begun;
    begun = null;
    await image.decode();
    await painted(() => {});
    times.push(performance.now() - start);
  }).observe(image, { attributeFilter: ["src"] });
}""".replace("PAINTED", PAINTED)
STEP = """async ([panel, keys]) => {
  const painted = PAINTED, times = [];
  for (const key of keys) {
    times.push(await painted(() => panel.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))));
  }
  return times;
}""".replace("PAINTED", PAINTED)
HOVER = """async ([panel, positions]) => {
  const painted = PAINTED, times = [];
  for (const [n, position] of positions.entries()) {
    const cells = panel.querySelectorAll('[data-role="output"]');
    const event = new PointerEvent("pointermove", { pointerType: "mouse", bubbles: true, screenX: n + 1 });
    times.push(await painted(() => cells[position % cells.length].dispatchEvent(event)));
  }
  return times;
}""".replace("PAINTED", PAINTED)
OPENED = """(name) => new Promise((done) => {
  const painted = PAINTED, begun = performance.now();
  const look = async () => document.querySelector(`.convkit-${name} .cvx-panels > *`)
    ? (await painted(() => {}), done(performance.now() - begun)) : requestAnimationFrame(look);
  look();
})""".replace("PAINTED", PAINTED)
LIMITS = """(root) => [...root.querySelectorAll("input[type=range]")]
  .map((input) => [input.ariaLabel, Number(input.min), Number(input.max), Number(input.step), Number(input.value)])"""


def opened(lab: Lab) -> list[list[str]]:
    """Milliseconds from Shift+Enter to the explorer, for one after the other in one notebook, and kernel messages."""
    names = list(SLIDERS)
    lab.open("one-by-one", ["from convkit import explore", *(f"explore.{name}()" for name in names)], run=1)
    rows = []
    for name in names:
        lab.page.wait_for_timeout(800)
        before = lab.sent
        lab.page.evaluate(f"() => {{ window.__opened = ({OPENED})('{name}'); }}")
        lab.page.keyboard.press("Shift+Enter")
        taken = lab.page.evaluate("() => window.__opened")
        rows.append([name, readable(taken / 1000), str(lab.sent - before)])
    return rows


def moves_of(limits: dict[str, tuple[float, ...]], labels: tuple[str, ...], turns: int, near: bool) -> list[list[Any]]:
    """A walk over the sliders: single steps, or jumps to any value."""
    chance, now, found = random.Random(SEED), {label: limits[label][3] for label in labels}, []
    while len(found) < turns:
        label = chance.choice(labels)
        least, most, step, _ = limits[label]
        others = [least + n * step for n in range(round((most - least) / step) + 1)]
        if near:
            others = [value for value in others if abs(abs(value - now[label]) - step) < step / 2]
        value = chance.choice([value for value in others if value != now[label]])
        now[label] = value
        found.append([label, round(value, 4)])
    return found


def typed(turns: int) -> list[list[Any]]:
    """Numbers for cells of the image."""
    chance = random.Random(SEED)
    cells = [(chance.randrange(5), chance.randrange(5)) for _ in range(turns)]
    return [[f"x, the image, row {row}, column {column}", chance.randrange(10)] for row, column in cells]


def moved(lab: Lab, name: str, turns: int) -> list[list[str]]:
    """Rows for neighbors and for other moves of an explorer."""
    prediction, labels = SLIDERS[name]
    explorer = lab.explorer(name)
    explorer.predict(prediction)
    explorer.still()
    root = explorer.box.element_handle()
    rows = []
    for near in (True, False) if labels else (False,):
        limits = {label: tuple(rest) for label, *rest in lab.page.evaluate(LIMITS, root)}
        moves = moves_of(limits, labels, turns, near) if labels else typed(turns)
        before = lab.sent
        times = lab.page.evaluate(MOVE, [root, moves, PAUSE])
        what = ("a neighbor" if near else "any other") if labels else "a number typed"
        rows.append([name, what, *spread(times), str(len(times)), str(lab.sent - before)])
    return rows


def redrawn(lab: Lab, turns: int) -> list[str]:
    """The same with Matplotlib in the kernel."""
    page, chance = lab.page, random.Random(SEED)
    page.wait_for_selector(".with-matplotlib img")
    root = page.locator(".with-matplotlib")
    page.evaluate(WATCH, [root.element_handle()])
    slider, before = root.locator(".noUi-handle").element_handle(), lab.sent
    for _ in range(turns):
        now = float(slider.get_attribute("aria-valuenow"))
        slider.press(chance.choice([*(["ArrowLeft"] if now > 1 else []), *(["ArrowRight"] if now < 6 else [])]))
        page.wait_for_timeout(500)
    times = page.evaluate("() => window.__times")
    return ["Matplotlib, redrawn", "a neighbor", *spread(times), str(len(times)), str(lab.sent - before)]


def floor(lab: Lab, turns: int) -> list[str]:
    """The same with images that were drawn before."""
    lab.page.wait_for_selector(".drawn-before img")
    root, chance, before = lab.page.locator(".drawn-before").element_handle(), random.Random(SEED), lab.sent
    moves = [["", chance.randrange(6)] for _ in range(turns)]
    times = lab.page.evaluate(MOVE, [root, moves, PAUSE])
    return ["floor: drawn before", "any other", *spread(times), str(len(times)), str(lab.sent - before)]


def stepped(lab: Lab) -> list[list[str]]:
    """Stepping and hovering, and how many messages went to the kernel meanwhile."""
    rows, chance = [], random.Random(SEED)
    keys = [chance.choice(("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End")) for _ in range(60)]
    positions = [chance.randrange(1000) for _ in range(60)]
    for name in ("stride", "padding", "filters"):
        node = lab.explorer(name).box.locator(".cvx-panel").first.element_handle()
        before = lab.sent
        steps, hovers = lab.page.evaluate(STEP, [node, keys]), lab.page.evaluate(HOVER, [node, positions])
        rows.append([name, *spread(steps), *spread(hovers), str(lab.sent - before)])
    return rows


def spread(milliseconds: list[float]) -> list[str]:
    """Median and 95th percentile."""
    return [readable(value / 1000) for value in (statistics.median(milliseconds), percentile(milliseconds))]


def percentile(values: list[float], part: float = 0.95) -> float:
    """The value below which that part lies."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def main(turns: int = 40) -> None:
    """Measure and print."""
    if not Path(CHROMIUM).exists():
        print(NO_CHROMIUM)
        return
    with tempfile.TemporaryDirectory() as home, jupyter_lab(Path(home)) as server, chromium() as browser:
        lab = Lab(server, browser)
        head = ["", "time", "messages to the kernel"]
        show("from Shift+Enter to the explorer (aim: 300 ms)", head, opened(lab))
        cells = ["from convkit import explore", *(f"explore.{name}()" for name in SLIDERS), MATPLOTLIB, FLOOR]
        lab.open("all-five", cells)
        rows = [row for name in SLIDERS for row in moved(lab, name, turns)]
        rows += [redrawn(lab, max(turns // 3, 10)), floor(lab, turns)]
        head = ["", "move", "median", "95 %", "moves", "messages to the kernel"]
        title = "to the painted picture, all five open (aims: a neighbor 16 ms, 95 % in 33 ms; any other 50 and 100 ms)"
        show(title, head, rows)
        head = ["", "step", "95 %", "hover", "95 %", "messages to the kernel"]
        show("stepping and hovering (aim: 16 ms, no message)", head, stepped(lab))
        lab.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
