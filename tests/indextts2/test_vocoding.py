"""The vocoder in chunks, against the vocoder in one shot."""

import pytest
import torch
from torch import Tensor

from tests.indextts2.narrow_vocoder import NARROW, filtering
from wyoming_indextts.indextts2.bigvgan import BigVGAN
from wyoming_indextts.indextts2.plan import CONTEXT
from wyoming_indextts.indextts2.vocoding import VocoderStream, measured_context, reach

FULL_SCALE_ERROR = 1e-4
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
