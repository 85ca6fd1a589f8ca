"""Takes pictures of a real Home Assistant: `script/test-home-assistant --pictures docs/pictures`.

In its own pages, by a real browser on the machine that Home Assistant is on: what a user sees who
follows docs/home-assistant.md. What they show beside us is cut off.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Locator, Page

from tests.home_assistant.hub import ADDRESS, Hub
from tests.home_assistant.journey import ANNOUNCE, NODE, Journey, arrived, broker_added
from tests.page.browser import chromium

DEVICE: Final = f"Voice server {NODE}"

ACTION: Final = "panel-dev-action-state-service-data"
"""Where its page of actions keeps what was filled in last."""

SIZE: Final = {"width": 1000, "height": 900}
"""Pixels: a small window, so that its writing can be read in a document."""

SIDE: Final = 256
"""Pixels on the left that are Home Assistant's own."""

EDGE: Final = 198
"""Pixels beside a dialogue."""

BREATH: Final = 12
"""Pixels left around what a picture shows."""

SETTLED: Final = 1_500
"""Milliseconds until nothing moves any more."""

LARGEST: Final = 150_000
"""Bytes of one picture."""


async def take(at: Journey, folder: Path) -> None:
    """Write every picture into `folder`, in the order of the document's steps."""
    await _onboarded(at.hub)
    async with _browsing(at.hub) as page:
        await _found(page, folder / "home-assistant-found.png")
        await _voices(page, folder / "home-assistant-voices.png")
        await broker_added(at)
        await at.said("The washing machine has finished.", voice="lan-happy")
        await _device(at, page, folder / "home-assistant-device.png")
        await _announce(page, folder / "home-assistant-announce.png")


async def _onboarded(hub: Hub) -> None:
    """Answer what it asks a new user, so that it does not ask in the pictures."""
    told = {"client_id": f"{ADDRESS}/", "redirect_uri": f"{ADDRESS}/"}
    for step, body in (("core_config", {}), ("analytics", {}), ("integration", told)):
        await hub.post(f"/api/onboarding/{step}", body)


@asynccontextmanager
async def _browsing(hub: Hub) -> AsyncGenerator[Page, None]:
    """Give a page of a browser that is logged in."""
    valid = int(1000 * (time.time() + hub.login["expires_in"]))
    known = {"hassUrl": ADDRESS, "clientId": f"{ADDRESS}/", "expires": valid, **hub.login}
    kept = f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(known))})"
    async with (
        chromium() as browser,
        await browser.new_context(locale="en-GB", viewport=SIZE, color_scheme="light") as context,  # type: ignore[arg-type]
    ):
        await context.add_init_script(kept)
        yield await context.new_page()


async def _found(page: Page, file: Path) -> None:
    """Step 2: the server is there, and is added."""
    await page.goto(f"{ADDRESS}/config/integrations/dashboard")
    await page.get_by_role("button", name="Add", exact=True).wait_for()
    await _kept(page, file, to=page.get_by_text("Configured", exact=True))
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Finish").click()


async def _voices(page: Page, file: Path) -> None:
    """Steps 4 to 6: the assistant's voice is chosen."""
    await page.goto(f"{ADDRESS}/config/voice-assistants/assistants")
    await page.get_by_text("English", exact=True).click()
    await page.locator("ha-tts-picker").click()
    await page.get_by_text("wyoming-indextts").last.click()
    heard = page.get_by_text("Try voice", exact=True)
    await heard.wait_for()
    await page.wait_for_timeout(SETTLED)  # the card grows meanwhile
    await heard.evaluate("(button) => button.scrollIntoView({ block: 'center' })")
    await page.locator("ha-tts-voice-picker").click()
    await _kept(page, file, left=EDGE, right=EDGE)


async def _device(at: Journey, page: Page, file: Path) -> None:
    """Step 9: the device."""
    devices = await at.hub.ask("config/device_registry/list")
    (device,) = (one["id"] for one in devices if one["name"] == DEVICE)
    await page.set_viewport_size({"width": SIZE["width"] + SIDE // 2, "height": 1400})
    await page.goto(f"{ADDRESS}/config/devices/device/{device}")
    await _kept(page, file, to=page.get_by_text("Configuration", exact=True), left=SIDE)


async def _announce(page: Page, file: Path) -> None:
    """Step 10: somebody announces."""
    action = {
        "action": "notify.send_message",
        "target": {"entity_id": ANNOUNCE},
        "data": {"message": "[happy] Dinner is ready!"},
    }
    kept = f"localStorage.setItem('{ACTION}', {json.dumps(json.dumps(action))})"
    await page.set_viewport_size({"width": SIZE["width"], "height": 780})
    await page.evaluate(kept)
    await page.goto(f"{ADDRESS}/config/developer-tools/action")
    await page.get_by_text("Perform action", exact=True).wait_for()
    await _kept(page, file, left=SIDE)


async def _kept(
    page: Page, file: Path, *, to: Locator | None = None, left: int = 0, right: int = 0
) -> None:
    """Write a picture of the page without its edges, down to what it does not show any more."""
    await page.wait_for_timeout(SETTLED)
    size: Any = page.viewport_size
    bottom = size["height"]
    if to is not None and (box := await to.bounding_box()):
        bottom = box["y"] - BREATH
    clip: Any = {"x": left, "y": 0, "width": size["width"] - left - right, "height": bottom}
    picture = await page.screenshot(path=file, clip=clip)
    assert len(picture) < LARGEST, f"{file.name} has {len(picture)} bytes"


async def _main() -> None:
    root, cache, machine, folder = sys.argv[1:]
    async with arrived(Path(root), Path(cache), machine) as at:
        await take(at, Path(folder))


if __name__ == "__main__":
    asyncio.run(_main())
