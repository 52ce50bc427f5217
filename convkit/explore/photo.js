
// ---- A photo panel: images of pixels, a cursor on them, and one pixel worked out in the picture beside them.

// Four significant digits, as Python's numeral() writes them.
const numeral = (value) => String(Number(value.toPrecision(4))).replace("-", "\u2212");

class Photo {
  constructor(node, panel, make) {
    this.rows = panel.height;
    this.columns = panel.width;
    this.pixels = panel.pixels ? Uint8Array.from(atob(panel.pixels), (letter) => letter.charCodeAt(0)) : null;
    this.pictures = panel.images.map(() => make("img", { draggable: "false", decoding: "sync" }));
    this.cursors = panel.images.map(() => make("span", { class: "cvx-cursor", hidden: "" }));
    this.captions = panel.images.map(() => make("figcaption", {}));
    const figures = this.pictures.map((picture, n) =>
      make("figure", {}, make("div", { class: "cvx-image" }, picture, this.cursors[n]), this.captions[n]),
    );
    node.replaceChildren(...figures);
  }

  // Whether it has a place for each of these images. All explorers show one photograph.
  shows(panel) {
    return panel.images.length === this.pictures.length && Boolean(panel.pixels) === Boolean(this.pixels);
  }

  change(panel) {
    this.panel = panel;
    panel.images.forEach(({ src, alt, label }, n) => {
      if (this.pictures[n].src !== src) this.pictures[n].src = src;
      this.pictures[n].alt = alt;
      this.captions[n].textContent = label;
    });
  }

  // Put the cursor on a window of pixels.
  mark(row, column, size) {
    const percent = (value, whole) => `${(100 * value) / whole}%`;
    for (const cursor of this.cursors) {
      cursor.hidden = false;
      Object.assign(cursor.style, {
        left: percent(column, this.columns), top: percent(row, this.rows),
        width: percent(size, this.columns), height: percent(size, this.rows),
      });
    }
  }

  // The sum at one pixel, for every filter, in words; and written into the cells of the picture.
  mix(row, column, svgs) {
    const { weights, bias } = this.panel;
    const channels = weights.length;
    const pixel = Array.from({ length: channels }, (_, c) => this.pixels[(row * this.columns + column) * channels + c]);
    const sums = bias.map((b, f) => pixel.reduce((sum, value, c) => sum + value * weights[c][f], 0) + b);
    svgs.forEach((svg, filter) => write(svg, pixel, weights, sums, filter));
    const worked = sums.map((sum, f) => {
      const products = pixel.map((value, c) => `${value} × ${bracketed(weights[c][f])}`).join(" + ");
      return `filter ${f}: ${products} + bias ${bracketed(bias[f])} = ${numeral(sum)}`;
    });
    return `Pixel at row ${row}, column ${column}. ${worked.join("; ")}.`;
  }
}

const bracketed = (value) => (value < 0 ? `(${numeral(value)})` : numeral(value));

function write(svg, pixel, weights, sums, filter) {
  const set = (key, value, note) => {
    const cell = svg.querySelector("#" + CSS.escape(`${svg.id}-${key}`));
    if (!cell) return;
    cell.dataset.value = value;
    cell.querySelector(".cv-number").textContent = numeral(value);
    if (note) cell.querySelector(".cv-factors").textContent = note;
  };
  pixel.forEach((value, c) => {
    const weight = weights[c][filter];
    set(`i${c}.0.0`, value);
    set(`p${c}.0.0`, value * weight, `${numeral(value)} × ${numeral(weight)}`);
    set(`t-c${c}`, value * weight);
  });
  set("t-result", sums[filter]);
  sums.forEach((sum, f) => set(`o${f}.0.0`, sum));
}
