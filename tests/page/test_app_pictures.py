"""Icon and logo of the app are what their drawing says, in the sizes that Home Assistant wants."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Browser

from tests.page.app_pictures import FOLDER, SIZES, draw

pytestmark = pytest.mark.asyncio(loop_scope="package")


def seen(file: Path) -> NDArray[np.uint8]:
    """Return a picture: height, width, and red, green, blue and opacity."""
    with av.open(str(file)) as opened:
        (frame,) = opened.decode(video=0)
        return np.asarray(frame.to_ndarray(format="rgba"), np.uint8)


async def test_the_pictures_are_the_drawings(browser: Browser, tmp_path: Path) -> None:
    await draw(browser, tmp_path)
    for name, (width, height) in SIZES.items():
        kept, drawn = seen(FOLDER / f"{name}.png"), seen(tmp_path / f"{name}.png")
        assert kept.shape == (height, width, 4)
        assert kept[0, 0, 3] == 0  # round corners: what is behind them shows
        assert np.abs(kept.astype(int) - drawn).mean() < 1.0
        assert np.ptp(kept[..., 0]) > 100
