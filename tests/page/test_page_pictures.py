"""The pictures in the documentation can be taken again."""

import asyncio
import os
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
    taken = set(await asyncio.to_thread(os.listdir, tmp_path))
    assert taken == {f"{name}.png" for name, *_ in PICTURES}
    assert taken == set(await asyncio.to_thread(os.listdir, FOLDER))
