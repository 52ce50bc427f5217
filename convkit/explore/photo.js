
// ---- Photographs, worked out from recipes (see view.py): nothing here but shades and a frame; numbers come from Python.

class Photo {
  constructor(bytes, width, height) {
    Object.assign(this, { bytes, width, height });
  }

  pixel(row, column) {
    const start = (row * this.width + column) * 3;
    return [...this.bytes.subarray(start, start + 3)];
  }

  gray(row, column) {
    const [red, green, blue] = this.pixel(row, column);
    return Math.round((red + green + blue) / 3);
  }

  grayPart(row, column, size) {
    return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => this.gray(row + i, column + j)));
  }

  // The channels that a recipe reads at a pixel; zeros outside, as SAME pads.
  channels(image, row, column) {
    if (row < 0 || column < 0 || row >= this.height || column >= this.width) return image.in_gray ? [0] : [0, 0, 0];
    return image.in_gray ? [this.gray(row, column)] : this.pixel(row, column);
  }

  shade(image, row, column) {
    if (!image.kernel) return this.channels(image, row, column);
    const before = Math.floor((image.kernel.length - 1) / 2);
    let sum = image.bias;
    image.kernel.forEach((line, i) =>
      line.forEach((weights, j) => {
        const read = this.channels(image, row + i - before, column + j - before);
        weights.forEach((weight, c) => (sum += weight * read[c]));
      }),
    );
    return [image.is_absolute ? Math.abs(sum) : sum];
  }

  paint(canvas, image) {
    const recipe = JSON.stringify([image.in_gray, image.kernel, image.bias, image.is_absolute]);
    if (canvas.dataset.recipe === recipe) return;
    canvas.dataset.recipe = recipe;
    Object.assign(canvas, { width: this.width, height: this.height });
    const context = canvas.getContext("2d");
    const shown = context.createImageData(this.width, this.height);
    for (let n = 0; n < this.width * this.height; n++) {
      const shade = this.shade(image, Math.floor(n / this.width), n % this.width);
      for (let c = 0; c < 3; c++) shown.data[4 * n + c] = shade[shade.length === 1 ? 0 : c]; // clamped by its type
      shown.data[4 * n + 3] = 255;
    }
    context.putImageData(shown, 0, 0);
  }
}
