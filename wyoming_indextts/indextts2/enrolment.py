"""Enrolment: from a clip of a voice to all that the model needs to know of it.

    clip     given rate
    voice    22,050 Hz by soxr, the first 15 s     -> mel
             16,000 Hz of that by windowed sinc    -> w2v-bert -> features -> codes -> condition
                                                      features -> latents
                                                   -> CAM++ -> style
    emotion  16,000 Hz of the clip by soxr, 15 s   -> w2v-bert -> features -> emotion

The two ways to 16,000 Hz differ a little, as they do in the reference. Each net is loaded when
its turn comes and let go after it: together they need more memory than all that speaks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.indextts2 import fbank, mel
from wyoming_indextts.indextts2.campplus import CampPlus
from wyoming_indextts.indextts2.conditioning import Conditioner
from wyoming_indextts.indextts2.emotion import EmotionListener
from wyoming_indextts.indextts2.faults import corrupt
from wyoming_indextts.indextts2.length_regulator import LengthRegulator
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.repcodec import RepCodec
from wyoming_indextts.indextts2.resample import soxr_hq, windowed_sinc
from wyoming_indextts.indextts2.w2v_bert import WIDTH, W2vBert
from wyoming_indextts.speech.clip import Clip, check_sound

HEARD: Final = 15
"""Seconds: what comes later in a clip is not heard."""

LEAST: Final = 0.1
"""Seconds: less does not fill the nets' windows."""


@dataclass(frozen=True, slots=True)
class FeatureScale:
    """Mean and deviation (1024) of w2v-bert's features over its authors' recordings."""

    mean: Tensor
    deviation: Tensor

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> "FeatureScale":
        """Take them from the tensors of wav2vec2bert_stats.pt.

        Raises:
            WeightsCorruptError: They are not there, or impossible.
        """
        file = "wav2vec2bert_stats.pt"
        if tensors.keys() != {"mean", "var"}:
            raise corrupt(file, "it does not hold just `mean` and `var`")
        for name, tensor in tensors.items():
            if tensor.shape != (WIDTH,):
                raise corrupt(file, f"{name} has the shape {tuple(tensor.shape)}, not ({WIDTH},)")
        if not (tensors["var"] > 0).all():
            raise corrupt(file, "var is not above 0")
        return cls(tensors["mean"].float(), tensors["var"].float().sqrt())

    def normal(self, features: Tensor) -> Tensor:
        """Return features (B, N, 1024) on this scale, as float32 on its device."""
        return (features.to(self.mean) - self.mean) / self.deviation


@dataclass(frozen=True, slots=True)
class EnrolmentNets:
    """What loads each net; the loaded decide by their weights where and how they run."""

    w2v_bert: Callable[[], W2vBert]
    scale: FeatureScale
    codec: Callable[[], RepCodec]
    campplus: Callable[[], CampPlus]
    speaker: Callable[[], Conditioner]
    emotion: Callable[[], EmotionListener]
    regulator: Callable[[], LengthRegulator]


@torch.no_grad()
def enrol(wave: NDArray[np.float32], rate: int, nets: EnrolmentNets) -> VoicePrompt:
    """Return the prompt of a voice by a mono wave in [-1, 1], neither trimmed nor levelled.

    Raises:
        BadRequestError: There is nothing to hear in the wave.
        WeightsMissingError, WeightsCorruptError: By the loaders.
    """
    _check(wave, rate)
    voice = _first(soxr_hq(wave, rate, mel.RATE), mel.RATE)
    narrow = windowed_sinc(voice, mel.RATE, fbank.RATE)
    features, felt = _features((narrow, _for_emotion(wave, rate)), nets)
    codes, meaning = _codes(features, nets.codec)
    spectrum = mel.log_mel(voice)
    return VoicePrompt(
        features=features,
        codes=codes,
        style=_through(nets.campplus(), fbank.speaker_fbank(narrow)),
        mel=spectrum,
        condition=_condition(meaning, spectrum.shape[-1], nets.regulator),
        latents=_through(nets.speaker(), features),
        emotion=_through(nets.emotion(), felt),
    )


@torch.no_grad()
def emotion_of(wave: NDArray[np.float32], rate: int, nets: EnrolmentNets) -> Tensor:
    """Return the emotion (1, D) that is heard in a clip; for errors see `enrol`."""
    _check(wave, rate)
    (felt,) = _features((_for_emotion(wave, rate),), nets)
    return _through(nets.emotion(), felt)


@torch.no_grad()
def emotion_of_features(features: Tensor, nets: EnrolmentNets) -> Tensor:
    """Return the emotion (1, D) that is heard in a prompt's features."""
    return _through(nets.emotion(), features)


def _check(wave: NDArray[np.float32], rate: int) -> None:
    clip = Clip(wave, rate)
    check_sound(clip)
    if clip.seconds < LEAST:
        raise BadRequestError(f"the clip lasts {clip.seconds:.2f} seconds; that is no speech")


def _first(wave: NDArray[np.float32], rate: int) -> Tensor:
    """Return what is heard of a wave, as (1, N)."""
    return torch.from_numpy(wave[: HEARD * rate])[None]


def _for_emotion(wave: NDArray[np.float32], rate: int) -> Tensor:
    return _first(soxr_hq(wave, rate, fbank.RATE), fbank.RATE)


def _features(waves: tuple[Tensor, ...], nets: EnrolmentNets) -> list[Tensor]:
    """Return the features (1, N, 1024) of each wave (1, samples)."""
    net = nets.w2v_bert()
    there = next(net.parameters())
    found = []
    for wave in waves:
        features, mask = fbank.semantic_fbank(wave)
        hidden = net(features.to(there), mask.to(there.device))
        found.append(nets.scale.normal(hidden).cpu())
    return found


def _codes(features: Tensor, load: Callable[[], RepCodec]) -> tuple[Tensor, Tensor]:
    """Return the codes (1, N) and what they stand for (1, N, 1024)."""
    net = load()
    codes = net(features.to(next(net.parameters())))
    return codes.cpu(), net.table()[codes].float().cpu()


def _condition(meaning: Tensor, frames: int, load: Callable[[], LengthRegulator]) -> Tensor:
    net = load()
    condition: Tensor = net(meaning.to(next(net.parameters())), frames)
    return condition.float().cpu()


def _through(net: nn.Module, given: Tensor) -> Tensor:
    """Return what a net makes of a tensor, brought to the net and back."""
    made: Tensor = net(given.to(next(net.parameters())))
    return made.float().cpu()
