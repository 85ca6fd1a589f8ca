"""The commands: which there are, and what each does with what it is told."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from wyoming_indextts.edges.mqtt.announcer import Announcer, Wish
from wyoming_indextts.edges.mqtt.area import AreaMoods
from wyoming_indextts.edges.mqtt.mood import Mood
from wyoming_indextts.edges.mqtt.payload import Fields, known, number, read, word
from wyoming_indextts.errors import BadRequestError, TimedOutError, UnsupportedError
from wyoming_indextts.speech.emotion import AXES
from wyoming_indextts.speech.speaker import Speaker

PRESS: Final = "PRESS"
"""What a button of Home Assistant's says."""

SWITCH: Final = {"ON": True, "OFF": False}

STOP_FIELDS: Final = ("id", "source", "target", "ts")
"""What a stop as an object may say."""

MOMENTARY: Final = ("stop",)
"""Commands that mean what goes on when they are sent, and nothing later."""

LATEST: Final = 1e12
"""Seconds since 1970 that are a time; beyond it somebody sends milliseconds."""

Done = Mapping[str, object]
"""What an answer tells beyond the state."""

Command = Callable[[str | Fields], Done]


class Commands:
    """Carries commands out. Belongs to the event loop's thread."""

    def __init__(
        self,
        mood: Mood,
        speaker: Speaker,
        announcer: Announcer | None = None,
        *,
        max_age: float,
        areas: AreaMoods | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take what they work on; `max_age` is in seconds, of what says when it was sent."""
        self._mood = mood
        self._speaker = speaker
        self._max_age = max_age
        self._clock = clock
        self._commands: dict[str, Command] = {
            "emotion": self._emotion,
            "voice": self._plain(mood.voice),
            "emotion_intensity": self._number("intensity", 0.0, 1.0, mood.intensity),
            "speed": self._number("speed", 0.5, 2.0, mood.speed),
            "volume": self._number("volume", 0.0, 200.0, mood.volume),
            "stop": self._stop,
        }
        for axis in AXES:
            self._commands[f"emotion_{axis}"] = self._number(axis, 0.0, 1.0, self._weight(axis))
        self._areas = areas
        self._announcer = announcer
        if announcer:
            self._commands["announce"] = partial(_announce, announcer)
            self._commands["mute"] = partial(_mute, announcer)

    def carry_out(self, key: str, payload: bytes, *, waited: bool = False) -> Done:
        """Carry one out; `waited` says that it was sent while we were away.

        Raises:
            SpeechError: it cannot be; nothing was changed.
        """
        command = self._commands.get(key)
        if command is None:
            raise UnsupportedError(f"no command is named {key[:40]!r}")
        if waited and key in MOMENTARY:
            raise TimedOutError("it was sent while this server was away")
        return command(self._fresh(payload))

    def carry_out_in(self, area: str, payload: bytes) -> Done:
        """Change the emotion of an area.

        Raises:
            SpeechError: that cannot be done; nothing was changed.
        """
        return self._feel_in(area, self._fresh(payload))

    def _fresh(self, payload: bytes) -> str | Fields:
        told = read(payload)
        if isinstance(told, Mapping) and "ts" in told:
            sent = number(told["ts"], "ts", 0.0, LATEST)
            if self._clock() - sent > self._max_age:
                raise TimedOutError(f"it was sent more than {self._max_age:g} s ago")
        return told

    def _feel_in(self, area: str, told: str | Fields) -> Done:
        if self._areas is None:
            raise UnsupportedError("there are no areas: the settings name no target")
        self._areas.feel(area, told)
        return {}

    def _plain(self, change: Callable[[str], None]) -> Command:
        def command(told: str | Fields) -> Done:
            change(_text(told))
            return {}

        return command

    def _number(
        self, name: str, low: float, high: float, change: Callable[[float], None]
    ) -> Command:
        def command(told: str | Fields) -> Done:
            change(number(_text(told), name, low, high))
            return {}

        return command

    def _weight(self, axis: str) -> Callable[[float], None]:
        return lambda value: self._mood.weight(axis, value)

    def _emotion(self, told: str | Fields) -> Done:
        if isinstance(told, str):
            self._mood.emotion(_text(told))
        elif "area" in told:
            return self._feel_in(word(told["area"], "area"), told)
        else:
            self._mood.feel(told)
        return {}

    def _stop(self, told: str | Fields) -> Done:
        if isinstance(told, str):
            if told != PRESS:
                raise BadRequestError(f"stop takes {PRESS} or an object")
            return {"stopped": self._stop_announcements() + self._speaker.interrupt()}
        known(told, STOP_FIELDS)
        named = told.keys() - {"ts"}
        if len(named) != 1:
            raise BadRequestError("stop takes one of id, source and target")
        if "source" in told:
            return {"stopped": self._speaker.interrupt(source=word(told["source"], "source"))}
        if "target" in told:
            return {"stopped": self._stop_announcements(target=word(told["target"], "target"))}
        wanted = told["id"]
        if isinstance(wanted, int) and not isinstance(wanted, bool):
            return {"stopped": self._speaker.interrupt(utterance=wanted)}
        return {"stopped": self._stop_announcements(announcement=word(wanted, "id"))}

    def _stop_announcements(
        self, *, announcement: str | None = None, target: str | None = None
    ) -> int:
        if self._announcer is None:
            return 0
        return self._announcer.stop(announcement=announcement, target=target)


def _announce(announcer: Announcer, told: str | Fields) -> Done:
    fields = {"message": _text(told)} if isinstance(told, str) else told
    return {"id": announcer.announce(Wish(fields))}


def _mute(announcer: Announcer, told: str | Fields) -> Done:
    quiet = SWITCH.get(_text(told))
    if quiet is None:
        raise BadRequestError("mute takes ON or OFF")
    announcer.hush(quiet=quiet)
    return {}


def _text(told: str | Fields) -> str:
    """Return the word of a command that takes no object.

    Raises:
        BadRequestError: it is an object, or nothing.
    """
    if not isinstance(told, str) or not told:
        raise BadRequestError("this takes a plain value")
    return told
