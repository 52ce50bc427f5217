"""One JupyterLab, one Chromium and one page for all tests here: opening them takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .lab import Lab
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
