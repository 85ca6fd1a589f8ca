"""One browser for all tests of the page."""

from collections.abc import AsyncGenerator

import pytest_asyncio
from playwright.async_api import Browser

from tests.page.browser import chromium


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncGenerator[Browser, None]:
    """Give the browser; each visit has a profile of its own."""
    async with chromium() as started:
        yield started
