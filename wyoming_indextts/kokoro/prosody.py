"""How the embedded voice sounds in each emotion: one row of prosody for each of the eight axes.

What each row does to F0, pace and loudness was measured with Praat, on three voices and in both
languages; `tests/kokoro/test_emotion_is_heard.py` measures it again.
"""

from typing import Final

from wyoming_indextts.speech.emotion import AXES, FULL, Emotion, Prosody

ROWS: Final = {
    "happy": Prosody(speed=1.10, shift=1.13, range=1.40, energy=0.3, gain=1.2),
    "angry": Prosody(speed=1.18, shift=1.00, range=1.30, energy=0.8, gain=4.5),
    "sad": Prosody(speed=0.82, shift=0.88, range=0.55, energy=-0.6, gain=-5.0),
    "afraid": Prosody(speed=1.22, shift=1.21, range=0.80, energy=-0.2, gain=-2.5),
    "disgusted": Prosody(speed=0.80, shift=0.85, range=1.30, energy=0.3, gain=2.0),
    "melancholic": Prosody(speed=0.74, shift=0.95, range=0.70, energy=-0.4, gain=-3.3),
    "surprised": Prosody(speed=0.91, shift=1.26, range=1.70, energy=0.4, gain=4.0),
    "calm": Prosody(speed=0.89, shift=0.95, range=0.75, energy=-0.3, gain=-1.6),
}
"""The prosody of each emotion at its full weight, by its name in `AXES`."""


def blend(emotion: Emotion) -> Prosody:
    """Return the emotion's own prosody, or its rows at their weights, one on top of the other."""
    if emotion.prosody is not None:
        return emotion.prosody
    blended = Prosody()
    for axis, weight, full in zip(AXES, emotion.weights, FULL, strict=True):
        blended *= ROWS[axis] ** (weight / full)
    return blended
