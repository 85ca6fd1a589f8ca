"""The converted network says what the exported one says, and does what its inputs ask."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from tests.kokoro.hearing import listen
from wyoming_indextts.kokoro.converted import converted
from wyoming_indextts.kokoro.network import Breaker, Network, Run
from wyoming_indextts.kokoro.options import RATE
from wyoming_indextts.kokoro.weights import find_model, read_styles, read_vocabulary
from wyoming_indextts.speech.audio import Samples, pcm
from wyoming_indextts.speech.emotion import Prosody
from wyoming_indextts.speech.silence import trimmed

SAID = "ðə lˈɪvɪŋ ɹˈum lˈIt ɪz ˌɔn, ænd ðə wˈɪndO ɪz ˈOpən."
"""The living room light is on, and the window is open."""

CENTER = 239.0

Speak = Callable[[Prosody], Samples]


@pytest.fixture(scope="module")
def plain() -> Run:
    symbols = [read_vocabulary()[symbol] for symbol in SAID]
    styles = read_styles()["jf_gongitsune"]
    return Run(symbols, [1.0] * len(symbols), styles, CENTER, Prosody())


@pytest.fixture(scope="module")
def network(kept: Path) -> Network:
    return Network(converted(find_model(None), kept / "kokoro", print), threads=2)


@pytest.fixture(scope="module")
def neutral(network: Network, plain: Run) -> Samples:
    return trimmed(network.speak(plain, Breaker()), RATE)


@pytest.fixture
def speak(network: Network, plain: Run) -> Speak:
    def speak(prosody: Prosody) -> Samples:
        return trimmed(network.speak(replace(plain, prosody=prosody), Breaker()), RATE)

    return speak


def course(samples: Samples) -> list[float]:
    """Return the RMS of each of fifty equal parts: the two differ by a few frames in length."""
    return [float(np.sqrt((part**2).mean())) for part in np.array_split(samples, 50)]


def test_without_prosody_it_says_what_the_exported_network_says(
    plain: Run, neutral: Samples
) -> None:
    exported = ort.InferenceSession(find_model(None).read(), providers=["CPUExecutionProvider"])
    (sound,) = exported.run(
        None,
        {
            "tokens": np.array([[0, *plain.symbols, 0]], np.int64),
            "style": plain.styles[len(plain.symbols) - 1][np.newaxis],
            "speed": np.ones(1, np.float32),
        },
    )
    theirs = trimmed(sound.ravel(), RATE)
    assert len(neutral) == pytest.approx(len(theirs), rel=0.04)
    assert np.corrcoef(course(theirs), course(neutral))[0, 1] > 0.95
    exact, ours = (listen(pcm(samples, RATE), center=CENTER) for samples in (theirs, neutral))
    assert ours.pitch == pytest.approx(exact.pitch, abs=0.5)  # of 3 semitones of melody
    assert ours.range == pytest.approx(exact.range, abs=0.5)
    assert ours.level == pytest.approx(exact.level, abs=1.0)


def test_the_same_words_sound_the_same_every_time(speak: Speak, neutral: Samples) -> None:
    np.testing.assert_array_equal(speak(Prosody()), neutral)


@pytest.mark.parametrize(("shift", "semitones"), [(1.2, 3.16), (0.85, -2.81)])
def test_shift_moves_the_voice_up_and_down(
    speak: Speak, neutral: Samples, shift: float, semitones: float
) -> None:
    before = listen(pcm(neutral, RATE), center=CENTER)
    after = listen(pcm(speak(Prosody(shift=shift)), RATE), center=CENTER)
    assert after.pitch - before.pitch == pytest.approx(semitones, abs=0.5)


@pytest.mark.parametrize(("wider", "least", "most"), [(1.6, 1.3, 1.8), (0.5, 0.4, 0.75)])
def test_range_widens_and_flattens_the_melody(
    speak: Speak, neutral: Samples, wider: float, least: float, most: float
) -> None:
    before = listen(pcm(neutral, RATE), center=CENTER)
    after = listen(pcm(speak(Prosody(range=wider)), RATE), center=CENTER)
    assert least < after.range / before.range < most


def test_energy_changes_the_sound_and_not_its_length(speak: Speak, neutral: Samples) -> None:
    louder = speak(Prosody(energy=1.0))
    assert abs(len(louder) - len(neutral)) < 0.05 * RATE
    assert not np.array_equal(louder[:1000], neutral[:1000])


def test_each_symbol_has_its_own_speed(network: Network, plain: Run, neutral: Samples) -> None:
    faster = trimmed(network.speak(replace(plain, speeds=[1.3] * len(SAID)), Breaker()), RATE)
    assert 0.7 < len(faster) / len(neutral) < 0.88
    drawn = [0.25 if symbol == "," else 1.0 for symbol in SAID]
    longer = trimmed(network.speak(replace(plain, speeds=drawn), Breaker()), RATE)
    assert len(longer) - len(neutral) > 0.1 * RATE


def test_half_a_second_of_silence_at_each_end_is_not_computed(network: Network, plain: Run) -> None:
    sound = network.speak(plain, Breaker())
    assert 0.2 * RATE < len(sound) - len(trimmed(sound, RATE)) < 0.9 * RATE
