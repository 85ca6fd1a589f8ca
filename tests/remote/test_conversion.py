"""A far side that speaks at another rate is heard at ours, at the same pitch and length."""

import numpy as np
import pytest

from tests.remote.far_side import far_side, options
from tests.remote.test_runner import job
from tests.tone import ToneEngine, tone
from wyoming_indextts.remote.conversion import Conversion
from wyoming_indextts.remote.runner import RemoteRunner


def test_sound_at_our_rate_passes_bit_for_bit() -> None:
    sound = tone(0.1, 22_050).data
    assert Conversion(22_050, 22_050).feed(sound).data == sound
    assert Conversion(22_050, 22_050).feed(b"", last=True).data == b""


def test_where_the_sound_is_cut_makes_no_difference() -> None:
    sound = tone(0.5, 24_000).data
    whole = Conversion(24_000, 22_050).feed(sound, last=True)
    pieces = Conversion(24_000, 22_050)
    cut = b"".join(pieces.feed(sound[at : at + 1_002]).data for at in range(0, len(sound), 1_002))
    assert cut + pieces.feed(b"", last=True).data == whole.data
    assert whole.rate == 22_050
    assert whole.seconds == pytest.approx(0.5, abs=1e-4)


async def test_the_embedded_voice_of_a_far_side_is_heard_at_our_rate() -> None:
    async with (
        far_side(ToneEngine(rate=24_000)) as far,
        RemoteRunner(options(far.url), lambda _: None) as runner,
    ):
        await runner.loaded()
        runs = [pcm async for pcm in runner.run(job(1, "hello"))]
    assert {pcm.rate for pcm in runs} == {22_050}
    samples = np.frombuffer(b"".join(pcm.data for pcm in runs), "<i2").astype(float)
    assert len(samples) / 22_050 == pytest.approx(6 * 0.05, abs=0.001)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * 22_050 / len(samples) == pytest.approx(440, abs=4)
