"""One JupyterLab, one Chromium and one page for all tests here: opening them takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .lab import SLOW, Lab
from .serve import chromium_or_skip, jupyter_lab


# Of this package, not of the session: while Playwright is open, asyncio seems to run, and other tests trip over it.
@pytest.fixture(scope="package")
def browser() -> Iterator:
    """Headless Chromium."""
    yield from chromium_or_skip()


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory, browser) -> Iterator[Lab]:
    """A page of JupyterLab, ready to open notebooks."""
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as server:
        found = Lab(server, browser)
        yield found
        found.close()


@pytest.fixture(scope="module")
def context(browser):
    """Without a network: what a page asks for, but its own file, is refused and kept."""
    found = browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce", offline=True)
    yield found
    found.close()


@pytest.fixture
def page(context):
    """A page that has to keep its console empty."""
    found = context.new_page()
    found.set_default_timeout(SLOW)
    found.asked, found.said = [], []
    own = ("file:", "data:", "blob:", "about:")
    found.on("request", lambda r: found.asked.append(r.url) if not r.url.startswith(own) else None)
    found.on("console", lambda message: found.said.append(message.text))
    found.on("pageerror", lambda error: found.said.append(str(error)))
    yield found
    assert found.said == []
    assert found.asked == []
    found.close()
