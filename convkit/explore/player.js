
// ---- A conv panel or a count panel: pictures that Python drew, and the frames that move them.

class Moving {
  // variants: one <svg> for each filter in focus; steps come later.
  constructor(panel, svgs) {
    this.panel = panel;
    this.svgs = svgs;
    this.movers = [];
    this.frames = [];
    this.filter = 0;
  }

  // more: the pictures with the other filters in focus
  setMotion(more, steps) {
    for (const svg of more) {
      svg.setAttribute("hidden", "");
      svg.style.minWidth = this.svgs[0].style.minWidth;
      this.svgs.at(-1).after(svg);
      this.svgs.push(svg);
    }
    this.steps = steps.map((one) => ({ ...one }));
    this.frames = this.steps[0].frames.filter((frame) => frame.position);
    this.nowhere = this.steps[0].frames.findIndex((frame) => !frame.position);
    this.columns = this.frames.at(-1).position[1] + 1;
    this.rows = this.frames.at(-1).position[0] + 1;
    this.counts = Boolean(steps[0].cumulative);
    const cells = [...this.svgs[0].querySelectorAll("[data-role]")].filter((cell) => cell.id.includes("-i0."));
    const places = cells.map((cell) => [Number(cell.dataset.row), Number(cell.dataset.col)]);
    this.first = places[0]; // of the input, padding too
    this.last = places.at(-1);
    this.movers = this.svgs.map((svg, n) => (this.counts ? counter : convkitMover)(svg, this.steps[n]));
  }

  // As the pictures were drawn.
  putBack() {
    this.movers[0]?.putBack();
  }

  show(row, column, filter) {
    if (!this.movers.length) return null;
    this.filter = Math.min(filter, this.svgs.length - 1);
    this.svgs.forEach((svg, n) => svg.toggleAttribute("hidden", n !== this.filter));
    const inside = row < this.rows && column < this.columns;
    const n = inside ? row * this.columns + column : this.nowhere;
    return n < 0 ? null : this.movers[this.filter].show(n);
  }
}

// Cells that are filled one after the other and stay: frame n has the changes of cell n alone.
function counter(picture, steps) {
  const find = (key) => picture.querySelector("#" + CSS.escape(picture.id + "-" + key));
  const cells = steps.frames.map((frame) => find(frame.key));
  const total = find("sum");
  const whole = total.textContent;
  return {
    putBack() {
      for (const cell of cells) cell.classList.remove("cv-waiting", "cv-here");
      total.textContent = whole;
    },
    show(n) {
      cells.forEach((cell, k) => {
        cell.classList.toggle("cv-waiting", k > n);
        cell.classList.toggle("cv-here", k === n);
      });
      total.textContent = steps.frames[n].sum;
      return steps.frames[n];
    },
  };
}
