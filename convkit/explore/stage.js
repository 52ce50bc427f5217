
// ---- The stage: controls, player, pictures, and what is said. What is drawn and said comes from the session.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const button = (label, act, attributes = {}) => {
  const node = make("button", { type: "button", ...attributes }, label);
  node.addEventListener("click", act);
  return node;
};

const put = (node, text) => node.textContent !== text && (node.textContent = text);
const WHOLE_SHOW = 4; // seconds for a picture that fills by itself
const QUIET = 150; // milliseconds before the live region speaks, so that a slider does not chatter
const WIDE = 700; // pixels from which pictures keep to one screen
const KEPT = 40; // pictures that are ready to be shown
const ENOUGH = 10; // milliseconds that one more picture takes, at most
const whenIdle = (act) => (window.requestIdleCallback ?? setTimeout)(act);

class Stage {
  constructor(host, session, photo) {
    Object.assign(this, { host, session, photo, serial: 0, timer: null, rooms: {}, drawn: [], pixel: null, ready: new Map() });
    this.id = `cvx${Math.random().toString(36).slice(2, 8)}`; // on a page, the same explorer may stand twice
    this.build();
    this.showControls();
    this.watchRoom();
    this.render();
  }

  // ---- the page

  build() {
    const { topic } = this.session;
    this.nodes = {
      ask: make("strong"),
      asked: make("span"),
      verdict: make("p", { class: "cvx-verdict", hidden: "" }),
      panels: make("div", { class: "cvx-panels" }),
      moment: make("p", { class: "cvx-moment" }),
      sum: make("p", { class: "cvx-sum" }),
      facts: make("div", { class: "cvx-facts" }),
      code: make("div", { class: "cvx-code" }),
      live: make("div", { class: "cvx-live", role: "status", "aria-live": "polite" }),
      made: make("ol"),
      madeCount: make("summary"),
    };
    const { ask, asked, verdict, panels, moment, sum, facts, code, live, made, madeCount } = this.nodes;
    this.worked = make("details", { class: "cvx-worked" }, make("summary", {}, "The sum in full"), sum);
    this.why = make("details", { class: "cvx-why" }, make("summary", {}, "Why, and in code"), make("div", { class: "cvx-beside" }, facts, code));
    this.why.addEventListener("toggle", () => this.fillWhy());
    this.past = make("details", { class: "cvx-made", hidden: "" }, madeCount, made);
    const head = make("p", { class: "cvx-head" }, make("strong", { class: "cvx-title" }, topic.title), " ", topic.invitation);
    const parts = [head, ...(topic.asks ? [make("p", { class: "cvx-question" }, ask, " ", asked), this.buildForm(), verdict] : []), this.buildControls()];
    const body = make("div", { class: "cvx-body" }, this.tables, panels);
    parts.push(this.buildPlayer(), moment, body, this.worked, this.why, this.past, live);
    this.host.setAttribute("role", "group");
    this.host.setAttribute("aria-label", topic.title);
    this.host.replaceChildren(...parts);
  }

  buildForm() {
    this.guess = make("input", { type: "text", placeholder: this.session.topic.answer_hint, autocomplete: "off", class: "cvx-guess" });
    this.guess.addEventListener("keydown", (event) => event.key === "Enter" && this.predict());
    return make(
      "div", { class: "cvx-form" },
      make("label", {}, "Your prediction ", this.guess),
      button("Predict", () => this.predict(), { class: "cvx-primary" }),
      button("Next question", () => this.another()),
    );
  }

  buildControls() {
    this.controls = this.session.topic.knobs.map((knob) => new Control(knob, (value) => this.turn(knob.name, value), (...cell) => this.type(knob.name, ...cell)));
    this.tables = make("div", { class: "cvx-tables" });
    const rows = new Map(); // knobs of one filter, or of one layer, share a row
    for (const { row, node } of this.controls) {
      if (!rows.has(row)) rows.set(row, make("div", { class: "cvx-row" }, ...(row ? [make("strong", {}, row)] : [])));
      (row === "tables" ? this.tables : rows.get(row)).append(node);
    }
    rows.delete("tables");
    return make("div", { class: "cvx-controls" }, ...rows.values());
  }

  buildPlayer() {
    this.playButton = button("Play", () => (this.timer ? this.stop() : this.play()), { class: "cvx-play" });
    this.place = make("span", { class: "cvx-place" });
    this.speed = make("select", {}, ...[1, 2, 4, 8].map((n) => make("option", n === this.session.topic.speed ? { selected: "" } : {}, String(n))));
    this.speed.addEventListener("change", () => this.timer && (this.stop(), this.play()));
    this.player = make(
      "div", { class: "cvx-player", role: "group", "aria-label": "Player" },
      button("Home", () => this.jump(0)),
      button("Step back", () => this.step(-1)),
      this.playButton,
      button("Step", () => this.step(1)),
      make("label", {}, "Steps per second ", this.speed),
      this.place,
    );
    return this.player;
  }

  // The pictures are drawn for the room that there is: parts that don't fit go below. Tables that are shown take some.
  watchRoom() {
    const measure = () => {
      const { clientWidth } = this.host;
      if (!clientWidth) return false; // not shown yet
      this.host.classList.toggle("cvx-wide", clientWidth >= WIDE);
      if (clientWidth !== this.width) {
        this.keepRoom(0);
        Object.assign(this, { width: clientWidth, rooms: {} });
      }
      const room = Math.floor(this.nodes.panels.clientWidth), known = this.session.room ?? 0;
      this.rooms[this.hasTables(this.session)] = room;
      return Math.abs(room - known) >= 4;
    };
    measure();
    this.observer = new ResizeObserver(([{ contentRect }]) => (measure() ? this.render() : this.keepRoom(contentRect.height)));
    this.observer.observe(this.nodes.panels);
  }

  hasTables({ topic, settings }) {
    const idle = topic.idle(settings);
    return this.controls.some(({ row, knob }) => row === "tables" && !idle.includes(knob.name));
  }

  // Pictures leave the room that the tallest one took: a page that does not move has less to lay out and to paint.
  keepRoom(height) {
    if (height && height <= this.tallest) return;
    this.tallest = height;
    this.nodes.panels.style.minHeight = height ? `${height}px` : "";
  }

  // As it was opened: nothing predicted, nothing changed.
  reset() {
    this.stop();
    this.keepRoom(0);
    const { room, topic, opening } = this.session;
    this.session = Object.assign(new this.session.constructor(topic, opening), { room });
    for (const details of this.host.querySelectorAll("details")) details.open = false;
    if (this.guess) this.guess.value = "";
    this.tell("");
    this.render();
  }

  // ---- what a person does

  turn(name, value) {
    this.turned = name;
    this.act(() => this.session.turn(name, value));
  }

  type(name, row, column, value) {
    this.act(() => this.session.type(name, row, column, value));
  }

  act(change) {
    this.stop();
    try {
      change();
      this.tell(this.session.remembered);
      this.speak(this.render().said);
    } catch (error) {
      this.tell(error.message, true);
    }
  }

  predict() {
    this.stop();
    const words = this.session.predict(this.guess.value);
    this.render();
    this.tell(words, true);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (this.session.topic.plays && !this.session.covered && !still) {
      this.jump(0, false);
      this.play(Math.max(8, this.session.count / WHOLE_SHOW));
    }
  }

  another() {
    this.stop();
    this.keepRoom(0);
    this.session.ask_another();
    this.guess.value = "";
    this.tell("");
    this.speak(this.render().said);
    this.guess.focus();
  }

  // ---- the player

  play(perSecond = Number(this.speed.value)) {
    if (!this.session.count) return;
    if (this.session.index === this.session.count - 1) this.jump(0, false);
    put(this.playButton, "Pause");
    this.timer = setInterval(() => {
      if (this.session.index < this.session.count - 1) this.jump(this.session.index + 1, false);
      else this.stop();
    }, 1000 / perSecond);
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    put(this.playButton, "Play");
    this.speak(this.nodes.moment.textContent);
    this.drawAhead();
  }

  step(by) {
    this.stop();
    this.jump(this.session.index + by);
  }

  jump(n, aloud = true) {
    this.session.jump(n);
    this.moved(aloud);
  }

  go(row, column, filter, aloud = true) {
    this.session.go(row, column, filter);
    this.moved(aloud);
  }

  moved(aloud) {
    this.pixel = null;
    this.render();
    if (aloud) this.speak(this.nodes.moment.textContent);
  }

  // ---- what a person sees

  render() {
    const { session, nodes } = this;
    const { view, pictures, count, index } = this.made(session);
    this.showControls();
    nodes.panels.dataset.serial = ++this.serial;
    view.panels.forEach((panel, n) => this.mount(panel, n, pictures[n]));
    while (nodes.panels.children.length > view.panels.length) nodes.panels.lastChild.remove();
    this.drawn.length = view.panels.length;
    this.panels = view.panels;
    this.player.hidden = nodes.moment.hidden = count < 2;
    put(nodes.moment, view.moment);
    put(this.place, `Position ${index + 1} of ${count}`);
    put(nodes.sum, view.worked_out);
    this.worked.hidden = !view.worked_out;
    this.showWhy(view);
    this.showQuestion();
    this.drawAhead();
    return view;
  }

  showControls() {
    const { topic, settings } = this.session, idle = topic.idle(settings);
    this.controls.forEach((control) => control.show(settings.get(control.knob.name), idle));
    for (const row of this.host.querySelectorAll(".cvx-row, .cvx-tables")) row.hidden = [...row.children].every((node) => node.hidden || node.tagName === "STRONG");
  }

  // What a session shows, and its pictures as SVG: made ahead, or now.
  made(session) {
    session.room = this.rooms[this.hasTables(session)] ?? session.room ?? 880;
    const key = this.stateOf(session);
    if (!this.ready.has(key)) {
      const { view } = session; // which moves the focus to where it can be
      const draw = (panel, n) => panel.layout && $modules["convkit.picture.svg"].pieces(panel.layout, `${this.id}-${n}`, "page");
      const { count, index, position, filter } = session;
      this.ready.set(key, { view, pictures: view.panels.map(draw), count, index, focus: [position, filter] });
      if (this.ready.size > KEPT) this.ready.delete(this.ready.keys().next().value);
    }
    const found = this.ready.get(key);
    [session.position, session.filter] = found.focus;
    return found;
  }

  stateOf({ settings, position, filter, covered, room }) {
    return JSON.stringify([settings.items(), position, filter, covered, room]);
  }

  // Pictures one move away are drawn while the page is idle, until something else is shown.
  drawAhead() {
    const { serial } = this;
    let waiting = null;
    const next = (idle) => {
      if (serial !== this.serial || this.timer || !this.host.isConnected) return;
      waiting ??= this.neighbors();
      do {
        if (!waiting.length) return;
        const { view, pictures } = this.made(waiting.pop());
        pictures.forEach((picture, n) => picture && this.drawn[n]?.prepare(picture));
        view.panels.forEach((panel) => panel.images.forEach((image) => this.photo.shades(image)));
      } while (idle?.timeRemaining() > ENOUGH);
      whenIdle(next);
    };
    whenIdle(next);
  }

  // The session as each control's next move would leave it, and with its answer; the control that was used last comes last.
  neighbors() {
    const copy = () => Object.assign(Object.create(Object.getPrototypeOf(this.session)), this.session);
    const turned = ({ knob }) => near(knob, this.session.settings.get(knob.name)).map((value) => {
      const session = copy();
      session.turn(knob.name, value);
      return session;
    });
    const isLast = ({ knob }) => knob.name === this.turned;
    const found = this.controls.filter((control) => !control.node.hidden).sort((a, b) => isLast(a) - isLast(b)).flatMap(turned);
    return this.session.covered ? [...found, Object.assign(copy(), { covered: false })] : found;
  }

  showQuestion() {
    const { session, nodes } = this;
    if (!session.topic.asks) return;
    put(nodes.ask, session.covered ? "Predict." : "Asked:");
    put(nodes.asked, session.question);
    put(nodes.madeCount, `Your predictions so far: ${session.predictions.length}`);
    this.past.hidden = !session.predictions.length;
    if (nodes.made.children.length === session.predictions.length) return;
    nodes.made.replaceChildren(...session.predictions.map((made) => make("li", {}, made.question, make("br"), plain(made.words))));
  }

  // Below a closed heading, what has changed is written when there is time.
  showWhy(view) {
    this.because = view;
    this.why.hidden = !view.facts && !view.code.length;
    if (this.why.open) this.fillWhy();
    else whenIdle(() => this.fillWhy());
  }

  fillWhy() {
    const { facts, code } = this.because;
    if (this.facts !== facts) this.nodes.facts.innerHTML = this.facts = facts;
    const key = code.join();
    if (this.codeKey === key) return;
    this.codeKey = key;
    this.nodes.code.replaceChildren(...code.map(([library, line]) => this.codeLine(library, line)));
  }

  codeLine(library, line) {
    const copy = button("Copy", () => this.copy(library, line), { "aria-label": `Copy the ${library} line` });
    return make("div", { class: "cvx-line" }, make("span", {}, library), make("code", {}, line), copy);
  }

  mount(panel, n, picture) {
    const node = this.nodes.panels.children[n] ?? this.nodes.panels.appendChild(this.newPanel());
    const kind = panel.layout ? "picture" : panel.images.length ? "photo" : "words";
    if (node.dataset.kind !== kind) {
      node.dataset.kind = kind;
      node.className = `cvx-panel cvx-${kind}`;
      node.replaceChildren();
      this.drawn[n] = null;
    }
    set(node, "role", panel.moves ? "application" : "group");
    set(node, "aria-label", panel.moves ? `${panel.label}. Arrow keys move.` : panel.label);
    if (panel.layout || panel.moves) node.tabIndex = 0;
    else node.removeAttribute("tabindex");
    if (kind === "words") put(node, panel.label);
    else if (kind === "photo") this.mountPhoto(panel, node);
    else this.mountPicture(panel, node, n, picture);
  }

  mountPicture(panel, node, n, picture) {
    if (this.drawn[n]) {
      this.mark(n, []);
      this.drawn[n].change(picture);
    } else {
      this.drawn[n] = new Drawn(picture);
      node.replaceChildren(make("p", { class: "cvx-panel-name" }), this.drawn[n].svg);
    }
    const name = node.firstChild;
    put(name, panel.label);
    name.hidden = !panel.has_heading;
  }

  mountPhoto(panel, node) {
    while (node.children.length < panel.images.length) {
      const canvas = make("canvas", { role: "img" });
      node.append(make("figure", {}, make("div", { class: "cvx-image" }, canvas, make("span", { class: "cvx-cursor" })), make("figcaption")));
    }
    while (node.children.length > panel.images.length) node.lastChild.remove();
    const [row, column, size] = panel.frame ?? [...this.session.position, 1];
    panel.images.forEach((image, n) => {
      const canvas = node.children[n].querySelector("canvas");
      this.photo.paint(canvas, image);
      canvas.setAttribute("aria-label", image.alt);
      put(node.children[n].querySelector("figcaption"), image.label);
      this.frame(node.children[n].querySelector(".cvx-cursor"), row, column, size, Boolean(panel.frame || panel.moves));
    });
  }

  frame(cursor, row, column, size, shown) {
    const percent = (value, whole) => `${(100 * value) / whole}%`;
    const { width, height } = this.photo;
    cursor.hidden = !shown;
    Object.assign(cursor.style, { left: percent(column, width), top: percent(row, height), width: percent(size, width), height: percent(size, height) });
  }

  tell(words, aloud = false) {
    const { verdict } = this.nodes;
    verdict.hidden = !words;
    if (words !== this.told) verdict.replaceChildren(...words.split("`").map((part, n) => (n % 2 ? make("code", {}, part) : part)));
    this.told = words;
    if (aloud) this.speak(plain(words));
  }

  speak(words) {
    clearTimeout(this.speaking);
    this.speaking = words && setTimeout(() => {
      this.nodes.live.textContent = words;
      this.speaking = 0;
    }, QUIET);
  }

  async copy(library, line) {
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

  // ---- from a pixel to the outputs that read it; where the focus moves over pixels, from an output to its pixels

  get overPixels() {
    return this.session.topic.walks === "pixel";
  }

  readers(row, column, aloud, plane = 0) {
    const { topic, settings, filter } = this.session;
    const from = this.overPixels ? "o0" : `i${plane}`;
    const cells = this.panels[0].layout?.boxes.filter((box) => box.key.startsWith(`${from}.`)) ?? [];
    const rows = cells.map((box) => about(box).row), columns = cells.map((box) => about(box).col);
    if (!rows.length || !this.session.count) return;
    row = Math.max(Math.min(...rows), Math.min(row, Math.max(...rows)));
    column = Math.max(Math.min(...columns), Math.min(column, Math.max(...columns)));
    this.pixel = [row, column];
    const filters = [...topic.filters_reading(settings, plane)];
    const to = this.overPixels ? ["i0"] : (filters.length ? filters : [filter]).map((one) => `o${one}`);
    const found = this.session.readers(row, column);
    this.mark(0, [`${from}.${row}.${column}`, ...to.flatMap((one) => found.map((place) => `${one}.${place.join(".")}`))]);
    put(this.nodes.moment, topic.readers_words(settings, row, column, found, plane));
    if (aloud) this.speak(this.nodes.moment.textContent);
  }

  // Frames around cells, above the picture.
  mark(n, keys) {
    const { svg } = this.drawn[n], { outline_path } = $modules["convkit.picture.svg"];
    for (const frame of svg.querySelectorAll(".cvx-reader")) frame.remove();
    const boxes = keys.length ? this.panels[n].layout.boxes.filter((box) => keys.includes(box.key)) : [];
    svg.append(...svgFrom(boxes.map((box) => `<path id="${svg.id}-${box.key}" class="cvx-reader" d="${outline_path(box)}"/>`).join("")));
  }

  // ---- mouse and keys

  newPanel() {
    const node = make("div");
    node.addEventListener("pointermove", (event) => this.hover(event, node));
    node.addEventListener("click", (event) => this.point(event, node, true)); // on release: a press can be taken back
    node.addEventListener("keydown", (event) => this.key(event, node));
    return node;
  }

  // Pictures move under a mouse that rests, and browsers say so: only a mouse that moved points at something.
  hover(event, node) {
    const here = `${event.screenX},${event.screenY}`;
    if (event.pointerType !== "mouse" || this.timer || here === this.mouse) return;
    this.mouse = here;
    this.point(event, node, false);
  }

  point(event, node, click) {
    const panel = this.panels[[...this.nodes.panels.children].indexOf(node)];
    if (!panel?.moves || !this.session.count) return;
    if (panel.images.length) return this.pointPhoto(event);
    const n = this.panels.indexOf(panel), box = event.target.closest("[data-role]") && this.boxAt(n, event);
    const key = box && `${n} ${box.key}`;
    if (!box || (!click && key === this.pointed)) return;
    this.pointed = key;
    this.stop();
    const { row, col, plane } = about(box);
    const read = this.overPixels ? ["output"] : ["pixel", "pad", "unseen"];
    if (box.role === this.session.topic.walks) this.go(row, col, plane, click);
    else if (read.includes(box.role) && n === 0) this.readers(row, col, click, plane);
  }

  // The cell of a picture below the mouse; the right edge of a cell in depth is higher.
  boxAt(n, { clientX, clientY }) {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(this.drawn[n].svg.getScreenCTM().inverse());
    const isBelow = (box) => {
      const across = (x - box.x) / box.width, down = y - box.y + across * box.slant;
      return across >= 0 && across < 1 && down >= 0 && down < box.height && !box.states.includes("swatch");
    };
    return this.panels[n].layout.boxes.find(isBelow);
  }

  pointPhoto(event) {
    const image = event.target.closest("canvas");
    if (!image) return;
    const box = image.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.photo.height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * this.photo.width);
    this.go(row, column, this.session.filter, false);
  }

  key(event, node) {
    const panel = this.panels[[...this.nodes.panels.children].indexOf(node)];
    if (event.altKey || event.ctrlKey || event.metaKey || !panel?.moves || !this.session.count) return;
    const { session } = this;
    const [row, column] = session.position;
    const keys = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      ArrowUp: () => this.go(row - 1, column, session.filter),
      ArrowDown: () => this.go(row + 1, column, session.filter),
      Home: () => this.jump(0),
      End: () => this.jump(session.count - 1),
      PageDown: () => this.go(row, column, session.filter + 1),
      PageUp: () => this.go(row, column, session.filter - 1),
      " ": () => this.playButton.click(),
    };
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (event.shiftKey && !by) return;
    const act = event.shiftKey ? () => this.walk(...by) : keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  // Shift and an arrow walk over the pixels of the input, or over the outputs where the focus moves over pixels.
  walk(down, right) {
    const [row, column] = this.pixel ?? [-down, -right];
    this.readers(row + down, column + right, true);
  }
}

// The values that one step of a slider, another option or a switch lead to.
function near(knob, now) {
  const kind = knob.constructor.name;
  if (kind === "Choice") return [...knob.values].filter((value) => value !== now);
  if (kind === "Switch") return [!now];
  if (kind === "Table") return [];
  const step = knob.step ?? 1;
  return [now - step, now + step].filter((value) => value >= knob.least && value <= knob.most);
}

const about = (box) => Object.fromEntries(box.data);
const plain = (words) => words.replaceAll("`", "");

// One knob: a slider with a field for its number, a list, a switch, or a table of fields.
class Control {
  constructor(knob, turn, type) {
    const [, row = "", name = knob.label] = /^((?:Filter|Layer) \d), (.*)$/.exec(knob.label) ?? [];
    Object.assign(this, { knob, turn, type, row, name });
    this.unit = /\((.*)\)/.exec(knob.label)?.[1] ?? "";
    const kind = knob.constructor.name;
    this.node = { Whole: () => this.slider(1), NumberSlider: () => this.slider(knob.step), Choice: () => this.list(), Switch: () => this.check(), Table: () => this.table() }[kind]();
    if (kind === "Table") this.row = "tables";
  }

  slider(step) {
    const { label, least, most } = this.knob;
    const limits = { min: least, max: most, step };
    this.range = make("input", { type: "range", ...limits, "aria-label": label });
    this.number = make("input", { type: "number", ...limits, "aria-label": `${label}, typed`, class: "cvx-number" });
    this.range.addEventListener("input", () => this.turn(this.range.valueAsNumber));
    this.number.addEventListener("input", () => this.number.checkValidity() && this.number.value && this.turn(this.number.valueAsNumber));
    return make("div", { class: "cvx-slider" }, make("span", { "aria-hidden": "true" }, this.name), this.range, this.number);
  }

  list() {
    this.select = make("select", { "aria-label": this.knob.label }, ...this.knob.options.items().map(([words, value]) => make("option", { value }, words)));
    this.select.addEventListener("change", () => this.turn(this.select.value));
    return make("div", { class: "cvx-choice" }, make("span", { "aria-hidden": "true" }, this.knob.label), this.select);
  }

  check() {
    this.box = make("input", { type: "checkbox" });
    this.box.addEventListener("change", () => this.turn(this.box.checked));
    return make("label", { class: "cvx-switch" }, this.box, ` ${this.knob.label}`);
  }

  table() {
    this.cells = this.knob.value.map((row, r) => row.map((_, c) => this.cell(r, c)));
    const rows = this.cells.map((row) => make("div", { class: "cvx-cells" }, ...row));
    return make("fieldset", {}, make("legend", {}, this.knob.label), ...rows);
  }

  cell(row, column) {
    const input = make("input", { type: "number", step: "any", min: -1000, max: 1000, "aria-label": `${this.knob.label}, row ${row}, column ${column}` });
    input.addEventListener("input", () => input.checkValidity() && input.value && this.type(row, column, input.valueAsNumber));
    input.addEventListener("blur", () => (input.value = this.value[row][column]));
    return input;
  }

  // A field that is being typed in stays as it is.
  show(value, idle) {
    this.value = value;
    this.node.hidden = idle.includes(this.knob.name);
    const active = this.node.getRootNode().activeElement;
    const fill = (input, text) => input !== active && input.value !== String(text) && (input.value = text);
    if (this.range) {
      if (this.range.valueAsNumber !== value) this.range.value = value;
      set(this.range, "aria-valuetext", this.unit ? `${value} ${this.unit}` : String(value));
      fill(this.number, value);
    } else if (this.select) this.select.value = value;
    else if (this.box) this.box.checked = value;
    else this.cells.forEach((row, r) => row.forEach((input, c) => fill(input, value[r][c])));
  }
}

// Plain keys are the control's: Notebook and JupyterLab would insert a cell on "a", and go to the next one on an arrow.
// They handle shortcuts at the document and check this attribute of the focused element, so it is set in the capture phase.
function keepKeys(host) {
  window.addEventListener("keydown", (event) => {
    if (!host.contains(event.target)) return;
    const plainKey = !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape";
    event.target.toggleAttribute("data-lm-suppress-shortcuts", plainKey);
  }, true);
}

const dictionary = (value) => $dict(Object.entries(value));

function openStage(host, data, tables) {
  for (const name in tables) $tables[name] = { ...$tables[name], ...tables[name] };
  let photo = null;
  if (data.photo) {
    photo = new Photo(Uint8Array.from(atob(data.photo), (letter) => letter.charCodeAt(0)), 64, 75);
    Object.assign($natives, { pixel: (...at) => photo.pixel(...at), gray_part: (...at) => photo.grayPart(...at) });
  }
  const root = host.getRootNode();
  if (!root.querySelector("style[data-convkit]")) {
    const sheet = make("style", { "data-convkit": "" }, data.css);
    (root.head ?? root).append(sheet);
  }
  const topic = new $modules[data.module][data.topic]();
  const session = new ($modules["convkit.explore.session"].Session)(topic, dictionary(data.settings));
  keepKeys(host);
  host.stage = new Stage(host, session, photo);
  if (data.trouble) host.stage.tell(data.trouble, true);
  if (data.settings.filter) host.stage.go(0, 0, data.settings.filter, false);
  if (data.settings.autoplay && !matchMedia("(prefers-reduced-motion: reduce)").matches) host.stage.play();
}
