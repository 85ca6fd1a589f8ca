"""One browser for all tests of the page, in a network where WebRTC finds an address."""

from collections.abc import AsyncGenerator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.edges.own_network import own_network
from tests.page.browser import chromium


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """Give this machine's own address; servers and the browser are started in its network."""
    with own_network() as found:
        yield found


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser(address: str) -> AsyncGenerator[Browser, None]:
    """Give the browser; each visit has a profile of its own."""
    assert address
    async with chromium() as started:
        yield started
