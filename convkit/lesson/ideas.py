"""An idea to try next, for whoever has a right answer."""

IDEAS: dict[str, str] = {
    "layer-params": "Try next: which grows faster, twice as many filters or a kernel twice as wide? Guess, then "
    "ask your "
    "function.",
    "second-layer-params": "Try next: in a stack of two layers, double the filters of the first. Which rows of "
    "the summary "
    "change?",
    "same-padding": "Try next: which strides make SAME add nothing at all to 12 pixels, with a kernel of 3?",
    "output-length": "Try next: how often can a layer with stride 2 follow another before 224 pixels are one?",
    "pointwise-params": "Try next: squeeze 256 channels into 64 with a 1x1 layer, then use 3x3 kernels. What is saved?",
    "pointwise": "Try next: weights that turn a colour image into shades of grey. Which shape have they?",
    "conv2d": "Try next: a 7x7 kernel of ones on a photo, and then a row of seven after a column of seven. Compare.",
    "edge-filter": "Try next: turn your kernel by a quarter, and lay both over a photo. What does each of them find?",
}
