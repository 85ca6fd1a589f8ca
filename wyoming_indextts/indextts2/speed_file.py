"""How fast this machine is with this model, kept beside the weights for whoever asks later.

Needs no torch: `doctor` reads it where nothing is loaded.
"""

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from wyoming_indextts.speech.vitals import Lack

log = logging.getLogger(__name__)

FILE: Final = "speed.json"
"""In the folder of the weights."""

FORMAT: Final = 1
"""In the file; another number for another meaning of its fields."""

MOST: Final = 1e9
"""No number in the file is as large."""

LARGEST: Final = 1 << 16
"""Bytes; a file that holds more is none of ours."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of work for a code, for a frame in one step of the flow, for a frame's wave."""

    code: float
    frame_step: float
    wave: float

    def scaled(self, by: float) -> "Speed":
        """Return the speed of a machine that takes so many times as long."""
        return Speed(self.code * by, self.frame_step * by, self.wave * by)


@dataclass(frozen=True, slots=True)
class Way:
    """How sentences are made: Euler steps of the flow, seconds of a voice's prompt at most."""

    steps: int
    prompt: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What follows for a sentence of five seconds.

    Args:
        whole: Seconds of work for a second of speech, made in one shot.
        streamed: The same in chunks, the first as soon as no gap can follow.
        first: Seconds from the text to the first sound, for one who is alone.
        listeners: How many hear speech without gaps at once, taking turns; 0: not even one.
    """

    whole: float
    streamed: float
    first: float
    listeners: int


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is kept: `machine` and `model` say of what it is true, `needed` is in bytes."""

    machine: str
    model: str
    speed: Speed
    way: Way
    forecast: Forecast
    needed: int = 0

    @property
    def lacking(self) -> str:
        """What this machine cannot do, in words for its owner; empty where it can."""
        cast = self.forecast
        if cast.listeners:
            return ""
        return (
            f"this machine speaks {1 / cast.streamed:.2g} s a second with IndexTTS2: sentences "
            f"are held back until they can be heard without gaps, {cast.first:.1f} s for one of 5 s"
        )

    @property
    def lack(self) -> Lack | None:
        """What is `lacking` and its `mend`, in both languages; None where nothing is."""
        if not self.lacking:
            return None
        cast = self.forecast
        sooner = '在 [indextts2] 下设置 quality = "fast"，或' if self.way.steps > FEWEST else ""
        return Lack(
            en=f"{self.lacking}; {self.mend}",
            zh=(
                f"这台机器用 IndexTTS2 每秒只能合成 {1 / cast.streamed:.2g} 秒语音："
                f"句子要等到能不间断播放时才开始，5 秒的句子约等 {cast.first:.1f} 秒；"
                f"{sooner}让显卡更快的机器来说：docs/zh/gateway.md"
            ),
        )

    @property
    def mend(self) -> str:
        """What helps where something is `lacking`."""
        sooner = 'set quality = "fast" under [indextts2], or ' if self.way.steps > FEWEST else ""
        return f"{sooner}let a machine with a faster card speak: docs/gateway.md"

    def told(self) -> str:
        """Return it in one line for people."""
        speed, way, cast = self.speed, self.way, self.forecast
        return (
            f"{self.machine}: {_rate(speed.code)} codes a second, "
            f"{_rate(speed.frame_step * PROMPT_FRAMES)} Euler steps a second for a prompt of 3 s, "
            f"{_rate(speed.wave)} frames of the vocoder; {way.steps} steps, prompts of "
            f"{way.prompt:g} s at most; {cast.whole:.2g} s of work for a second of speech whole, "
            f"{cast.streamed:.2g} streamed; first sound after {cast.first:.2g} s; "
            f"listeners at once: {cast.listeners}; {self.needed / 1e9:.1f} GB of memory"
        )


FEWEST: Final = 10
"""Steps that anybody is advised to."""

PROMPT_FRAMES: Final = 258
"""Frames of three seconds."""


def _rate(seconds: float) -> str:
    return f"{1 / seconds:.3g}" if seconds > 0 else "unknown"


def save_measured(folder: Path, measured: Measured) -> None:
    """Keep it; a folder that cannot be written costs nothing but that `doctor` knows less."""
    file = folder / FILE
    unfinished = file.with_name(f"{FILE}.{os.getpid()}")
    content = {"format": FORMAT, **asdict(measured)}
    try:
        unfinished.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        unfinished.replace(file)
    except OSError as error:
        log.debug("the measured speed is not kept: %s", error.strerror)
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def when_measured(folder: Path) -> float:
    """Return when something was kept last, in seconds since 1970; 0 if never."""
    try:
        return (folder / FILE).stat().st_mtime
    except OSError:
        return 0.0


def load_measured(folder: Path) -> Measured | None:
    """Return what was kept; None where there is nothing, or nothing of ours."""
    try:
        with (folder / FILE).open("rb") as file:
            content = json.loads(file.read(LARGEST))
        if not isinstance(content, dict) or content.pop("format") != FORMAT:
            return None
        speed = Speed(**_numbers(content.pop("speed")))
        way = Way(**_numbers(content.pop("way")))
        cast = Forecast(**_numbers(content.pop("forecast")))
        measured = Measured(speed=speed, way=way, forecast=cast, **content)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    plain = isinstance(measured.machine, str) and isinstance(measured.model, str)
    return measured if plain and isinstance(measured.needed, int) else None


def _numbers(given: dict[str, Any]) -> dict[str, Any]:
    """Return fields that are all finite numbers from 0 on.

    Raises:
        ValueError: one is not.
    """
    for value in given.values():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST:
            raise ValueError(value)
    return given
