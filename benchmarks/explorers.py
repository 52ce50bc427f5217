"""How long a student waits in an explorer: measured in JupyterLab, in the browser, from the input to the picture.

    python -m benchmarks.explorers [TURNS]

A time ends when the frame with the new picture has been painted, not when its script has run. A neighbor is one step
of a slider, another option of a list or of a switch; other moves set a slider to any value. Their order is random, and
the same in each run.
The comparison is what a notebook would use instead: a slider that lets Matplotlib draw the same planes again.
The floor is a slider that shows images that were drawn before, without the kernel: what is left is the browser's own.
Saved pages are written first: the translated renderer and the tables of each explorer are cached from then on. The
first explorer after an installation takes about a second longer.
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
from convkit import explore
from convkit.explore import EXPLORERS
from tests.browser.cells import ALONE, READ_CELLS
from tests.browser.lab import RIGHT, Lab
from tests.browser.serve import CHROMIUM, NO_CHROMIUM, chromium, jupyter_lab

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
# A message that is posted in a frame's script arrives when the frame's style, layout and paint are done. It is posted
# before the move: Chromium looks through all forms for its autofill after each, which comes after the painted frame.
PAINTED = """(act) => new Promise((done) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel(), begun = performance.now();
  port1.onmessage = () => (port1.close(), done(performance.now() - begun));
  port2.postMessage(null);
  act();
}))"""
# Sets controls one after the other, as their own events do; each time ends with its frame.
MOVE = """async ([root, moves, pause]) => {
  const painted = PAINTED, times = [];
  for (const [label, value] of moves) {
    const input = root.querySelector(`[aria-label="${label}"]`) ?? root.querySelector("input");
    times.push(await painted(() => {
      input[input.type === "checkbox" ? "checked" : "value"] = value;
      for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
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
# Over cells of the role that the focus moves over, or over a photograph.
HOVER = (
    """async ([panel, role, positions]) => {
  const painted = PAINTED, times = [];
  for (const [n, position] of positions.entries()) {
    const cells = [...READ_CELLS(panel).filter((cell) => cell.role === role), ...panel.querySelectorAll("canvas")];
    if (!cells.length) return [];
    const found = cells[position % cells.length], cell = found.id ? document.getElementById(found.id) : found;
    const box = found.id ? ALONE(found, (one) => one.getBoundingClientRect()) : cell.getBoundingClientRect();
    const place = { clientX: box.left + (position % box.width), clientY: box.top + (position % box.height) };
    const event = new PointerEvent("pointermove", { pointerType: "mouse", bubbles: true, screenX: n + 1, ...place });
    times.push(await painted(() => cell.dispatchEvent(event)));
  }
  return times;
}""".replace("PAINTED", PAINTED)
    .replace("READ_CELLS", READ_CELLS)
    .replace("ALONE", ALONE)
)
OPENED = """(selector) => new Promise((done) => {
  const painted = PAINTED, begun = performance.now();
  const look = async () => document.querySelector(selector)
    ? (await painted(() => {}), done(performance.now() - begun)) : requestAnimationFrame(look);
  look();
})""".replace("PAINTED", PAINTED)
# Counted from the start of the navigation.
SHOWN = """() => new Promise((done) => {
  const painted = PAINTED;
  const look = async () => document.querySelector(".cvx-panels > *")
    ? (await painted(() => {}), done(performance.now())) : requestAnimationFrame(look);
  look();
})""".replace("PAINTED", PAINTED)
# Label, kind, value and all values of each control that is shown.
CONTROLS = """(root) => [...root.querySelectorAll(".cvx-controls :is(input[type=range], input[type=checkbox], select)")]
  .filter((input) => input.checkVisibility()).map((input) => {
    if (input.type === "checkbox") return [(input.ariaLabel = input.parentNode.textContent.trim()), "switch", input.checked, [false, true]];
    if (input.localName === "select") return [input.ariaLabel, "list", input.value, [...input.options].map((one) => one.value)];
    const [least, most, step] = [input.min, input.max, input.step].map(Number);
    const values = [...Array(Math.round((most - least) / step) + 1).keys()].map((n) => Number((least + n * step).toFixed(4)));
    return [input.ariaLabel, "slider", Number(input.value), values];
  })"""  # noqa: E501
ROLE = "(root) => root.stage.session.topic.walks"


def opened(lab: Lab) -> list[list[str]]:
    """Milliseconds from Shift+Enter to the explorer, for one after the other in one notebook, and kernel messages.

    The first output that is HTML costs JupyterLab more than others: a line of it comes before the explorers.
    """
    shown = {"a line of HTML": ".one-line"} | {name: f".convkit-{name} .cvx-panels > *" for name in EXPLORERS}
    line = "from IPython.display import HTML; HTML('<p class=\"one-line\">1</p>')"
    lab.open("one-by-one", ["from convkit import explore", line, *(f"explore.{name}()" for name in EXPLORERS)], run=1)
    rows = []
    for name, selector in shown.items():
        lab.page.wait_for_timeout(800)
        before = lab.sent
        lab.page.evaluate(f"() => {{ window.__opened = ({OPENED})('{selector}'); }}")
        lab.page.keyboard.press("Shift+Enter")
        taken = lab.page.evaluate("() => window.__opened")
        rows.append([name, readable(taken / 1000), str(lab.sent - before)])
    return rows


def pages_opened(browser: Any, folder: Path) -> list[list[str]]:
    """Milliseconds from the address to the painted explorer, for each saved page, and the size of its file."""
    page, rows = browser.new_page(), []
    for path in explore.pages(folder):
        times = []
        for _ in range(5):
            page.goto(path.as_uri(), wait_until="commit")
            times.append(page.evaluate(SHOWN))
        rows.append([path.stem, readable(statistics.median(times) / 1000), f"{path.stat().st_size / 1000:.0f} kB"])
    page.close()
    return rows


def moves_of(controls: list[Any], turns: int, near: bool) -> list[list[Any]]:
    """A walk over the controls: neighbors, or jumps of the sliders to any value."""
    chance, found = random.Random(SEED), []
    moving = [control for control in controls if near or control[1] == "slider"]
    now = {label: value for label, _, value, _ in moving}
    while moving and len(found) < turns:
        label, kind, _, values = chance.choice(moving)
        at = values.index(now[label])
        others = [
            value for n, value in enumerate(values) if n != at and (kind != "slider" or not near or abs(n - at) == 1)
        ]
        now[label] = chance.choice(others)
        found.append([label, now[label]])
    return found


def typed(turns: int) -> list[list[Any]]:
    """Numbers for cells of the image of *filters*."""
    chance = random.Random(SEED)
    cells = [(chance.randrange(5), chance.randrange(5)) for _ in range(turns)]
    return [[f"x, the image, row {row}, column {column}", chance.randrange(10)] for row, column in cells]


def moved(lab: Lab, name: str, turns: int) -> list[list[str]]:
    """Rows for neighbors, for other moves of an explorer, and for numbers that are typed."""
    explorer = lab.explorer(name)
    explorer.predict(RIGHT[name])
    explorer.still()
    root = explorer.box.element_handle()
    controls = lab.page.evaluate(CONTROLS, root)
    kinds = {"a neighbor": moves_of(controls, turns, True), "any other": moves_of(controls, turns, False)}
    if name == "filters":
        kinds["a number typed"] = typed(turns)
    rows = []
    for kind, moves in kinds.items():
        if moves:
            before = lab.sent
            times = lab.page.evaluate(MOVE, [root, moves, PAUSE])
            rows.append([name, kind, *spread(times), str(len(times)), str(lab.sent - before)])
    return rows


def redrawn(lab: Lab, turns: int) -> list[str]:
    """The same with Matplotlib in the kernel."""
    page, chance = lab.page, random.Random(SEED)
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
    root, chance, before = lab.page.locator(".drawn-before").element_handle(), random.Random(SEED), lab.sent
    root.scroll_into_view_if_needed()
    moves = [["", chance.randrange(6)] for _ in range(turns)]
    times = lab.page.evaluate(MOVE, [root, moves, PAUSE])
    return ["floor: drawn before", "any other", *spread(times), str(len(times)), str(lab.sent - before)]


def stepped(lab: Lab) -> list[list[str]]:
    """Stepping and hovering, and how many messages went to the kernel meanwhile."""
    rows, chance = [], random.Random(SEED)
    keys = [chance.choice(("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End")) for _ in range(60)]
    positions = [chance.randrange(1000) for _ in range(60)]
    for name in EXPLORERS:
        box = lab.explorer(name).box
        box.evaluate("(host) => host.stage.reset()")  # the last move may have led to sizes that don't fit
        lab.explorer(name).predict(RIGHT[name])
        lab.explorer(name).still()
        panel, role = box.locator(".cvx-panel[role=application]").first.element_handle(), box.evaluate(ROLE)
        before = lab.sent
        steps, hovers = lab.page.evaluate(STEP, [panel, keys]), lab.page.evaluate(HOVER, [panel, role, positions])
        rows.append([name, *spread(steps), *(spread(hovers) if hovers else ("", "")), str(lab.sent - before)])
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
        head = ["", "time", "file"]
        show(
            "from the address to a saved page's explorer (aim: 500 ms)",
            head,
            pages_opened(browser, Path(home, "pages")),
        )
        head = ["", "time", "messages to the kernel"]
        show("from Shift+Enter to the explorer (aim: 300 ms)", head, opened(lab))
        lab.open(
            "all", ["from convkit import explore", *(f"explore.{name}()" for name in EXPLORERS), MATPLOTLIB, FLOOR]
        )
        # Widgets come last. Showing the first one makes JupyterLab send messages of its own, which are not counted.
        lab.page.wait_for_selector(".with-matplotlib img")
        lab.page.wait_for_selector(".drawn-before img")
        lab.page.wait_for_timeout(1000)
        rows = [row for name in EXPLORERS for row in moved(lab, name, turns)]
        rows += [redrawn(lab, max(turns // 3, 10)), floor(lab, turns)]
        head = ["", "move", "median", "95 %", "moves", "messages to the kernel"]
        title = "to the painted picture, all open (aims: a neighbor 16 ms, 95 % in 33 ms; any other 50 and 100 ms)"
        show(title, head, rows)
        head = ["", "step", "95 %", "hover", "95 %", "messages to the kernel"]
        show("stepping and hovering (aim: 16 ms, no message)", head, stepped(lab))
        lab.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
