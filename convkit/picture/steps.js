// Moves the focus of a picture that Python drew. It sets attributes and texts from `steps`, and computes none of them.
// picture: the <svg>; steps: what convkit.picture.steps gave. The id of an element is the picture's id, "-", its key.
function convkitMover(picture, steps) {
  const cells = {};
  const find = (key) => (cells[key] ??= picture.querySelector("#" + CSS.escape(picture.id + "-" + key)));
  const set = (key, change) => {
    const cell = find(key);
    if (!cell) return;
    for (const [name, value] of Object.entries(change.a ?? {})) cell.setAttribute(name, value);
    if (change.t !== undefined) (cell.querySelector(".cv-number") ?? cell).textContent = change.t;
    if (change.n !== undefined) cell.querySelector(".cv-factors").textContent = change.n;
  };
  let shown = steps.rest;
  const wait = (last) => {
    for (const cell of picture.querySelectorAll('[data-role="output"]')) {
      const order = Number(cell.dataset.row) * steps.columns + Number(cell.dataset.col);
      cell.classList.toggle("cv-waiting", order > last);
    }
  };
  return {
    // As it was drawn: at the first position.
    putBack() {
      this.show(0);
    },
    // Show frame n; with `reveal`, outputs after it stay empty. Returns the frame.
    show(n, reveal = false) {
      const frame = steps.frames[n];
      for (const key of Object.keys(shown)) set(key, steps.rest[key]);
      for (const [key, change] of Object.entries(frame.changes)) set(key, change);
      shown = frame.changes;
      wait(reveal ? n : steps.frames.length);
      picture.querySelector("desc").textContent = [steps.before, frame.say, reveal ? "" : steps.after].join(" ").trim();
      return frame;
    },
  };
}
