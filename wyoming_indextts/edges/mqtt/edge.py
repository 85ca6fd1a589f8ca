"""The MQTT edge: commands in, state and events out, and the device in Home Assistant.

Everything happens in the event loop's thread and nothing here waits for the broker: what is to
be said goes into the outbox.
"""

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Final

from wyoming_indextts.edges.mqtt.activity import Watch, event
from wyoming_indextts.edges.mqtt.announcer import Announcer, Notice
from wyoming_indextts.edges.mqtt.area import AreaMoods, config_topic
from wyoming_indextts.edges.mqtt.carried_out import deed
from wyoming_indextts.edges.mqtt.commands import Commands, Done
from wyoming_indextts.edges.mqtt.connection import Connection, Presence, Received
from wyoming_indextts.edges.mqtt.device import PROGRAM, device
from wyoming_indextts.edges.mqtt.echo import Echo
from wyoming_indextts.edges.mqtt.mood import Mood
from wyoming_indextts.edges.mqtt.options import MqttOptions
from wyoming_indextts.edges.mqtt.outbox import Outbox
from wyoming_indextts.edges.mqtt.topics import Topics
from wyoming_indextts.errors import BadRequestError, SpeechError
from wyoming_indextts.speech.areas import Areas
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Recorder, unrecorded
from wyoming_indextts.speech.emotion import AXES
from wyoming_indextts.speech.interlude import Interlude
from wyoming_indextts.speech.progress import Progress
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.vitals import Lack

log = logging.getLogger(__name__)

TICK: Final = 1.0
"""Seconds between two looks at what nobody tells of; and between two documents of measures."""

BIRTH: Final = 3.0
"""Seconds within which Home Assistant is answered that has come up; not all servers at once."""

LONGEST: Final = 255
"""Characters of a state; Home Assistant refuses a longer one."""

NAMED: Final = 40
"""Characters of a name that somebody else chose, where it is told on."""


class MqttEdge:
    """Shows the house over MQTT and takes commands. Belongs to the event loop's thread."""

    def __init__(
        self,
        options: MqttOptions,
        speaker: Speaker,
        casting: Casting,
        *,
        ready: Callable[[], bool],
        version: str,
        announcer: Announcer | None = None,
        areas: Areas | None = None,
    ) -> None:
        """Take the parts; `ready` says whether the engine is loaded; no areas: none are shown."""
        self._options = options
        self._speaker = speaker
        self._casting = casting
        self._ready = ready
        self.lack: Callable[[], Lack | None] = lambda: None
        """Says what the machine cannot do; may be set before it runs."""
        self._version = version
        self._announcer = announcer
        self._areas = areas
        self._area_moods = AreaMoods(areas, casting.presets, options) if areas else None
        self._topics = topics = Topics.of(options)
        self._outbox = Outbox()
        self._watch = Watch()
        self._ignored = 0
        self._echoes: Mapping[str, Echo] = {}
        wanted = [topics.commands]
        if options.discovery.enabled:
            of_areas = (config_topic(options, area) for area in (areas.names if areas else ()))
            self._echoes = {topic: Echo(topic) for topic in (topics.config, *of_areas)}
            wanted += [topics.birth, *self._echoes]
        if areas:
            wanted.append(topics.area_commands)
        self._connection = Connection(
            options.broker, self._outbox, Presence(topics.status), wanted, self.receive,
            remembered=[topics.area_states],
        )  # fmt: skip

    @property
    def connected(self) -> bool:
        """Whether the broker has us now."""
        return self._connection.connected

    @asynccontextmanager
    async def running(self, record: Recorder = unrecorded) -> AsyncGenerator[None, None]:
        """Be there while the block runs; whether or when a broker is reached delays nothing.

        `record` gets the commands that were carried out.
        """
        self._record = record
        stage, voices = self._casting.stage, self._casting.voices
        async with AsyncExitStack() as opened:
            self._interlude = Interlude(stage, self._speaker)
            opened.callback(self._interlude.close)
            self._mood = Mood(self._casting, self._interlude)
            self._commands = Commands(
                self._mood,
                self._speaker,
                self._announcer,
                max_age=self._options.max_age,
                areas=self._area_moods,
            )
            log.info("the MQTT topics of this server are below %s/", self._topics.base)
            if self._areas:
                opened.callback(self._areas.listen(self._show_area))
            opened.callback(stage.listen(lambda _: self._show()))
            opened.callback(voices.listen(self._tell_of_us))
            opened.callback(self._speaker.listen(self._follow))
            if self._announcer:
                opened.callback(self._announcer.listen(self._notice))
            self._tell_of_us()
            self._measure()
            tasks = [asyncio.create_task(self._keep_up(), name="mqtt"),
                     asyncio.create_task(self._look(), name="mqtt-look")]  # fmt: skip
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)

    def receive(self, message: Received) -> None:
        """Do what a message wants; never blocks and never raises."""
        if echo := self._echoes.get(message.topic):
            echo.heard()
        elif message.topic == self._topics.birth:
            if message.payload == b"online":
                delay = random.uniform(0.0, BIRTH)  # noqa: S311 - not a secret
                asyncio.get_running_loop().call_later(delay, self._introduce)
        elif key := self._topics.key(message.topic):
            command = partial(self._commands.carry_out, key, waited=message.waited)
            self._take(message, key, command)
        elif area := self._topics.area(message.topic):
            self._take(message, "emotion", partial(self._commands.carry_out_in, area))
            self._show_area(area)
        elif (area := self._topics.area_shown(message.topic)) and message.payload:
            self._clear_away(area)

    def _clear_away(self, area: str) -> None:
        """Take back an area that is shown and is none any more: the settings have changed."""
        known = self._areas.names if self._areas else ()
        if area in known:
            return
        config = config_topic(self._options, area)
        if config not in {config_topic(self._options, name) for name in known}:
            self._outbox.erase(config)
        self._outbox.erase(self._topics.area_state(area))

    def _take(self, message: Received, key: str, command: Callable[[bytes], Done]) -> None:
        if message.retained:
            self._ignore(message.topic)
        elif message.payload:  # nothing: somebody clears what was retained
            self._obey(key, message, command)

    def _obey(self, key: str, message: Received, command: Callable[[bytes], Done]) -> None:
        answer: dict[str, object]
        try:
            answer = {"ok": True, **command(message.payload)}
        except SpeechError as error:
            answer = {"ok": False, "code": error.code, "text": str(error)}
        except Exception:  # the outermost boundary of a message: the next one is served
            log.exception("a command over MQTT was not understood")
            answer = {"ok": False, "code": BadRequestError.code, "text": "not understood"}
        if answer["ok"]:
            self._record(deed(key, message.payload, answer))
        else:
            rejected = {"event_type": "rejected", "topic": key[:NAMED], **answer}
            del rejected["ok"]
            self._outbox.send(self._topics.event, _json(rejected))
        self._show()
        self._outbox.again(self._topics.state)  # an entity that showed a wish shows the truth
        if message.reply_to and self._topics.may_reply(message.reply_to):
            self._outbox.send(message.reply_to, _json(answer), message.correlation)

    def _ignore(self, topic: str) -> None:
        """Take note of a command that was retained: nobody knows how old it is."""
        if not self._ignored:
            log.warning("a retained MQTT command is not carried out: %s", topic[:256])
        self._ignored += 1

    def _follow(self, progress: Progress) -> None:
        self._watch.follow(progress)
        self._outbox.send(self._topics.event, _json(event(progress)))
        self._show()

    def _notice(self, notice: Notice) -> None:
        self._outbox.send(self._topics.event, _json({"event_type": notice.kind, **notice.fields}))
        self._show()

    def _tell_of_us(self) -> None:
        """Have Home Assistant know the device as it is now, or not at all."""
        told = ""
        if self._options.discovery.enabled:
            told = _json(
                device(
                    self._options,
                    version=self._version,
                    voices=[voice.name for voice in self._casting.voices],
                    presets=tuple(self._casting.presets),
                    announcing=self._announcer is not None,
                )
            )
        self._outbox.keep(self._topics.config, told)
        if moods := self._area_moods:
            for area in moods.names:
                about = moods.device(area, program=PROGRAM, version=self._version)
                shown = _json(about) if self._options.discovery.enabled else ""
                self._outbox.keep(moods.config(area), shown)
                self._show_area(area)
        self._show()

    def _show_area(self, area: str) -> None:
        """Publish what is on in an area, again if that is what was published last."""
        if self._area_moods and area in self._area_moods.names:
            topic = self._topics.area_state(area)
            self._outbox.keep(topic, _json(self._area_moods.state(area)))
            self._outbox.again(topic)

    def _introduce(self) -> None:
        """Say everything again to a Home Assistant that has just come up."""
        if moods := self._area_moods:
            for area in moods.names:
                self._outbox.again(moods.config(area))
                self._outbox.again(self._topics.area_state(area))
        for topic in (self._topics.config, self._topics.state, self._topics.metrics,
                      self._topics.status):  # fmt: skip
            self._outbox.again(topic)

    def _show(self) -> None:
        self._outbox.keep(self._topics.state, _json(self._state()))

    def _state(self) -> Mapping[str, object]:
        now, shown, watch = self._casting.stage.now, self._mood.shown, self._watch
        announcer = self._announcer
        until = self._interlude.until
        state: dict[str, object] = {
            "emotion": shown.emotion,
            "emotion_zh": shown.emotion_zh,
            "emotion_intensity": now.intensity,
            "emotion_until": datetime.fromtimestamp(until, UTC).isoformat() if until else None,
            "emotion_next": self._interlude.left,
            **{f"emotion_{axis}": w for axis, w in zip(AXES, shown.weights, strict=True)},
            "voice": shown.voice,
            "speed": now.speed,
            "volume": round(100 * now.volume, 2),
            "activity": watch.activity(ready=self._ready()),
            "queue_depth": watch.waiting + (announcer.waiting if announcer else 0),
        }
        if announcer:
            state["mute"] = "ON" if announcer.quiet else "OFF"
        return state

    def _measure(self) -> None:
        watch = self._watch
        first = watch.first_audio
        measures = {
            "ttfa_ms": None if first is None else round(1000 * first, 1),
            "spoken": watch.spoken,
            "failed": watch.failed,
            "last_error": watch.last_error,
            "limits": self._limited(self.lack()),
        }
        self._outbox.keep(self._topics.metrics, _json(measures))

    def _limited(self, lack: Lack | None) -> str | None:
        """Return what the machine cannot do, no longer than a state may be in Home Assistant."""
        if lack is None:
            return None
        chinese = self._options.discovery.language == "zh-Hans"
        return (lack.zh if chinese else lack.en)[:LONGEST]

    async def _keep_up(self) -> None:
        try:
            await self._connection.run()
        except Exception:  # this task's outermost boundary: a bug here must not end speech
            log.exception("the MQTT edge has ended, speech goes on")

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._show()
            self._measure()
            for echo in self._echoes.values():
                echo.look(connected=self.connected)


def _json(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False)
