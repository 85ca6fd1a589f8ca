"""How long whoever asks over MQTT waits: for the state, for the sound, for a page of Opus."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp

from tests.edges.mqtt_broker import Guest
from tests.edges.snd_service import SndService

HEADERS: Final = 2
"""Pages of an Ogg/Opus stream before the first with sound."""

PAGE: Final = b"OggS"

TEXT: Final = "The washing is done."

SETTLING: Final = 0.02
"""Seconds between two commands."""


@dataclass(frozen=True, slots=True)
class Announced:
    """Seconds from asking: to the first sound at the snd service, and to the first page."""

    sound: float
    page: float


async def state(other: Guest, command: str, document: str, values: list[str]) -> list[float]:
    """Return the seconds from each value at the topic `command` to a new word at `document`."""
    waits = []
    for value in values:
        other.forget()
        asked = time.monotonic()
        await other.client.publish(command, value, qos=0)
        await other.until(document)
        waits.append(other.first(document) - asked)
        await asyncio.sleep(SETTLING)  # what is said beside it is not to be waited for next time
    return waits


async def announced(other: Guest, base: str, service: SndService, times: int) -> list[Announced]:
    """Announce so often, at both targets at once."""
    async with aiohttp.ClientSession() as client:
        return [await _announced(other, base, service, client, at) for at in range(times)]


async def stopped(other: Guest, base: str, service: SndService, times: int) -> list[float]:
    """Return the seconds from asking for silence to a cut connection at the snd service."""
    waits = []
    for _ in range(times):
        service.heard.clear()
        story = json.dumps({"message": TEXT * 20, "targets": ["kitchen"]})
        await other.client.publish(f"{base}/announce/set", story, qos=0)
        await service.until(lambda it: bool(it.heard and it.heard[0].chunks))
        asked = time.monotonic()
        await other.client.publish(f"{base}/stop/set", '{"target": "kitchen"}', qos=0)
        await service.until(lambda it: it.over == 1)
        waits.append((service.heard[0].closed or asked) - asked)
    return waits


async def _announced(
    other: Guest, base: str, service: SndService, client: aiohttp.ClientSession, number: int
) -> Announced:
    other.forget()
    service.heard.clear()
    wanted = {"message": TEXT, "id": f"{number}-{time.time()}", "targets": ["kitchen", "attic"]}
    asked = time.monotonic()
    await other.client.publish(f"{base}/announce/set", json.dumps(wanted), qos=0)
    ready = await other.until(f"{base}/event", lambda told: told["event_type"] == "ready")
    page = await _first_page(client, ready["live_url"])
    for target in ("kitchen", "attic"):
        await other.until(f"{base}/event", partial(_finished, target))
    return Announced(service.heard[0].chunks[0] - asked, page - asked)


async def _first_page(client: aiohttp.ClientSession, url: str) -> float:
    """Fetch all of it; return when the first page with sound had come."""
    got = b""
    came = 0.0
    async with client.get(url) as answer:
        answer.raise_for_status()
        async for piece in answer.content.iter_any():
            got += piece
            if got.count(PAGE) > HEADERS and not came:
                came = time.monotonic()
    return came


def _finished(target: str, told: Mapping[str, object]) -> bool:
    return told["event_type"] == "finished" and told.get("target") == target
