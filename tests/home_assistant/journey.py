"""What a user does with a new server, from its discovery to its restart, at a real Home Assistant.

Runs on the machine that Home Assistant is on, a network namespace; `__main__` begins it:

    hub   Home Assistant, the MQTT broker, a satellite
    voice our server, on another machine at the same cable
"""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.edges.http_house import decoded
from tests.edges.mqtt_broker import Broker, broker
from tests.edges.wyoming_house import serving
from tests.home_assistant.hub import ADDRESS, Hub, home_assistant
from tests.home_assistant.satellite import RATE, FakeSatellite, satellite
from tests.home_assistant.server import PORT, Server, server
from tests.judge.measures import pitch
from wyoming_indextts.speech.audio import Pcm, pcm

HUB: Final = "10.77.0.1"
VOICE: Final = "10.77.0.2"
"""The two machines."""

BROKER_PORT: Final = 1883

ENGINE: Final = "tts.wyoming_indextts"
"""What Home Assistant calls our server."""

FLOWS: Final = "/api/config/config_entries/flow"

NODE: Final = "house"
EMOTION: Final = f"select.indextts_{NODE}_emotion"
ANNOUNCE: Final = f"notify.indextts_{NODE}_announce"

SATELLITE: Final = "kitchen"
SPEAKER: Final = f"assist_satellite.{SATELLITE}"

SETTINGS: Final = """\
[mqtt]
host = "{hub}"
port = {port}
node = "{node}"

[process]
step_timeout = 300
load_timeout = 600

[announce]
chime = false

[announce.hub]
url = "http://{hub}:8123"
token_file = "{token}"

[announce.targets]
{satellite} = {{ hub = "{speaker}" }}
"""

PATIENCE: Final = 180.0
"""Seconds that anything may take, on a busy machine."""

NOISE: Final = 1e-4
"""Root mean square below which nothing is said."""

HEADER: Final = 2048
"""Bytes of a file of sound at its beginning that may be no sound yet."""

LONG: Final = 5.0
"""Seconds that the language model's answer lasts at least."""

GO: Final = "reader.go"
"""What the language model waits for in the middle of its answer."""

ANSWER: Final = (
    "The weather in the morning will be sunny and |rather warm for the season. It will rain"
    "|*|in the evening, so take an umbrella."
)
"""What it answers, cut at the bars."""

APART: Final = 1.05
"""Factor of F0 by which happy speech is higher than neutral speech at least."""


@dataclass
class Journey:
    """All that there is, and what was seen so far."""

    hub: Hub
    server: Server
    broker: Broker
    satellite: FakeSatellite
    token: Path
    about: Mapping[str, str]
    """What our server says of itself: the description of each voice, by its name."""

    def tell(self, line: str) -> None:
        """Say what was seen."""
        sys.stdout.write(f"  {line}\n")
        sys.stdout.flush()

    async def said(self, text: str, **options: str) -> Pcm:
        """Have Home Assistant speak; return what it serves."""
        began = time.monotonic()
        body = {"engine_id": ENGINE, "language": "en-US", "message": text, "options": options}
        found = await self.hub.post("/api/tts_get_url", body)
        samples, rate, _ = decoded(await self.hub.fetch(found["path"]))
        sound = pcm(samples, rate)
        assert len(samples) / rate > 0.4, f"{options}: only {len(samples) / rate:.2f} s"
        assert float((samples**2).mean() ** 0.5) > NOISE, f"{options}: silence"
        self.tell(
            f"{options.get('voice', 'default'):<18} {len(samples) / rate:4.1f} s"
            f" {pitch(sound):4.0f} Hz, in {time.monotonic() - began:.1f} s"
        )
        return sound

    async def until(self, what: str, fits: Any) -> Any:  # noqa: ANN401 - an awaitable's result
        """Ask again and again until the answer of `fits` is true; return it."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (found := await fits()):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"in {PATIENCE:.0f} s there was no {what}") from None
        return found


async def discovered(at: Journey) -> None:
    """Home Assistant finds the server by itself, and it is added with one click."""

    async def offered() -> Any:  # noqa: ANN401
        flows = await at.hub.ask("config_entries/flow/progress")
        return [
            flow
            for flow in flows
            if flow["handler"] == "wyoming" and flow["context"]["source"] == "zeroconf"
        ]

    flow, *more = await at.until("discovery", offered)
    assert not more
    made = await at.hub.post(f"{FLOWS}/{flow['flow_id']}", {})
    assert made["type"] == "create_entry", made
    assert made["title"] == "wyoming-indextts"
    entries = await at.hub.get("/api/config/config_entries/entry?domain=wyoming")
    assert [entry["state"] for entry in entries] == ["loaded"]
    at.tell(f"found as {flow['context']['title_placeholders']['name']!r}, added")


async def _added(at: Journey, integration: str, given: object) -> Any:  # noqa: ANN401
    """Add an integration by its dialogue of one step; return what was made."""
    flow = await at.hub.post(FLOWS, {"handler": integration})
    made = await at.hub.post(f"{FLOWS}/{flow['flow_id']}", given)
    assert made["type"] == "create_entry", made
    return made


async def voices_listed(at: Journey) -> None:
    """Every voice is offered, with its description, in both languages."""
    for language in ("zh-CN", "en-US"):
        found = await at.hub.ask("tts/engine/voices", engine_id=ENGINE, language=language)
        listed = {one["voice_id"]: one["name"] for one in found["voices"]}
        assert listed == at.about
        at.tell(f"{language}: {len(listed)} voices")


async def every_voice_speaks(at: Journey) -> None:
    """Each voice speaks, and one of them in each emotion; they are not the same sound."""
    text = "The window is open."
    plain = [name for name in at.about if "-" not in name]
    emotional = [name for name in at.about if name.startswith(f"{plain[0]}-")]
    assert len(plain) == 5
    assert len(emotional) >= 13
    sounds = {name: await at.said(text, voice=name) for name in (*plain, *emotional)}
    different = {sound.data for sound in sounds.values()}
    # neutral and auto are what a voice is by itself
    assert len(different) >= len(sounds) - 2
    happy, neutral = sounds[f"{plain[0]}-happy"], sounds[f"{plain[0]}-neutral"]
    assert pitch(happy) > APART * pitch(neutral)


async def streamed(at: Journey) -> None:
    """What a language model writes is spoken before it is written."""
    async with serving() as quick:
        # a slow machine's voice waits for the whole text: that must not look like this failing
        made = await _added(at, "wyoming", {"host": quick.host, "port": quick.port})
        assert made["title"] == "wyoming-indextts"
        seconds = await _told_by_model(at, f"{ENGINE}_2", "alice", waits=True)
        at.tell(f"an engine of tones: {seconds:.1f} s in all")
        entry = made["result"]["entry_id"]
        await at.hub.delete(f"/api/config/config_entries/entry/{entry}")
    seconds = await _told_by_model(at, ENGINE, "yun-calm", waits=False)
    at.tell(f"the real voice: {seconds:.1f} s in all")


async def _told_by_model(at: Journey, engine: str, voice: str, *, waits: bool) -> float:
    """Have a language model answer in a voice; return the seconds of the sound.

    If it `waits`, it goes on with its answer only when the beginning of it is heard.
    """
    pipeline = await at.hub.ask(
        "assist_pipeline/pipeline/create",
        name=f"House of {voice}",
        language="en",
        conversation_engine="conversation.reader",
        conversation_language="en",
        stt_engine=None,
        stt_language=None,
        tts_engine=engine,
        tts_language="en-US",
        tts_voice=voice,
        wake_word_entity=None,
        wake_word_id=None,
    )
    await at.hub.ask("assist_pipeline/pipeline/set_preferred", pipeline_id=pipeline["id"])
    number = await at.hub.begin(
        "assist_pipeline/run",
        start_stage="intent",
        end_stage="tts",
        input={"text": ANSWER if waits else ANSWER.replace("*", "")},
        pipeline=pipeline["id"],
    )
    path, began = await _speech_begun(at, number), time.monotonic()
    content = bytearray()
    async with at.hub.session.get(f"{ADDRESS}{path}") as answer:
        async for piece in answer.content.iter_any():
            content += piece
            if waits and len(content) > HEADER and not await at.hub.state(GO):
                at.tell(f"sound {time.monotonic() - began:.2f} s after Home Assistant asks for it")
                await at.hub.post(f"/api/states/{GO}", {"state": "on"})
    while (await at.hub.told(number))["event"]["type"] != "run-end":
        pass
    samples, rate, _ = decoded(bytes(content))
    assert len(samples) / rate > LONG, "the end of the text is missing"
    return len(samples) / rate


async def _speech_begun(at: Journey, number: int) -> str:
    """Return where the speech of a pipeline's run is, once Home Assistant has asked for it."""
    path = ""
    while True:
        told = await at.hub.told(number)
        if told["type"] != "event":
            continue
        event = told["event"]
        match event["type"]:
            case "run-start":
                path = event["data"]["tts_output"]["url"]
            case "intent-progress" if event["data"].get("tts_start_streaming"):
                return path
            case "error" | "intent-end":
                raise AssertionError(f"the whole text came before its speech: {event}")


async def broker_added(at: Journey) -> None:
    """The broker is added, and the server is there as a device."""
    others = {"set_ca_cert": "off", "set_client_cert": False}
    await _added(at, "mqtt", {"broker": HUB, "port": BROKER_PORT, "other_settings": others})
    await at.hub.until(EMOTION, lambda state: state not in ("", "unavailable", "unknown"))
    states = await at.hub.get("/api/states")
    ours = sorted(one["entity_id"] for one in states if f"indextts_{NODE}" in one["entity_id"])
    at.tell(f"{len(ours)} entities: {', '.join(ours)}")
    registry = await at.hub.ask("config/entity_registry/list")
    at.tell(
        f"{sum(one['platform'] == 'mqtt' for one in registry)} with those that are off at first"
    )


async def emotion_changed(at: Journey) -> None:
    """An emotion chosen by a service call is heard from the next text on."""
    plain = await at.said("The door of the garage is open.")
    await at.hub.call("select.select_option", entity_id=EMOTION, option="happy")
    await at.hub.until(EMOTION, lambda state: state == "happy")
    happy = await at.said("The door of the cellar is open.")
    assert pitch(happy) > APART * pitch(plain)
    await at.hub.call("select.select_option", entity_id=EMOTION, option="neutral")
    await at.hub.until(EMOTION, lambda state: state == "neutral")


async def satellite_added(at: Journey) -> None:
    """The satellite is added, and speaks with our voice."""
    await _added(at, "wyoming", {"host": "127.0.0.1", "port": at.satellite.port})
    await at.hub.until(SPEAKER, lambda state: state == "idle")

    async def served() -> bool:
        return at.satellite.served

    await at.until("satellite that is served", served)


async def announced(at: Journey) -> None:
    """Announcements reach the satellite: Home Assistant's own, and ours over the broker."""
    at.token.write_text(at.hub.token, "utf-8")
    began = time.monotonic()
    message = "The washing machine has finished."
    await at.hub.call(
        "assist_satellite.announce", entity_id=SPEAKER, message=message, preannounce=False
    )
    _heard_at_satellite(at, began, "assist_satellite.announce")
    await at.hub.until(SPEAKER, lambda state: state == "idle")

    began = time.monotonic()
    await at.hub.call(
        "notify.send_message", entity_id=ANNOUNCE, message="[happy] Somebody is at the door!"
    )

    async def heard() -> bool:
        return len(at.satellite.heard) == 2

    await at.until("announcement", heard)
    _heard_at_satellite(at, began, "our announcement")
    await at.hub.until(SPEAKER, lambda state: state == "idle")


def _heard_at_satellite(at: Journey, began: float, what: str) -> None:
    last = at.satellite.heard[-1]
    assert last.seconds > 1, f"{what}: {last.seconds:.2f} s of sound"
    sound = Pcm(last.data, RATE)
    at.tell(
        f"{what}: {last.seconds:.1f} s {pitch(sound):.0f} Hz, the first after"
        f" {last.began - began:.2f} s"
    )


async def restarted(at: Journey) -> tuple[int, int]:
    """Our server goes and comes back; return the lines of the log between which that was."""
    before = len(at.hub.log())
    status = await at.server.end()
    assert status == 0, at.server.log
    await at.hub.until(EMOTION, lambda state: state == "unavailable")
    seconds = await at.server.start()
    await at.hub.until(EMOTION, lambda state: state == "neutral")
    await at.said("Here I am again.", voice="mei")
    at.tell(f"ready again after {seconds:.1f} s")
    return before, len(at.hub.log())


def without_complaint(at: Journey, away: tuple[int, int]) -> None:
    """Home Assistant's log has no warning about us, but that we were away while we were."""
    about = ("wyoming", "indextts", "mqtt", VOICE, "assist_satellite", "components.tts")
    complaints = [
        line
        for number, line in enumerate(at.hub.log())
        if (" ERROR " in line or " WARNING " in line or line.startswith("Traceback"))
        and any(word in line for word in about)
        and not (f"Error fetching {VOICE}:{PORT} data" in line and away[0] <= number <= away[1])
    ]
    assert not complaints, "\n".join(complaints)
    at.tell(f"{len(at.hub.log())} lines, none of them against us")


@asynccontextmanager
async def arrived(root: Path, cache: Path, machine: str) -> AsyncGenerator[Journey, None]:
    """Give all that there is, with nothing done to it; a failure is told with the logs."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        token = folder / "hub.token"
        token.write_text("none yet", "utf-8")
        settings = SETTINGS.format(
            hub=HUB, port=BROKER_PORT, node=NODE, token=token, satellite=SATELLITE, speaker=SPEAKER
        )
        (folder / "wyoming-indextts.toml").write_text(settings, "utf-8")
        async with (
            broker(folder, f"listener {BROKER_PORT} {HUB}") as mosquitto,
            satellite(SATELLITE) as fake,
            server(machine, VOICE, folder, cache) as ours,
            home_assistant(root, f"http://{HUB}:8123") as hub,
        ):
            program = (await ours.info()).tts[0]
            about = {voice.name: voice.description or "" for voice in program.voices}
            try:
                yield Journey(hub, ours, mosquitto, fake, token, about)
            except BaseException:
                sys.stdout.write("--- our log\n" + "\n".join(ours.log[-40:]) + "\n")
                loud = [line for line in hub.log() if " INFO " not in line]
                sys.stdout.write("--- Home Assistant's\n" + "\n".join(loud[-60:]) + "\n")
                raise


async def travel(root: Path, cache: Path, machine: str) -> None:
    """Go the whole way."""
    async with arrived(root, cache, machine) as at:
        for step in (
            discovered,
            voices_listed,
            every_voice_speaks,
            streamed,
            broker_added,
            emotion_changed,
            satellite_added,
            announced,
        ):
            sys.stdout.write(f"{(step.__doc__ or '').splitlines()[0]}\n")
            await step(at)
        sys.stdout.write("Our server goes and comes back.\n")
        away = await restarted(at)
        without_complaint(at, away)


if __name__ == "__main__":
    asyncio.run(travel(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
