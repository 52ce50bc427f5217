
// ---- The stage: pictures, player, what is said, facts, code. Everything that moves here moves without the kernel.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const button = (label, act) => {
  const node = make("button", { type: "button" }, label);
  node.addEventListener("click", act);
  return node;
};

const SMALLEST = 560; // pixels to which a wide picture shrinks before it scrolls
const WHOLE_SHOW = 4; // seconds for a picture that fills by itself

class Stage {
  constructor(model, host) {
    this.model = model;
    this.id = `cvx${Math.random().toString(36).slice(2, 8)}`; // on a page, the same explorer may stand twice
    this.position = [0, 0];
    this.filter = 0;
    this.panels = [];
    this.timer = null;
    this.nodes = {
      tables: make("div", { class: "cvx-tables" }),
      player: make("div", { class: "cvx-player", role: "group", "aria-label": "Player" }),
      main: make("div", { class: "cvx-main" }),
      moment: make("p", { class: "cvx-moment" }),
      live: make("div", { class: "cvx-live", role: "status", "aria-live": "polite" }),
      code: make("div", { class: "cvx-code" }),
      made: make("details", { class: "cvx-made" }),
    };
    this.nodes.panels = make("div", { class: "cvx-panels" });
    this.nodes.facts = make("div", { class: "cvx-facts" });
    this.buildPlayer();
    host.classList.add("cvx-stage");
    const { tables, player, main, moment, live, code, made, panels, facts } = this.nodes;
    main.append(panels, facts);
    host.append(tables, player, moment, main, live, code, made);
  }

  // ---- the player

  buildPlayer() {
    this.play = button("Play", () => (this.timer ? this.stop() : this.start()));
    this.play.classList.add("cvx-play");
    this.place = make("span", { class: "cvx-place" });
    this.speed = make("select", {}, ...[1, 2, 4, 8].map((n) => make("option", n === 2 ? { selected: "" } : {}, String(n))));
    this.speed.addEventListener("change", () => this.timer && (this.stop(), this.start()));
    this.nodes.player.append(
      button("Home", () => this.jump(0)),
      button("Step back", () => this.step(-1)),
      this.play,
      button("Step", () => this.step(1)),
      make("label", {}, "Speed (steps per second) ", this.speed),
      this.place,
    );
  }

  start(perSecond = Number(this.speed.value)) {
    if (!this.master) return;
    if (this.index() === this.count() - 1) this.jump(0, false);
    this.play.textContent = "Pause";
    this.timer = setInterval(() => {
      if (this.index() < this.count() - 1) this.jump(this.index() + 1, false);
      else this.stop();
    }, 1000 / perSecond);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
    this.speak(this.nodes.moment.textContent);
  }

  step(by) {
    if (this.timer) this.stop();
    this.jump(this.index() + by);
  }

  // ---- where the focus is

  get master() {
    return this.panels.find((panel) => panel.frames?.length || panel.pixels);
  }

  index() {
    return this.position[0] * this.master.columns + this.position[1];
  }

  count() {
    return this.master.rows * this.master.columns;
  }

  jump(n, aloud = true) {
    if (!this.master) return;
    const kept = Math.max(0, Math.min(n, this.count() - 1));
    this.go(Math.floor(kept / this.master.columns), kept % this.master.columns, this.filter, aloud);
  }

  go(row, column, filter = this.filter, aloud = true) {
    const master = this.master;
    if (!master) return;
    row = Math.max(0, Math.min(row, master.rows - 1));
    column = Math.max(0, Math.min(column, master.columns - 1));
    this.position = [row, column];
    this.filter = filter;
    this.clearReaders();
    const said = this.panels.map((panel) => this.showPanel(panel, row, column, filter)).filter(Boolean);
    const named = said.length > 1 ? said.map(([name, words]) => `${name}: ${words}`) : said.map(([, words]) => words);
    this.nodes.moment.textContent = named.join(" ");
    this.place.textContent = `Position ${this.index() + 1} of ${this.count()}`;
    if (aloud) this.speak(this.nodes.moment.textContent);
  }

  showPanel(panel, row, column, filter) {
    if (panel.follows) panel.svgs.forEach((svg, n) => svg.toggleAttribute("hidden", n !== filter));
    if (panel.pixels) {
      panel.mark(row, column, 1);
      return [panel.label, panel.mix(row, column, this.worked())];
    }
    if (!(panel instanceof Moving)) return null;
    const frame = panel.show(row, column, filter);
    return frame && [panel.label, frame.say];
  }

  // The pictures in which a pixel of a photo is worked out.
  worked() {
    return this.panels.filter((panel) => panel.follows).flatMap((panel) => panel.svgs);
  }

  speak(words) {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.nodes.live.textContent = words), 150);
  }

  // ---- what the kernel sends

  setScreen() {
    const screen = this.model.get("screen");
    if (!screen.panels) return;
    if (this.timer) this.stop();
    this.clearReaders();
    this.serial = screen.serial;
    this.nodes.panels.dataset.serial = screen.serial;
    this.panels = screen.panels.map((panel, n) => this.mount(panel, n));
    while (this.nodes.panels.children.length > this.panels.length) this.nodes.panels.lastChild.remove();
    this.nodes.facts.innerHTML = screen.facts;
    this.nodes.facts.hidden = !screen.facts;
    const widths = this.panels.map((panel) => panel.room ?? 0);
    this.nodes.panels.style.flex = `1 1 ${Math.min(1e4, widths.reduce((sum, width) => sum + width + 12, 0))}px`;
    this.setCode(screen.code);
    this.setMade(screen.predictions);
    this.setTables(screen.tables ?? []);
    const still = !screen.panels.some((panel) => panel.kind !== "still");
    this.nodes.player.hidden = this.nodes.moment.hidden = still;
    if (this.master?.pixels) this.home();
    // A weight may leave the rest as it is; what it does to the pixel in focus is heard as well.
    if (screen.said) this.speak(this.master?.pixels ? `${screen.said} ${this.nodes.moment.textContent}` : screen.said);
  }

  home() {
    const [row, column] = this.position[0] || this.position[1] ? this.position : this.master.panel.home;
    this.go(row, column, this.filter, false);
  }

  mount(panel, n) {
    const node = this.nodes.panels.children[n] ?? this.nodes.panels.appendChild(this.newPanel());
    node.className = `cvx-panel cvx-${panel.kind}`;
    node.setAttribute("aria-label", panel.kind === "still" ? panel.label : `${panel.label}. Arrow keys move.`);
    node.setAttribute("role", panel.kind === "still" ? "group" : "application");
    if (panel.kind === "photo") {
      const old = this.panels[n];
      const photo = old?.shows?.(panel) ? old : new Photo(node, panel, make);
      photo.change(panel);
      photo.label = panel.label;
      photo.room = 1e4; // photos stand in a row of their own
      node.style.flex = "1 1 100%";
      if (panel.frame) photo.mark(...panel.frame);
      return photo;
    }
    const drawn = this.draw(panel, n);
    const svgs = drawn.map(({ svg }) => svg);
    const room = Math.max(240, ...svgs.map((svg) => svg.width.baseVal.value)); // pixels that it would like
    for (const svg of svgs) svg.style.minWidth = `${Math.min(svg.width.baseVal.value, SMALLEST)}px`;
    node.style.flex = `1 1 ${Math.min(room, SMALLEST)}px`;
    exchange(node, [...node.children], svgs.length ? svgs : [make("p", {}, panel.label)]);
    svgs.forEach((svg, k) => svg.toggleAttribute("hidden", k !== Math.min(this.filter, svgs.length - 1)));
    if (panel.kind === "conv") this.filter = 0; // the other filters' pictures come later
    const found = panel.kind === "still" ? { svgs, follows: panel.follows } : new Moving(panel, svgs);
    return Object.assign(found, { label: panel.label, room, drawn });
  }

  // The pictures of a panel, made from those that stand in its place; numbers that were written in make one useless.
  draw(panel, n) {
    const old = this.panels[n];
    old?.putBack?.();
    return panel.svgs.map((text, k) => {
      const before = old?.follows ? null : old?.drawn?.[k];
      before?.change(text);
      return before ?? new Drawn(text, `${this.id}-${n}-${k}`);
    });
  }

  newPanel() {
    const node = make("div", { tabindex: "0" });
    node.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.point(event, node, false));
    node.addEventListener("pointerdown", (event) => this.point(event, node, true));
    node.addEventListener("pointermove", (event) => event.target.closest("img") && this.pointPhoto(event, node));
    node.addEventListener("keydown", (event) => this.key(event));
    return node;
  }

  setMotion() {
    const motion = this.model.get("motion");
    if (motion.serial !== this.serial) return;
    motion.panels.forEach(({ more, steps }, n) => {
      if (!steps[0]) return;
      const others = more.map((text, k) => new Drawn(text, `${this.id}-${n}-${k + 1}`).svg);
      this.panels[n].setMotion(others, steps);
    });
    this.nodes.player.hidden = this.nodes.moment.hidden = !this.master;
    if (this.master?.counts) this.jump(this.count() - 1, false);
    else if (this.master) this.go(...this.position, this.filter, false);
    this.nodes.panels.dataset.ready = this.serial;
    if (motion.play && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.jump(0, false);
      this.start(Math.max(8, this.count() / WHOLE_SHOW));
    }
  }

  setCode(lines) {
    const rows = lines.map(([library, line]) => {
      const copy = button("Copy", () => this.copy(line, library));
      copy.setAttribute("aria-label", `Copy the ${library} line`);
      return make("div", { class: "cvx-line" }, make("span", {}, library), make("code", {}, line), copy);
    });
    this.nodes.code.replaceChildren(...rows);
  }

  setMade(made) {
    const open = this.nodes.made.open;
    const items = made.map(([question, words]) => make("li", {}, question, make("br"), words));
    this.nodes.made.replaceChildren(make("summary", {}, `Your predictions so far: ${made.length}`), make("ol", {}, ...items));
    this.nodes.made.open = open;
    this.nodes.made.hidden = !made.length;
  }

  setTables(tables) {
    const key = JSON.stringify(tables);
    if (key === this.tablesKey) return; // a field that is being typed in stays as it is
    this.tablesKey = key;
    const focused = this.nodes.tables.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.nodes.tables.replaceChildren(...tables.map((table) => this.table(table)));
    if (focused) this.nodes.tables.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  table({ name, label, rows }) {
    const body = rows.map((row, r) =>
      make("div", { class: "cvx-cells" }, ...row.map((value, c) => this.cell(name, label, r, c, value))),
    );
    return make("fieldset", {}, make("legend", {}, label), ...body);
  }

  cell(name, label, row, column, value) {
    const input = make("input", {
      type: "number", step: "any", value, "data-key": `${name}.${row}.${column}`,
      "aria-label": `${label}, row ${row}, column ${column}`,
    });
    input.addEventListener("change", () => {
      if (input.value === "" || !Number.isFinite(input.valueAsNumber)) return void (input.value = value);
      this.model.set("typed", { table: name, row, column, value: input.valueAsNumber, at: Date.now() });
      this.model.save_changes();
    });
    return input;
  }

  async copy(line, library) {
    try {
      await navigator.clipboard.writeText(line);
    } catch {
      const area = document.body.appendChild(make("textarea", {}, line)); // without https there is no clipboard object
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    this.speak(`The ${library} line is copied.`);
  }

  // ---- the other way round: from a pixel to the outputs that read it

  readers(row, column) {
    const found = this.master;
    if (!(found instanceof Moving) || found.counts) return;
    row = Math.max(found.first[0], Math.min(row, found.last[0]));
    column = Math.max(found.first[1], Math.min(column, found.last[1]));
    this.pixel = [row, column];
    const key = `i0.${row}.${column}`;
    const reads = found.frames.filter((frame) => frame.changes[key]?.a?.class?.includes("cv-tap"));
    const svg = found.svgs[found.filter];
    this.clearReaders();
    for (const { position } of reads) {
      svg.querySelector(`#${CSS.escape(`${svg.id}-o${found.filter}.${position.join(".")}`)}`)?.classList.add("cvx-reader");
    }
    svg.querySelector(`#${CSS.escape(`${svg.id}-${key}`)}`)?.classList.add("cvx-reader");
    const many = reads.length === 1 ? "1 output" : `${reads.length} outputs`;
    const list = reads.map(({ position }) => `(${position.join(", ")})`).join(", ");
    this.nodes.moment.textContent = `The pixel at row ${row}, column ${column} is read for ${many}${list && `: ${list}`}.`;
  }

  clearReaders() {
    for (const cell of this.nodes.panels.querySelectorAll(".cvx-reader")) cell.classList.remove("cvx-reader");
  }

  // ---- mouse and keys

  point(event, node, click) {
    if (this.timer && !click) return;
    const cell = event.target.closest("[data-role]");
    if (!cell || !node.contains(cell) || !this.master || this.master.pixels) return;
    const { role, row, col, plane } = cell.dataset;
    if (this.timer) this.stop();
    if (role === "output") this.go(Number(row), Number(col), Number(plane), click);
    else if (["pixel", "pad", "unseen"].includes(role) && node.contains(this.master.svgs[0])) {
      this.readers(Number(row), Number(col));
      if (click) this.speak(this.nodes.moment.textContent);
    }
  }

  pointPhoto(event, node) {
    const photo = this.master;
    if (!photo?.pixels || !node.contains(event.target)) return;
    const box = event.target.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * photo.rows);
    const column = Math.floor(((event.clientX - box.left) / box.width) * photo.columns);
    this.go(row, column, this.filter, false);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.master) return;
    const [row, column] = this.position;
    if (event.shiftKey) return this.pixelKey(event);
    const keys = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      ArrowUp: () => this.go(row - 1, column),
      ArrowDown: () => this.go(row + 1, column),
      Home: () => this.jump(0),
      End: () => this.jump(this.count() - 1),
      PageDown: () => this.go(row, column, this.filter + 1 < this.filters() ? this.filter + 1 : this.filter),
      PageUp: () => this.go(row, column, Math.max(0, this.filter - 1)),
      " ": () => this.play.click(),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  // Shift and an arrow walk over the pixels of the input.
  pixelKey(event) {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by || !(this.master instanceof Moving) || this.master.counts) return;
    event.preventDefault();
    event.stopPropagation();
    const [row, column] = this.pixel ?? [-by[0], -by[1]];
    this.readers(row + by[0], column + by[1]);
    this.speak(this.nodes.moment.textContent);
  }

  filters() {
    return Math.max(...this.panels.map((panel) => panel.svgs?.length ?? 1));
  }
}

function render({ model, el }) {
  const stage = new Stage(model, el);
  const listeners = {
    "change:screen": () => stage.setScreen(),
    "change:motion": () => stage.setMotion(),
    "change:said": () => stage.speak(model.get("said")),
  };
  for (const [event, act] of Object.entries(listeners)) model.on(event, act);
  stage.setScreen();
  stage.setMotion();
  const name = () => {
    const root = el.closest(".convkit-explorer");
    if (root) nameControls(root, model.get("title"));
  };
  const times = [0, 50, 200, 1000, 3000].map((wait) => setTimeout(name, wait)); // sliders are built when they are shown
  const letGo = keepKeys(el);
  return () => {
    letGo();
    times.forEach(clearTimeout);
    clearInterval(stage.timer);
    for (const [event, act] of Object.entries(listeners)) model.off(event, act);
  };
}

export default { render };
