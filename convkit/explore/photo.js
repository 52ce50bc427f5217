
// ---- Photographs, worked out from recipes (see view.py): nothing here but shades and a frame; numbers come from Python.

class Photo {
  constructor(bytes, width, height) {
    Object.assign(this, { width, height, known: new Map() });
    this.colors = [0, 1, 2].map((c) => bytes.filter((_, n) => n % 3 === c));
    this.grays = this.colors[0].map((red, n) => Math.round((red + this.colors[1][n] + this.colors[2][n]) / 3));
  }

  pixel(row, column) {
    return this.colors.map((color) => color[row * this.width + column]);
  }

  grayPart(row, column, size) {
    return Array.from({ length: size }, (_, i) => Array.from(this.grays.subarray((row + i) * this.width + column, (row + i) * this.width + column + size)));
  }

  // The channels of an image at a pixel. SAME pads with zeros: outside there is nothing to add.
  shade(image, row, column) {
    const { width, height } = this;
    const channels = image.in_gray ? [this.grays] : this.colors;
    if (!image.kernel) return channels.map((channel) => channel[row * width + column]);
    const before = Math.floor((image.kernel.length - 1) / 2);
    let sum = image.bias;
    for (let i = 0; i < image.kernel.length; i++) {
      const y = row + i - before;
      if (y < 0 || y >= height) continue;
      for (let j = 0; j < image.kernel[i].length; j++) {
        const x = column + j - before;
        if (x >= 0 && x < width) image.kernel[i][j].forEach((weight, c) => (sum += weight * channels[c][y * width + x]));
      }
    }
    return [image.is_absolute ? Math.abs(sum) : sum];
  }

  // The shades of an image, worked out once: ahead of a move, where the page has time.
  shades(image) {
    const recipe = JSON.stringify([image.in_gray, image.kernel, image.bias, image.is_absolute]);
    if (!this.known.has(recipe)) {
      const shown = new ImageData(this.width, this.height);
      for (let n = 0; n < this.width * this.height; n++) {
        const shade = this.shade(image, Math.floor(n / this.width), n % this.width);
        for (let c = 0; c < 3; c++) shown.data[4 * n + c] = shade[shade.length === 1 ? 0 : c]; // clamped by its type
        shown.data[4 * n + 3] = 255;
      }
      this.known.set(recipe, shown);
      if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value);
    }
    return this.known.get(recipe);
  }

  paint(canvas, image) {
    const shown = this.shades(image);
    if (canvas.shown === shown) return;
    canvas.shown = shown;
    Object.assign(canvas, { width: this.width, height: this.height });
    canvas.getContext("2d").putImageData(shown, 0, 0);
  }
}
