"""The whole examination, in the order in which things are needed."""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Final

from wyoming_indextts.doctor import downloads, files, machine, network, voice
from wyoming_indextts.doctor.broker import broker
from wyoming_indextts.doctor.far_side import far_side
from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.doctor.record import record, room
from wyoming_indextts.doctor.voice import Speaking
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.casting import Casting

CACHE_NEEDED: Final = 400_000_000
"""Bytes: the prepared graph (293 MB), twice while it is replaced by one of half the size."""

DATA_NEEDED: Final = 10_000_000
"""Bytes: the user's own small files."""


async def examine(
    flags: Mapping[str, object],
    env: Mapping[str, str],
    *,
    cast: Callable[[Settings], Casting],
    speaking: Speaking,
) -> AsyncGenerator[Finding, None]:
    """Yield what is found, as it is found; the last one takes some seconds."""
    yield machine.python()
    yield machine.packages(machine.requirements())
    settings, found = files.settings(flags, env)
    yield found
    emotions, readings = files.presets(settings), files.lexicon(settings)
    yield emotions
    yield readings
    needed = DATA_NEEDED + room(settings)
    yield files.folder("data", settings.data_dir, flag="--data-dir", needed=needed)
    yield record(settings)
    cache = files.folder("cache", settings.cache_dir, flag="--cache-dir", needed=CACHE_NEEDED)
    unchanged = settings.embedded.model_file is None
    if cache.state == "error" and unchanged and voice.is_prepared(settings):
        cache = Finding("cache", "ok", f"{settings.cache_dir}, where the voice is prepared")
    yield cache
    yield await network.port(settings.wyoming.address)
    yield network.addresses(settings.wyoming.address, network.own_addresses())
    if mqtt := await broker(settings, cast):
        yield mqtt
    if far := await far_side(settings):
        yield far
    yield machine.sound()
    yield await machine.gpu()
    yield downloads.weights("indextts2", settings.cache_dir)
    if pace := downloads.pace(settings.cache_dir):
        yield pace
    yield downloads.qwen(settings.cache_dir)
    weights = voice.weights(settings)
    yield weights
    if weights.state == "ok":
        yield voice.graph(settings)
    first = [emotions, readings, cache, weights]
    if emotions.state == "ok":
        first.append(voices := voice.voices(settings, cast))
        yield voices
    if broken := [found.topic for found in first if found.state == "error"]:
        text = f"not measured: mend {', '.join(broken)} first"
        yield Finding("speed", "error", text, "then run doctor again")
        return
    yield await voice.speed(settings, speaking)
