"""The sound in front of an announcement."""

import numpy as np
import pytest

from wyoming_indextts.speech.chime import LEVEL, SECONDS, chime


@pytest.mark.parametrize("rate", [22_050, 24_000])
def test_two_soft_notes_that_begin_and_end_in_silence(rate: int) -> None:
    sound = np.frombuffer(chime(rate).data, "<i2") / 32767
    assert len(sound) == round(SECONDS * rate)
    assert abs(sound[0]) < 0.001 and abs(sound[-1]) < 0.001
    assert np.abs(np.diff(sound)).max() < 0.1, "it clicks"
    first, second = sound[: rate // 5], sound[rate // 4 :]
    assert pitch(first, rate) == pytest.approx(659, abs=6)
    assert pitch(second, rate) == pytest.approx(880, abs=6)


def test_it_is_as_loud_as_speech() -> None:
    sound = np.frombuffer(chime(24_000).data, "<i2") / 32767
    loudest = max(
        np.sqrt(np.mean(sound[at : at + 2_400] ** 2)) for at in range(0, len(sound) - 2_400, 100)
    )
    assert 20 * np.log10(loudest) == pytest.approx(LEVEL, abs=0.2)


def pitch(sound: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 2**17))
    return float(np.argmax(spectrum) * rate / 2**17)
