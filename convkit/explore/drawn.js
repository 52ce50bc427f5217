// ---- A picture that Python drew, and those that follow it: what stays the same stays, so the browser has little to do.

const ITEM = /(?=<(?:g|text|rect|path) id=")/; // every cell, label and outline begins like this, and nothing inside one does

function svgFrom(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  return holder.content.firstElementChild;
}

// Replace children of parent by others, in this order; those in both are left alone.
function exchange(parent, old, nodes) {
  const wanted = new Set(nodes);
  const kept = old.filter((node) => wanted.has(node) || node.remove());
  let place = kept[0] ?? null;
  for (const node of nodes) {
    if (node === place) place = node.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

class Drawn {
  // id: starts all ids in here, so that a cell has the same id in the next picture.
  constructor(text, id) {
    this.id = id;
    const own = this.own(text);
    this.svg = svgFrom(own);
    this.items = own.split(ITEM).slice(1);
    this.nodes = [...this.svg.children].slice(-this.items.length);
  }

  own(text) {
    return text.replace("</svg>", "").replaceAll(/ id="([^"]*)"/.exec(text)[1], this.id);
  }

  // Show the next picture. This one has to be as it was drawn: undo any change to its nodes first.
  change(text) {
    const [head, ...items] = this.own(text).split(ITEM);
    const before = new Map(this.items.map((item, n) => [item, this.nodes[n]]));
    const made = [...svgFrom(`<svg>${items.filter((item) => !before.has(item)).join("")}`).children];
    const nodes = items.map((item) => before.get(item) ?? made.shift());
    this.changeHead(svgFrom(head));
    exchange(this.svg, this.nodes, nodes);
    [this.items, this.nodes] = [items, nodes];
  }

  // The size, the title, the description and the ground.
  changeHead(head) {
    for (const { name, value } of head.attributes) this.svg.setAttribute(name, value);
    [...head.children].forEach((child, n) => this.svg.children[n].replaceWith(child));
  }
}
