"""The vocoder in chunks, against the vocoder in one shot."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.indextts2.narrow_vocoder import BLOCKS, NARROW, filtering
from tests.indextts2.test_graphs import Calling
from wyoming_indextts.indextts2.bigvgan import BigVGAN, BigVGANSizes
from wyoming_indextts.indextts2.graphs import Graphs
from wyoming_indextts.indextts2.plan import CONTEXT
from wyoming_indextts.indextts2.vocoding import FRAMES, VocoderStream, measured_context, reach

FULL_SCALE_ERROR = 1e-4
TOLERANCE = 1e-5
TINY = BigVGANSizes(80, 16, (4, 2), (8, 4), *BLOCKS)
SENTENCE = 430
"""Frames of five seconds."""


@pytest.fixture(scope="module")
def vocoder() -> BigVGAN:
    return filtering(NARROW)


def mel_of(frames: int) -> Tensor:
    return torch.randn(1, 80, frames, generator=torch.Generator().manual_seed(1))


def streamed(stream: VocoderStream, mel: Tensor, sizes: tuple[int, ...]) -> Tensor:
    pieces = mel.split(list(sizes), dim=-1)
    waves = [stream.push(piece, last=piece is pieces[-1]) for piece in pieces]
    return torch.cat(waves, dim=-1)


@torch.inference_mode()
def test_no_sound_depends_on_a_frame_beyond_the_reach(vocoder: BigVGAN) -> None:
    far = reach(NARROW)
    mel = mel_of(2 * far + 3)
    net = vocoder.double()
    try:
        whole = net(mel.double())
        changed = mel.double()
        changed[..., 0] += 9.0
        moved = (net(changed) - whole)[0].abs().view(-1, 256).amax(dim=1)
    finally:
        vocoder.float()
    assert moved[far + 1 :].max() == 0
    assert moved[0] > 0


@torch.inference_mode()
def test_with_the_measured_context_the_stream_is_the_one_shot(vocoder: BigVGAN) -> None:
    mel = mel_of(SENTENCE)
    context = measured_context(vocoder, mel[..., :100], tolerance=FULL_SCALE_ERROR / 4)
    assert 0 < context <= CONTEXT <= reach(NARROW)
    stream = VocoderStream(vocoder, CONTEXT)
    wave = streamed(stream, mel, (41, SENTENCE - 41))
    assert (wave - vocoder(mel)).abs().max() <= FULL_SCALE_ERROR
    assert stream.given == SENTENCE
    assert stream.ran <= 1.15 * SENTENCE


@torch.inference_mode()
def test_pieces_too_small_for_sound_are_kept(vocoder: BigVGAN) -> None:
    mel = mel_of(50)
    wave = streamed(VocoderStream(vocoder, CONTEXT), mel, (1, 15, 1, 1, 20, 12))
    assert (wave - vocoder(mel)).abs().max() <= FULL_SCALE_ERROR


@torch.inference_mode()
def test_without_context_the_join_is_heard(vocoder: BigVGAN) -> None:
    mel = mel_of(100)
    wave = streamed(VocoderStream(vocoder, 0), mel, (50, 50))
    assert (wave - vocoder(mel)).abs().max() > FULL_SCALE_ERROR


@pytest.fixture(scope="module")
def tiny() -> BigVGAN:
    return filtering(TINY)


@torch.inference_mode()
@pytest.mark.parametrize("frames", [1, 2, 33, 40])
def test_a_mel_that_is_filled_up_sounds_as_by_itself(tiny: BigVGAN, frames: int) -> None:
    """At its end it hears the net's own zeros and repeats, and not what is behind."""
    mel = mel_of(frames)
    wanted = tiny(mel)
    for more in (0, 1, 23):
        found = tiny(functional.pad(mel, (0, more)), torch.tensor([frames]))
        assert (found[:, : wanted.shape[1]] - wanted).abs().max() <= TOLERANCE


@torch.inference_mode()
def test_recorded_runs_have_few_lengths_and_sound_as_those_that_are_called(tiny: BigVGAN) -> None:
    """First, middle and last chunks, whole sentences, and what is shorter than the context."""
    recorder = Calling()
    graphs = Graphs(recorder)
    for sizes in ((33, 60, 20), (35, 58), (1, 20, 3, 30), (37,), (110,), (5,)):
        mel = mel_of(sum(sizes))
        wave = streamed(VocoderStream(tiny, CONTEXT, graphs), mel, sizes)
        wanted = streamed(VocoderStream(tiny, CONTEXT), mel, sizes)
        assert wave.shape == wanted.shape
        assert (wave - wanted).abs().max() <= TOLERANCE
    lengths = [inputs[0].shape[-1] for inputs in recorder.recorded]
    assert sorted(lengths) == [40, 64, 96, 128]


@torch.inference_mode()
def test_what_is_longer_than_all_recordings_is_called(tiny: BigVGAN) -> None:
    recorder = Calling()
    mel = mel_of(FRAMES[-1] + 1)
    stream = VocoderStream(tiny, CONTEXT, Graphs(recorder))
    assert torch.equal(stream.push(mel, last=True), tiny(mel))
    assert not recorder.recorded


@torch.inference_mode()
def test_frames_that_are_filled_up_are_not_counted(tiny: BigVGAN) -> None:
    stream = VocoderStream(tiny, CONTEXT, Graphs(Calling()))
    stream.push(mel_of(33), last=True)
    assert (stream.ran, stream.given) == (33, 33)
