"""Draws icon and logo of Home Assistant's app from the page's own icon.

`python -m tests.page.app_pictures` writes addon/icon.png and addon/logo.png.
"""

import asyncio
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

from tests.page.browser import chromium

ROOT: Final = Path(__file__).parents[2]

ICON: Final = ROOT / "wyoming_indextts" / "edges" / "http" / "page" / "icon.svg"

FOLDER: Final = ROOT / "addon"

SIZES: Final = {"icon": (128, 128), "logo": (250, 100)}
"""Width and height as Home Assistant asks for them."""

BARS: Final = (26, 54, 14, 38, 70, 22, 46, 12)
"""Heights of the logo's bars: what is said after the icon, as a level meter shows it."""


def logo(icon: str) -> str:
    """Return the logo's drawing: the icon, and speech that goes out from it."""
    bars = "".join(
        f'<path d="M{118 + 17 * place} {50 - height / 2}v{height}"/>'
        for place, height in enumerate(BARS)
    )
    within = icon.replace("<svg ", '<svg x="2" y="2" width="96" height="96" ', 1)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 250 100">'
        f'{within}<g stroke="#1f5fbf" stroke-width="8" stroke-linecap="round">{bars}</g></svg>'
    )


async def draw(browser: Browser, folder: Path) -> None:
    """Write both pictures into `folder`."""
    icon = await asyncio.to_thread(ICON.read_text, "utf-8")
    for name, drawing in (("icon", icon), ("logo", logo(icon))):
        width, height = SIZES[name]
        page = await browser.new_page(viewport={"width": width, "height": height})
        style = "<style>body { margin: 0 } body > svg { display: block; width: 100vw }</style>"
        await page.set_content(style + drawing)
        await page.screenshot(path=folder / f"{name}.png", omit_background=True)
        await page.close()


async def _main() -> None:
    async with chromium() as browser:
        await draw(browser, FOLDER)


if __name__ == "__main__":
    asyncio.run(_main())
