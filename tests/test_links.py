"""The check of the site's links finds what it looks for."""

from __future__ import annotations

import pytest

from docs.site import api
from docs.site.links import Page, problems

GOOD = """<link rel="stylesheet" href="site.css">
<img src="a%20b.png" alt=""><style>p { background: url(data:,) }</style>
<h2 id="here">Here</h2><a href="#here">a</a> <a href="sub/other.html#there">b</a> <a href="https://keras.io">c</a>"""
OTHER = """<h2 id="there">There</h2><a href="../index.html">back</a>"""


@pytest.fixture
def site(tmp_path):
    """A site of two pages without a problem."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/other.html").write_text(OTHER)
    (tmp_path / "site.css").write_text("p { background: url('a b.png') }")
    (tmp_path / "a b.png").write_bytes(b"")
    (tmp_path / "index.html").write_text(GOOD)
    assert problems(tmp_path) == []
    return tmp_path


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="none.html">', "index.html links to none.html, which does not exist"),
        ('<a href="#none">', "index.html links to #none, which does not exist"),
        ('<a href="sub/other.html#here">', "index.html links to sub/other.html#here, which does not exist"),
        ('<a href="/index.html">', "index.html links to /index.html, which does not exist"),
        ('<a href="sub/">', "index.html links to sub/, which does not exist"),
        ('<img src="none.png">', "index.html links to none.png, which does not exist"),
        ('<script src="https://a.org/a.js">', "index.html loads https://a.org/a.js from elsewhere"),
        ('<script src="//a.org/a.js">', "index.html loads //a.org/a.js from elsewhere"),
        ('<link href="https://a.org/a.css">', "index.html loads https://a.org/a.css from elsewhere"),
        ('<p style="background: url(https://a.org/a.png)">', "index.html loads https://a.org/a.png from elsewhere"),
        ("<style>@import 'https://a.org/a.css'</style>", "index.html loads https://a.org/a.css from elsewhere"),
    ],
)
def test_a_problem_of_a_page_is_named(site, html, problem):
    (site / "index.html").write_text(GOOD + html)
    assert problems(site) == [problem]


@pytest.mark.parametrize("url", ["none.png", "https://a.org/font.woff"])
def test_a_problem_of_a_style_sheet_is_named(site, url):
    (site / "site.css").write_text(f"p {{ background: url({url}) }}")
    assert problems(site) == [f"site.css loads {url}, which is not in the site"]


def test_each_page_of_the_api_leads_back_to_the_site(site):
    api.write(site / "api", has_site=True)
    pages = list((site / "api").rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        assert site / "index.html" in [(path.parent / link).resolve() for link in Page(path).links], path
    assert problems(site) == []
