"""Trims what a model speaks: the silence it makes around its words goes, and no cut is heard."""

from typing import Final

import numpy as np

from wyoming_indextts.speech.audio import Samples

QUIET: Final = 0.01
"""Below this (-40 dB) a sample is silence; voices speak at about 0.12."""

MARGIN: Final = 0.03
"""Seconds kept around what is not silence: breath and the end of a consonant."""

FADE: Final = 0.005
"""Seconds in which a trimmed sound comes and goes."""


class Trimmer:
    """Trims a stream of sound as `trimmed` does the whole: the same samples, however it is cut.

    A silence is held back until it is known whether it is the last.
    """

    def __init__(self, rate: int) -> None:
        self._margin = round(MARGIN * rate)
        self._fade = round(FADE * rate)
        self._held = np.zeros(0, np.float32)
        self._begun = self._given = False
        self._end = 0
        """In what is held, where the sound ends if no more comes that is not silence."""

    def feed(self, samples: Samples) -> Samples:
        """Take more sound; return what is certain by now."""
        before = len(self._held)
        self._held = np.concatenate([self._held, samples])
        loud = np.flatnonzero(np.abs(samples) > QUIET)
        if len(loud):
            start = 0 if self._begun else max(0, before + int(loud[0]) - self._margin)
            self._held = self._held[start:]
            self._end = before + int(loud[-1]) + 1 + self._margin - start
            self._begun = True
        elif not self._begun:
            self._held = self._held[max(0, len(self._held) - self._margin) :]
        certain = min(self._end, len(self._held)) - self._fade
        if not self._given and certain < self._fade:
            return samples[:0]
        return self._give(max(0, certain))

    def flush(self) -> Samples:
        """Return the rest; the sound is complete."""
        if not self._begun:
            return self._held[:0]
        rest = min(self._end, len(self._held))
        if not self._given:
            self._fade = min(self._fade, rest // 2)
        sound = self._give(rest)
        sound[len(sound) - self._fade :] *= self._slope()[::-1]
        return sound

    def _give(self, count: int) -> Samples:
        sound, self._held = self._held[:count].copy(), self._held[count:]
        self._end -= count
        if not self._given and count:
            sound[: self._fade] *= self._slope()
            self._given = True
        return sound

    def _slope(self) -> Samples:
        return np.linspace(0.0, 1.0, self._fade, endpoint=False, dtype=np.float32)


def trimmed(samples: Samples, rate: int) -> Samples:
    """Return the sound without the silence around it, faded in and out; empty if it is silent."""
    trimmer = Trimmer(rate)
    return np.concatenate([trimmer.feed(samples), trimmer.flush()])
