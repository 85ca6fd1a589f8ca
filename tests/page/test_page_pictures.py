"""The pictures in the documentation can be taken again."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.edges.http_house import serving
from tests.page.pictures import FOLDER, PICTURES, take
from tests.tone import ToneEngine

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_the_pictures_are_taken_from_the_live_page(browser: Browser, tmp_path: Path) -> None:
    async with serving(ToneEngine(pace=0.005)) as house:
        await take(browser, house.url, tmp_path)
    for name, *_ in PICTURES:
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (FOLDER / f"{name}.png").exists()
