"""Where no script runs: the picture, what it says, and the code, as HTML and as text."""

from __future__ import annotations

from html import escape

from ..picture.boxes import Layout
from ..picture.drawing import Picture
from .view import Image, View

STYLE = "margin:0.3em 0;max-width:100%"
SUMMARY = "display:list-item;cursor:pointer"  # feedback pages hide the triangle


def as_html(title: str, view: View) -> str:
    """Pictures side by side, then everything in words."""
    photos = "".join(_photo(image) for panel in view.panels for image in panel.images)
    pictures = "".join(_panel(panel.layout) for panel in view.panels if panel.layout is not None)
    lines = "".join(f"<li>{escape(name)}: <code>{escape(line)}</code></li>" for name, line in view.code)
    code = f"<ul>{lines}</ul>" if lines else ""
    return (
        f'<div class="convkit-still"><p style="{STYLE}"><strong>{escape(title)}</strong></p>{photos}{pictures}'
        f'{view.facts}<details><summary style="{SUMMARY}">The same in words and in code</summary>'
        f"<p>{escape(view.text)}</p>{code}</details></div>"
    )


def as_text(title: str, view: View) -> str:
    """The same without any picture."""
    return "\n".join([title, view.text, *(f"{name}: {line}" for name, line in view.code)])


def _panel(layout: Layout) -> str:
    return f'<div style="{STYLE};display:inline-block;vertical-align:top">{Picture(layout).svg}</div>'


def _photo(image: Image) -> str:
    from .photo import source

    return (
        f'<figure style="{STYLE};display:inline-block"><img src="{source(image)}" alt="{escape(image.alt)}" '
        f'width="200" style="image-rendering:pixelated"/><figcaption>{escape(image.label)}</figcaption></figure>'
    )
