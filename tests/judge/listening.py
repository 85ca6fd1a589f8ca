"""Hears what a client of the server hears, and beside it what the engine said: the reference.

text -> the protocol's own client -> socket -> server -> speaker -> Wiretap -> engine
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from tests.house import PRESETS, speaking
from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.speech.audio import Pcm, silence
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.engine import Audio, Engine, Job, Produced
from wyoming_indextts.speech.pauses import pause_after
from wyoming_indextts.speech.stage import Stage
from wyoming_indextts.speech.voices import Voices

PATIENCE: Final = 60.0
"""Seconds that a sentence may take, on two busy cores."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and its sound, run by run."""

    job: Job
    runs: list[Pcm] = field(default_factory=list)

    @property
    def pause(self) -> Pcm:
        """The silence that the speaker leaves before a next sentence."""
        text = "".join(phrase.text for phrase in self.job.phrases)
        return silence(pause_after(text) * self.job.style.pause, self.runs[0].rate)


class Wiretap:
    """An engine that keeps a copy of all that the engine inside it says.

    Closing it leaves the engine inside open: one serves all tests.
    """

    def __init__(self, engine: Engine) -> None:
        self.rate = engine.rate
        self.real_time_factor = engine.real_time_factor
        self.said: dict[int, Said] = {}
        """Every job by its number, in the order they began; read it between utterances."""
        self._engine = engine

    def begin(self, job: Job) -> None:
        """Hand the job on."""
        self.said[job.id] = Said(job)
        self._engine.begin(job)

    def cancel(self, job_id: int) -> None:
        """Hand the wish on."""
        self._engine.cancel(job_id)

    def step(self) -> Sequence[Produced]:
        """Hand on what is produced, and keep its sound."""
        produced = self._engine.step()
        for item in produced:
            if isinstance(item, Audio):
                self.said[item.job_id].runs.append(item.pcm)
        return produced

    def close(self) -> None:
        """Do nothing: whoever loaded the engine closes it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance: as the client got it, and as it left the engine.

    In the reference, sentences stand apart by the speaker's pauses.
    """

    sound: Pcm
    reference: Pcm


@dataclass(frozen=True, slots=True)
class Listener:
    """A client of a server on this machine."""

    port: int
    wiretap: Wiretap

    async def hear(self, text: str, *, voice: str | None = None) -> Heard:
        """Have a text spoken as a whole."""
        chosen = SynthesizeVoice(voice) if voice else None
        return await self._heard(AudioStop, Synthesize(text, voice=chosen).event())

    async def hear_streamed(self, pieces: Sequence[str], *, voice: str | None = None) -> Heard:
        """Have a text spoken that arrives in pieces, in Home Assistant's order of events."""
        chosen = SynthesizeVoice(voice) if voice else None
        return await self._heard(
            SynthesizeStopped,
            SynthesizeStart(voice=chosen).event(),
            *(SynthesizeChunk(piece).event() for piece in pieces),
            Synthesize("".join(pieces), voice=chosen).event(),
            SynthesizeStop().event(),
        )

    async def _heard(self, last: type[AudioStop | SynthesizeStopped], *events: Event) -> Heard:
        self.wiretap.said.clear()
        async with (
            asyncio.timeout(PATIENCE),
            AsyncTcpClient("127.0.0.1", self.port) as client,
        ):
            for event in events:
                await client.write_event(event)
            sound = await _sound(client, last)
        return Heard(sound, reference(list(self.wiretap.said.values())))


async def _sound(client: AsyncTcpClient, last: type[AudioStop | SynthesizeStopped]) -> Pcm:
    """Return the sound at the rate that is announced, as a player would play it."""
    announced: AudioStart | None = None
    payload = b""
    while (event := await client.read_event()) is not None and not last.is_type(event.type):
        assert not Error.is_type(event.type), event.data
        if AudioStart.is_type(event.type):
            assert announced is None, "announced twice"
            announced = AudioStart.from_event(event)
            assert (announced.width, announced.channels) == (2, 1)
        elif AudioChunk.is_type(event.type):
            payload += AudioChunk.from_event(event).audio
    assert event is not None, "the server hung up"
    assert announced is not None
    return Pcm(payload, announced.rate)


def join(*runs: Pcm) -> Pcm:
    """Return runs of one rate as one."""
    (rate,) = {run.rate for run in runs}
    return Pcm(b"".join(run.data for run in runs), rate)


def reference(said: Sequence[Said]) -> Pcm:
    """Return sentences as they belong together."""
    *others, last = said
    return join(
        *(run for sentence in others for run in (*sentence.runs, sentence.pause)), *last.runs
    )


@asynccontextmanager
async def listening(engine: Engine, voices: Voices) -> AsyncGenerator[Listener, None]:
    """Serve `voices` with `engine` on a free loopback port and give a client of it."""
    wiretap = Wiretap(engine)
    casting = Casting(voices, PRESETS, Stage(voices, PRESETS))
    async with speaking(wiretap, cast=casting, rate=engine.rate) as speaker:
        server = WyomingServer(speaker, voices, PRESETS)
        async with server.listen("127.0.0.1", 0) as ((_, port),):
            yield Listener(port, wiretap)
