"""One Chromium for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.serve import chromium_or_skip

from .scene import Browser, browsing


# Of this package, not of the session: while Playwright is open, asyncio seems to run, and other tests trip over it.
@pytest.fixture(scope="package")
def chromium() -> Iterator:
    yield from chromium_or_skip()


@pytest.fixture(scope="package")
def browser(chromium) -> Iterator[Browser]:
    with browsing(chromium) as found:
        yield found
