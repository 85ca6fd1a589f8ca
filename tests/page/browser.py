"""A real Chromium, and what a test may do on the page and measure in it."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
import soundfile
from numpy.typing import NDArray
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.golden.speech_like import speech_like

PATIENCE: Final = 20_000
"""Milliseconds that a test waits for anything on the page."""

FLAGS: Final = (
    "--no-sandbox",
    "--mute-audio",
    "--disable-gpu",
    "--disable-dev-shm-usage",
)

RECORDED: Final = 16_000
"""Samples a second of what a microphone hears here."""

TAP: Final = (Path(__file__).parent / "tap.js").read_text("utf-8")


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser, None]:
    """Give Debian's Chromium, headless."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "chromium is missing; run: sudo apt-get install chromium"
    async with async_playwright() as playwright, _microphone() as flags:
        browser = await playwright.chromium.launch(executable_path=found, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def _microphone() -> AsyncGenerator[Sequence[str], None]:
    """Give what lets a browser hear somebody speak, and not ask whether it may."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(spoken_by_a_person(10.0))
        file.flush()
        yield (
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={file.name}",
        )


def spoken_by_a_person(seconds: float) -> bytes:
    """Return a WAV file of something like speech."""
    file = BytesIO()
    soundfile.write(file, speech_like(seconds, RECORDED, seed=4), RECORDED, format="WAV")
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Heard:
    """Samples that went to the loudspeaker, up to the moment `until` on the audio's clock."""

    samples: NDArray[np.float32]
    rate: int
    until: float
    asked: float
    """When the last click or key was, on the same clock."""

    @property
    def last_sound(self) -> float:
        """When the last sample that is no silence was, in seconds on the audio's clock."""
        (loud,) = np.nonzero(np.abs(self.samples) > 0.001)
        assert len(loud), "nothing is heard"
        return self.until - (len(self.samples) - int(loud[-1])) / self.rate

    @property
    def loudness(self) -> float:
        """The root of the mean square of the last 0.1 s."""
        return float(np.sqrt(np.mean(self.samples[-self.rate // 10 :] ** 2)))


@dataclass(slots=True)
class Visit:
    """One visit to the page; nothing may be complained about while it lasts."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Every address that was asked for, sockets too."""
    sent: list[tuple[str, str]] = field(default_factory=list)
    """Method and address of every request."""

    async def speak(self, text: str) -> None:
        """Write the text and click."""
        await self.page.fill("#text", text)
        await self.page.click("#speak")

    async def state(self, state: str) -> None:
        """Wait until the utterance is in `state`."""
        await self.page.wait_for_selector(f"#status[data-state={state}]", timeout=PATIENCE)

    async def sounding(self) -> None:
        """Wait until something is heard."""
        await self.page.evaluate(f"tap.until(true, {PATIENCE})")

    async def silent(self) -> None:
        """Wait until the last tenth of a second was silence."""
        await self.page.evaluate(f"tap.until(false, {PATIENCE})")

    async def heard(self) -> Heard:
        """Return the second or so around the last click or key, as the loudspeaker got it."""
        return _heard(await self.page.evaluate("tap.after"))

    async def now(self) -> Heard:
        """Return the last half second or more, as the loudspeaker got it."""
        return _heard(await self.page.evaluate("tap.heard()"))

    async def until(self, script: str) -> None:
        """Wait until the script is worth something; the page's policy lets no script poll it."""
        async with asyncio.timeout(PATIENCE / 1000):
            while not await self.page.evaluate(script):
                await asyncio.sleep(0.02)

    async def value(self, script: str) -> Any:  # noqa: ANN401 - whatever the page says
        """Return what the script is worth in the page."""
        return await self.page.evaluate(script)

    async def badge(self, way: str) -> None:
        """Wait until the badge shows that way."""
        shown = "document.getElementById('badge').textContent.startsWith"
        await self.until(f"{shown}({json.dumps(way)})")

    async def inbound(self) -> Mapping[str, float]:
        """Return what the browser says of the sound it received over WebRTC."""
        found = await self.page.evaluate("tap.inbound()")
        assert isinstance(found, dict)
        return found

    async def kept_call(self) -> Mapping[str, object]:
        """Return the message that the JavaScript snippet sends."""
        await self.page.select_option("#way", "javascript")
        code = await self.page.inner_text("#call")
        sent = code[code.index("stringify(") + len("stringify(") : code.index("));")]
        read = json.loads(sent)
        assert isinstance(read, dict)
        return read


@asynccontextmanager
async def visiting(
    browser: Browser,
    url: str,
    *,
    transport: str | None = None,
    language: str = "en-GB",
    expected: tuple[str, ...] = (),
    **more: Any,  # noqa: ANN401 - Playwright's own options
) -> AsyncGenerator[Visit, None]:
    """Open the page; at the end nothing may be on its console but lines with what is `expected`.

    No address may have been asked for that is not at `url`'s host.
    """
    async with await browser.new_context(locale=language, **more) as context:
        visit = await _opened(context, url, transport)
        yield visit
        await visit.page.close()
    unexpected = [line for line in visit.complaints if not any(part in line for part in expected)]
    assert not unexpected, unexpected
    ours = urlsplit(url).netloc
    assert {urlsplit(address).netloc for address in visit.asked} <= {ours, ""}, visit.asked


async def _opened(context: BrowserContext, url: str, transport: str | None) -> Visit:
    await context.add_init_script(TAP)
    if transport:
        choice = f"localStorage.setItem('wyoming-indextts.transport', '{transport}')"
        await context.add_init_script(choice)
    visit = Visit(await context.new_page())
    page = visit.page
    page.on("console", lambda line: _complain(visit, line.type, line.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda request: visit.asked.append(request.url))
    page.on("request", lambda request: visit.sent.append((request.method, request.url)))
    page.on("websocket", lambda socket: visit.asked.append(socket.url))
    page.set_default_timeout(PATIENCE)
    await page.goto(url)
    await page.wait_for_selector("html[data-ready]", timeout=PATIENCE)
    return visit


def _heard(found: Mapping[str, Any]) -> Heard:
    samples = np.array(found["samples"], np.float32)
    return Heard(samples, found["rate"], found["until"], found.get("asked", found["until"]))


def _complain(visit: Visit, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        visit.complaints.append(f"{kind}: {text}")
