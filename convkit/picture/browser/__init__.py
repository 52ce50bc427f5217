"""The renderer in a browser: the same source, translated to JavaScript, and the page around it."""
