"""One JupyterLab, one Chromium and one page for all tests here: opening them takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import Lab
from .serve import CHROMIUM, NO_CHROMIUM, chromium, jupyter_lab


# Of this package, not of the session: while Playwright is open, asyncio seems to run, and other tests trip over it.
@pytest.fixture(scope="package")
def browser() -> Iterator:
    """Headless Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip(NO_CHROMIUM)
    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory, browser) -> Iterator[Lab]:
    """A page of JupyterLab, ready to open notebooks."""
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as server:
        found = Lab(server, browser)
        yield found
        found.close()
