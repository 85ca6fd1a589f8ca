"""The judge is judged: good speech passes, and every way to spoil it is noticed."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.judge import measures
from tests.judge.listening import join
from tests.judge.recogniser import Language
from tests.judge.sample import Sample
from tests.judge.verdict import Fault, Judge
from wyoming_indextts.speech.audio import Pcm, pcm

Damage = Callable[[Pcm], Pcm]


def seconds(sound: Pcm, start: float, end: float) -> Pcm:
    """Cut a part out of a sound."""
    return Pcm(sound.data[2 * round(start * sound.rate) : 2 * round(end * sound.rate)], sound.rate)


def peak(sound: Pcm) -> float:
    """Return the second of the highest sample: amid a vowel."""
    return float(np.argmax(np.abs(measures.samples(sound))) / sound.rate)


def silence(sound: Pcm) -> Pcm:
    return Pcm(bytes(len(sound.data)), sound.rate)


def noise(sound: Pcm) -> Pcm:
    random = np.random.default_rng(7)
    return pcm(random.normal(0, 0.1, len(sound.data) // 2).astype(np.float32), sound.rate)


def swapped_bytes(sound: Pcm) -> Pcm:
    return Pcm(np.frombuffer(sound.data, "<i2").astype(">i2").tobytes(), sound.rate)


def announced_as_22050(sound: Pcm) -> Pcm:
    return Pcm(sound.data, 22_050)


def announced_as_16000(sound: Pcm) -> Pcm:
    return Pcm(sound.data, 16_000)


def every_100_ms_5_lost(sound: Pcm) -> Pcm:
    return join(*(seconds(run, 0, run.seconds - 0.005) for run in sound.frames(0.1)))


def a_chunk_of_100_ms_lost(sound: Pcm) -> Pcm:
    at = peak(sound)
    return join(seconds(sound, 0, at), seconds(sound, at + 0.1, sound.seconds))


def a_second_lost(sound: Pcm) -> Pcm:
    return join(seconds(sound, 0, 1), seconds(sound, 2, sound.seconds))


def the_end_lost(sound: Pcm) -> Pcm:
    return seconds(sound, 0, 0.4 * sound.seconds)


def a_gap_amid_a_word(sound: Pcm) -> Pcm:
    at = peak(sound)
    pause = Pcm(bytes(sound.rate * 2), sound.rate)
    return join(seconds(sound, 0, at), pause, seconds(sound, at, sound.seconds))


def a_hole_of_20_ms(sound: Pcm) -> Pcm:
    at = peak(sound)
    hole = Pcm(bytes(2 * round(0.02 * sound.rate)), sound.rate)
    return join(seconds(sound, 0, at), hole, seconds(sound, at + 0.02, sound.seconds))


def said_twice(sound: Pcm) -> Pcm:
    return join(sound, sound)


def six_times_as_loud(sound: Pcm) -> Pcm:
    return pcm((6 * measures.samples(sound)).astype(np.float32), sound.rate)


DAMAGES: list[tuple[Damage, set[Fault]]] = [
    (announced_as_22050, {Fault.DURATION, Fault.PITCH}),
    (announced_as_16000, {Fault.DURATION, Fault.PITCH}),
    (every_100_ms_5_lost, {Fault.DURATION, Fault.CLICK}),
    (a_chunk_of_100_ms_lost, {Fault.DURATION}),
    (a_second_lost, {Fault.DURATION}),
    (a_gap_amid_a_word, {Fault.DURATION, Fault.GAP}),
    (a_hole_of_20_ms, {Fault.CLICK}),
    (six_times_as_loud, {Fault.CLIPPED}),
]
"""A way to spoil a sound, and the least that must be found."""

UNINTELLIGIBLE: list[tuple[Damage, set[Fault]]] = [
    (silence, {Fault.WORDS, Fault.PITCH}),
    (noise, {Fault.WORDS, Fault.PITCH}),
    (swapped_bytes, {Fault.WORDS, Fault.PITCH}),
    (the_end_lost, {Fault.WORDS, Fault.DURATION}),
    (said_twice, {Fault.WORDS, Fault.DURATION}),
]
"""The same for what leaves too few words, or too many."""

OTHER_WORDS: dict[Language, str] = {
    "en": "The window in the kitchen is closed.",
    "zh": "厨房的窗户已经关好了。",
}


def name(value: object) -> str:
    return getattr(value, "__name__", "")


def test_good_speech_has_no_fault(judge: Judge, good: Sample) -> None:
    verdict = judge.verdict(good.sound, good.words, good.language, reference=good.said_again)
    assert not verdict.faults, verdict
    assert verdict.errors <= 0.1


@pytest.mark.parametrize(("damage", "faults"), DAMAGES, ids=name)
def test_a_spoiled_sound_is_noticed(
    judge: Judge, english: Sample, damage: Damage, faults: set[Fault]
) -> None:
    verdict = judge.verdict(
        damage(english.sound), english.words, "en", reference=english.said_again
    )
    assert verdict.faults >= faults, verdict


@pytest.mark.parametrize(("damage", "faults"), UNINTELLIGIBLE, ids=name)
def test_missing_words_are_noticed(
    judge: Judge, good: Sample, damage: Damage, faults: set[Fault]
) -> None:
    verdict = judge.verdict(
        damage(good.sound), good.words, good.language, reference=good.said_again
    )
    assert verdict.faults >= faults, verdict


def test_other_words_are_noticed(judge: Judge, good: Sample) -> None:
    verdict = judge.verdict(
        good.sound,
        OTHER_WORDS[good.language],
        good.language,
        reference=good.said_again,
    )
    assert verdict.faults == {Fault.WORDS}, verdict
    assert verdict.errors > 0.6
