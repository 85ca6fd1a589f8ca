"""The composition root: the only file that knows every room.

Settings go in; out come a speaker (for `say` and `doctor`) or the whole server.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from wyoming_indextts.announcing import Served, announced_at_targets
from wyoming_indextts.auditing import audited
from wyoming_indextts.edges.discovery.addresses import own_interfaces
from wyoming_indextts.edges.discovery.announcement import DiscoveryOptions, announced
from wyoming_indextts.edges.wyoming.options import WyomingOptions
from wyoming_indextts.edges.wyoming.server import WyomingServer
from wyoming_indextts.enrolments import Enrolments
from wyoming_indextts.errors import EngineFailedError, SpeechError
from wyoming_indextts.fetching import fetched
from wyoming_indextts.mqtt import shown_over_mqtt
from wyoming_indextts.offering import Offering
from wyoming_indextts.runners import MODEL, decided, is_gateway, is_led, rate_of, running
from wyoming_indextts.settings import Address, Settings, texts_named
from wyoming_indextts.speech.announcer import Announcer
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Recorder, unrecorded
from wyoming_indextts.speech.engine import EngineRunner
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.links import Links
from wyoming_indextts.speech.normalise import Normaliser
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions
from wyoming_indextts.speech.vitals import Dials, vitals_of
from wyoming_indextts.store.voices import voices_folder
from wyoming_indextts.store.watch import watched
from wyoming_indextts.supervised import forgiving, supervised
from wyoming_indextts.web import Staff, page_served

log = logging.getLogger(__name__)

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
"""What ends the server in order."""

LOADS: Final = 3
"""Times that the engine may be lost while it is loaded before the server gives up."""


@dataclass(frozen=True, slots=True)
class House:
    """What every edge is built around."""

    casting: Casting
    runner: EngineRunner
    speaker: Speaker
    offering: Offering


def casting(settings: Settings) -> Casting:
    """Return who can speak and how, as the settings and the user's files say.

    Raises:
        SettingsError, PresetError: a file cannot be used.
        SpeechError: the default voice or the stage's emotion is not there.
    """
    return _offering(settings).casting


def _offering(settings: Settings) -> Offering:
    return Offering(settings, led=is_led(settings), gateway=is_gateway(settings))


@asynccontextmanager
async def inhabited(
    settings: Settings, *, apart: bool, patient: bool = False, record: Recorder = unrecorded
) -> AsyncGenerator[House, None]:
    """Give a house whose engines are loading; for `apart` and `patient` see `running`.

    `record` gets what is spoken.

    Raises:
        SettingsError, PresetError, LexiconError, SpeechError: as `casting` says.
    """
    offering = _offering(settings)
    cast = offering.casting
    normaliser = Normaliser(Lexicon.parse_all(texts_named("lexicon.toml", settings)))
    lead_in = settings.speech.lead_in_ms
    limits = SpeakerOptions(
        speaking=settings.speech.speaking,
        waiting=settings.speech.waiting,
        lead_in={"wyoming": lead_in.wyoming / 1000, "say": lead_in.say / 1000},
    )
    rate = rate_of(settings)
    async with running(settings, offering, apart=apart, patient=patient) as runner:
        reading = asyncio.get_running_loop().run_in_executor(None, normaliser.load)
        speaker = Speaker(runner, cast, normaliser, rate=rate, options=limits, record=record)
        yield House(cast, runner, speaker, offering)
        await reading


@asynccontextmanager
async def speaking(settings: Settings) -> AsyncGenerator[Speaker, None]:
    """Give a speaker without any edge, for this process alone; raises what `inhabited` does."""
    async with inhabited(decided(settings), apart=False, patient=True) as house:
        yield house.speaker


def speaking_embedded(settings: Settings) -> AbstractAsyncContextManager[Speaker]:
    """Give a speaker of the embedded voice alone; otherwise as `speaking`."""
    return speaking(settings.model_copy(update={"engine": "embedded"}))


@asynccontextmanager
async def _shown(
    house: House,
    announcer: Announcer | None,
    dials: Dials,
    record: Recorder,
    settings: Settings,
) -> AsyncGenerator[None, None]:
    """Show the house at the broker of these settings, if they name one, and tell the metrics."""
    shown = shown_over_mqtt(
        settings, house.speaker, house.casting, house.runner, announcer, record=record
    )
    async with shown as connected:
        dials.mqtt = connected
        yield
    dials.mqtt = None


async def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status.

    Raises:
        SettingsError, PresetError, LexiconError: a file cannot be used.
        SpeechError: the engine cannot be loaded, so that nothing could ever be spoken.
        OSError: the address cannot be listened at.
    """
    settings = forgiving(decided(settings), casting)
    stopped = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    apart = not settings.process.in_process
    with audited(settings) as record:
        async with (
            inhabited(settings, apart=apart, record=record) as house,
            _kept_up(house, settings),
            _open_to_all(house, record, settings) as listening,
        ):
            addresses = ", ".join(str(Address(*at)) for at in listening)
            await _until_ready(house.runner, stopped, addresses)
            if is_led(settings) and not stopped.is_set():
                await _with_default_voices(settings, house.speaker, stopped)
            await stopped.wait()
            log.info("going down")
    return 0


@asynccontextmanager
async def _kept_up(house: House, settings: Settings) -> AsyncGenerator[None, None]:
    """Follow what comes to the disk: voices, and weights that are fetched meanwhile."""
    async with AsyncExitStack() as opened:
        folder = voices_folder(settings.data_dir)
        await opened.enter_async_context(watched(folder, house.offering.enrol))
        if settings.accept_licence and not is_gateway(settings):
            await opened.enter_async_context(fetched(MODEL, settings.cache_dir, house.runner.wake))
        yield


@asynccontextmanager
async def _open_to_all(
    house: House, record: Recorder, settings: Settings
) -> AsyncGenerator[Sequence[tuple[str, int]], None]:
    """Open every way in and out; give the addresses of the Wyoming server.

    In this order: who is told of the server finds it open, and it closes last of all.

    Raises:
        OSError: the Wyoming server's address cannot be listened at.
    """
    speaker, cast = house.speaker, house.casting
    server = WyomingServer(
        speaker, cast.voices, cast.presets, _wyoming(settings), own_interfaces=own_interfaces
    )
    links = Links()
    dials = Dials(engines=partial(vitals_of, house.runner), wyoming=lambda: server.connections)
    folder = voices_folder(settings.data_dir)
    enrolments = Enrolments(folder, cast.voices, house.offering.enrol)
    staff = Staff(enrolments, record, dials, house.offering.path)
    wanted = settings.wyoming
    async with AsyncExitStack() as opened:
        address = wanted.address
        listening = await opened.enter_async_context(server.listen(address.host, address.port))
        page = page_served(settings, speaker, cast, house.runner, links, staff)
        served = Served(links, await opened.enter_async_context(page))
        announcer = await opened.enter_async_context(
            announced_at_targets(settings, speaker, cast, served)
        )
        if announcer:
            dials.announcements = lambda: announcer.waiting
        shown = partial(_shown, house, announcer, dials, record)
        await opened.enter_async_context(shown(settings))
        await opened.enter_async_context(supervised(settings, listening[0][1], shown))
        if wanted.zeroconf:
            await opened.enter_async_context(announced(_discovery(settings), listening))
        yield listening


async def _with_default_voices(
    settings: Settings, speaker: Speaker, stopped: asyncio.Event
) -> None:
    """Have the embedded voice make the first voices to clone, unless the server is stopped."""
    from wyoming_indextts.store.default_voices import make_default_voices  # noqa: PLC0415 - an extra's

    stopping = asyncio.ensure_future(stopped.wait())
    making = asyncio.ensure_future(make_default_voices(voices_folder(settings.data_dir), speaker))
    try:
        await asyncio.wait((stopping, making), return_when=asyncio.FIRST_COMPLETED)
        if making.done():
            making.result()
    except SpeechError as error:
        log.warning("the default voices could not be made: %s", error)
    finally:
        stopping.cancel()
        making.cancel()


async def _until_ready(runner: EngineRunner, stopped: asyncio.Event, addresses: str) -> None:
    """Log `ready` once the engine can speak, unless the server is stopped before."""
    stopping = asyncio.ensure_future(stopped.wait())
    loading = asyncio.ensure_future(_loaded(runner))
    try:
        await asyncio.wait((stopping, loading), return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            factor = loading.result()
            log.info("ready at %s; %.2f s of work per second of speech", addresses, factor)
    finally:
        stopping.cancel()
        loading.cancel()


async def _loaded(runner: EngineRunner) -> float:
    """Wait until the engine can speak, also if its process is lost on the way there."""
    for _ in range(LOADS - 1):
        try:
            return await runner.loaded()
        except EngineFailedError:
            continue
    return await runner.loaded()


def _wyoming(settings: Settings) -> WyomingOptions:
    wanted = settings.wyoming
    return WyomingOptions(
        connections=wanted.connections,
        connections_per_address=wanted.connections_per_address,
        allow=wanted.allow,
        text_characters=wanted.text_limit,
        text_idle_timeout=wanted.text_idle_timeout,
        variants=wanted.emotion_variants,
    )


def _discovery(settings: Settings) -> DiscoveryOptions:
    name = settings.wyoming.zeroconf
    return DiscoveryOptions(settings.data_dir, name if isinstance(name, str) else None)
