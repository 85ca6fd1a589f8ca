"""WAV files: read by others as they were meant, with their mark."""

import wave
from io import BytesIO

import numpy as np
import pytest
import soundfile

from tests.edges.http_house import decoded
from tests.tone import RATE, tone
from wyoming_indextts.speech.wav import HEAD, MARK, OPEN, wav_head

SOUND = tone(0.5).data


@pytest.mark.parametrize("length", [len(SOUND), OPEN])
def test_a_file_is_read_to_the_sample_and_says_that_it_is_synthetic(length: int) -> None:
    content = wav_head(RATE, length) + SOUND
    samples, rate, tags = decoded(content)
    assert rate == RATE
    assert np.array_equal(np.rint(samples * 32768), np.frombuffer(SOUND, "<i2"))
    assert tags["comment"] == MARK
    with soundfile.SoundFile(BytesIO(content)) as file:
        assert file.comment == MARK
        assert file.read(dtype="int16").tobytes() == SOUND


def test_the_simplest_reader_reads_it_too() -> None:
    with wave.open(BytesIO(wav_head(RATE, len(SOUND)) + SOUND)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        assert file.readframes(file.getnframes()) == SOUND


def test_the_head_is_as_long_as_it_is_said_whatever_the_rate() -> None:
    assert len(wav_head(192_000, 5)) == len(wav_head(8_000)) == HEAD
