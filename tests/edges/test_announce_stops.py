"""A stop over MQTT at snd services: nothing more goes there, and the connection is closed.

How soon is the benchmark's (`script/bench mqtt`): here is counted what no slow machine changes.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Final

import pytest

from tests.edges.mqtt_broker import broker, guest
from tests.edges.mqtt_house import BASE, EVENT, announcing_at, options
from tests.edges.snd_service import SndService, snd_service
from wyoming_indextts.edges.announce.snd import SndOptions, SndTarget
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.deeds import Deed
from wyoming_indextts.speech.queue import Place, Ready

STORY: Final = {"message": "A story that goes on. " * 50, "id": "story"}
"""A minute: whoever is not stopped is not through when the test is."""

STEADY: Final = 12
"""Chunks after which the first burst is over: each further one has its time."""


class Counted:
    """A snd target, and how many runs of sound it has taken."""

    def __init__(self, service: SndService) -> None:
        self.service = service
        self.taken = 0
        self._target = SndTarget(SndOptions("127.0.0.1", service.port))

    @property
    def chunks(self) -> int:
        """How many came at the service's end of the one connection."""
        return len(self.service.heard[0].chunks) if self.service.heard else 0

    async def play(self, sound: AsyncIterator[Pcm], ready: Ready) -> None:
        async with aclosing(self._counted(sound)) as counted:
            await self._target.play(counted, ready)

    async def _counted(self, sound: AsyncIterator[Pcm]) -> AsyncGenerator[Pcm, None]:
        async for run in sound:
            self.taken += 1
            yield run


async def gets(target: Counted, count: int) -> None:
    """Wait until so many chunks have come."""
    await target.service.until(lambda _: target.chunks >= count)


@pytest.mark.parametrize(
    ("payload", "silent"),
    [
        ("PRESS", {"kitchen", "hall"}),
        ({"id": "story"}, {"kitchen", "hall"}),
        ({"target": "kitchen"}, {"kitchen"}),
    ],
)
async def test_after_a_stop_nothing_more_goes_to_a_speaker(
    tmp_path: Path, payload: object, silent: set[str]
) -> None:
    taken: dict[str, int] = {}

    def note(deed: Deed) -> None:
        if deed.action == "stop":  # carried out in this very turn of the loop
            taken.update({name: target.taken for name, target in targets.items()})

    async with (
        broker(tmp_path) as there,
        guest(there.port) as other,
        snd_service() as kitchen,
        snd_service() as hall,
    ):
        targets = {"kitchen": Counted(kitchen), "hall": Counted(hall)}
        places = [Place(name, target) for name, target in targets.items()]
        async with announcing_at(options(there.port), *places, record=note):
            await other.until(f"{BASE}/status", lambda status: status == "online")
            await other.say(f"{BASE}/announce/set", STORY)
            for target in targets.values():
                await gets(target, STEADY)
            await other.say(f"{BASE}/stop/set", payload)
            for name in silent:
                await targets[name].service.until(lambda service: service.over == 1)
            for name in targets.keys() - silent:
                await gets(targets[name], targets[name].chunks + 2)
                assert not targets[name].service.over
            for name in silent:
                assert targets[name].taken == taken[name]
                assert targets[name].chunks <= taken[name]
                (heard,) = targets[name].service.heard
                assert heard.stopped is None, "it was told that the sound is at its end"
            await other.until(EVENT, lambda told: told["event_type"] == "interrupted")
            ended = [told for told in other.on(EVENT) if told["event_type"] == "finished"]
            assert not ended
