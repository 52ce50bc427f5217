"""Find links of a site that lead nowhere, and pages that would load something from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"src", "srcset", "poster", "data", "action"}  # attributes with what a browser requests for a page
LOADED_BY_CSS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


class Page(HTMLParser):
    """The anchors of a page, where its links lead, and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self._in_style = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in ((name, value or "") for name, value in attrs):
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            elif name == "href":
                (self.links if tag == "a" else self.loaded).append(value)
            elif name in LOADED:
                self.loaded.append(value)
            elif name == "style":
                self.handle_style(value)

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.handle_style(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_style(self, css: str) -> None:
        """Keep what a style sheet loads."""
        self.loaded += loaded_by(css)


def loaded_by(css: str) -> list[str]:
    """The addresses that a style sheet loads.

    >>> loaded_by("@import 'a.css'; p { background: url(b.png) }")
    ['a.css', 'b.png']
    """
    return [quoted or imported for quoted, imported in LOADED_BY_CSS.findall(css)]


def problems(site: Path) -> list[str]:
    """A line for each link that leads nowhere, and for each request that would leave the site."""
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        where = path.relative_to(site.resolve())
        found += [f"{where} loads {url} from elsewhere" for url in page.loaded if leaves(url)]
        inside = [url for url in (*page.links, *page.loaded) if not leaves(url) and not urlsplit(url).scheme]
        found += [f"{where} links to {url}, which does not exist" for url in inside if not leads(url, path, pages)]
    for path in sorted(site.rglob("*.css")):
        where = path.relative_to(site)
        for url in loaded_by(path.read_text(encoding="utf-8")):
            if leaves(url) or not (urlsplit(url).scheme or leads(url, path.resolve(), pages)):
                found.append(f"{where} loads {url}, which is not in the site")
    return found


def leaves(url: str) -> bool:
    """Whether an address is on another host."""
    parts = urlsplit(url)
    return bool(parts.netloc) or parts.scheme in {"http", "https"}


def leads(url: str, page: Path, pages: dict[Path, Page]) -> bool:
    """Whether a relative address leads to a file of the site, and to an anchor that it has."""
    parts = urlsplit(url)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if parts.path.startswith("/") or not target.is_file():
        return False
    return not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].anchors
