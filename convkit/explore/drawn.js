// ---- A picture that Python drew, and those that follow it: what stays the same stays, so the browser has little to do.

const SPARE = 1000; // elements that are kept for another picture

// What is set again counts as changed, for the browser's style and for those who observe the page.
const set = (node, name, value) => node.getAttribute(name) !== value && node.setAttribute(name, value);

function svgFrom(text) {
  const holder = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  holder.innerHTML = text;
  return [...holder.children];
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

// A picture is [head, items], see `pieces` in svg.py. Pictures of one place share their ids.
class Drawn {
  constructor([head, items]) {
    [this.svg] = svgFrom(`${head}${items.join("")}</svg>`);
    const nodes = [...this.svg.children].slice(-items.length);
    this.nodes = new Map(items.map((item, n) => [item, nodes[n]]));
    this.spare = new Map();
  }

  // Make the elements that another picture needs, so that `change` only has to insert them.
  prepare([, items]) {
    if (this.spare.size > SPARE) this.spare.clear();
    const missing = items.filter((item) => !this.nodes.has(item) && !this.spare.has(item));
    svgFrom(missing.join("")).forEach((node, n) => this.spare.set(missing[n], node));
  }

  // Show another picture. This one has to be as it was drawn: undo any change to its nodes first.
  change([head, items]) {
    this.prepare([head, items]);
    const nodes = new Map(items.map((item) => [item, this.nodes.get(item) ?? this.spare.get(item)]));
    for (const item of items) this.spare.delete(item);
    for (const [item, node] of this.nodes) if (!nodes.has(item)) this.spare.set(item, node);
    this.changeHead(svgFrom(`${head}</svg>`)[0]);
    exchange(this.svg, [...this.nodes.values()], [...nodes.values()]);
    this.nodes = nodes;
  }

  // The size, the title, the description and the ground.
  changeHead(head) {
    for (const { name, value } of head.attributes) set(this.svg, name, value);
    [...head.children].forEach((child, n) => this.svg.children[n].isEqualNode(child) || this.svg.children[n].replaceWith(child));
  }
}
