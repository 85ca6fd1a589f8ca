"""The memory that speaking needs, reckoned from the sizes of the nets before anything is loaded.

Counted are the nets that speak, the language model's cache, the largest things that exist at the
same time inside the flow and the vocoder, recorded graphs with what exists inside them, which they
share and keep, and what CUDA itself takes. Nets that enrol are loaded one by one and let go, so
only the largest of them counts, and only meanwhile.

Nobody has compared this with a card yet; `script/test-gpu` does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from wyoming_indextts.indextts2 import euler, reading, vocoding
from wyoming_indextts.indextts2.bigvgan import BigVGAN
from wyoming_indextts.indextts2.campplus import CampPlus
from wyoming_indextts.indextts2.conditioning import Conditioner
from wyoming_indextts.indextts2.config import SPEAKER_LATENTS, Config
from wyoming_indextts.indextts2.decoding import PLACES
from wyoming_indextts.indextts2.dit import Flow
from wyoming_indextts.indextts2.emotion import EmotionListener
from wyoming_indextts.indextts2.enrolment import HEARD
from wyoming_indextts.indextts2.latent_projection import FEATURES, LatentProjection
from wyoming_indextts.indextts2.length_regulator import LengthRegulator, frames_of
from wyoming_indextts.indextts2.mel import HOP, RATE
from wyoming_indextts.indextts2.plan import CODES_PER_TOKEN
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.indextts2.repcodec import RepCodec
from wyoming_indextts.indextts2.text.segments import LONGEST as TOKENS
from wyoming_indextts.indextts2.voice_lm import SPARE_TEXT_PLACES, VoiceLanguageModel
from wyoming_indextts.indextts2.w2v_bert import W2vBert

GIGABYTE: Final = 10**9

FLOAT32: Final = 4
"""Bytes of its number."""

CONTEXT: Final = 450 * 10**6
"""Bytes that CUDA, cuBLAS and cuDNN take before the first tensor: 0.3 to 0.5 GB by the card."""

GRAPHS: Final = 120 * 10**6
"""Bytes of recorded graphs without what is in them: some forty of at most 3 MB each."""

LONGEST: Final = CODES_PER_TOKEN * TOKENS
"""Codes of the longest segment, as a plan expects them."""

TEXT: Final = TOKENS + SPARE_TEXT_PLACES
"""Places of its text."""

PROMPT: Final = HEARD * RATE // HOP
"""Frames of the longest prompt."""

GUIDED: Final = 2
"""Rows of the flow: with and without guidance."""

WIDEST: Final = 8
"""Tensors of the DiT's width that live at once in one of its blocks, with the feed-forward's."""

VOCODED: Final = 4
"""Tensors of a stage that live at once in the vocoder: what comes in, the sum, the branch, and what
a convolution gave."""

BENT: Final = 4
"""Those of its activation by phases, at twice the rate: the raised samples, and as many bent ones.
Our kernel needs one."""

FRAGMENTS: Final = 1.1
"""Factor on what is allocated and freed: blocks are never quite as large as what is in them."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes by purpose; `enrolling` is taken beside all else only while a voice comes."""

    language_model: int
    flow: int
    vocoder: int
    small_nets: int
    cache: int
    activations: int
    graphs: int
    cuda: int
    enrolling: int

    @property
    def weights(self) -> int:
        """Bytes of the nets that speak."""
        return self.language_model + self.flow + self.vocoder + self.small_nets

    @property
    def speaking(self) -> int:
        """Bytes while it speaks."""
        working = self.cache + self.activations + self.graphs + self.cuda
        return self.weights + working

    def short_of(self, free: int) -> str:
        """Return in words what a card with so many free bytes lacks; empty if nothing."""
        if free >= self.speaking:
            return ""
        return (
            f"IndexTTS2 needs {_gigabytes(self.speaking)} GB of the card's memory and "
            f"{_gigabytes(max(0, free))} GB are free: end what else uses the card, or set "
            'positions = "training" and precision = "float16" under [indextts2]'
        )

    def fits(self, free: int) -> bool:
        """Return whether it can be loaded at all, though a long sentence may then fail."""
        return free >= self.weights + self.cuda

    def enrols_beside(self, free: int) -> bool:
        """Return whether voices can be enrolled on the card while all else is there."""
        return free >= self.speaking + self.enrolling

    def told(self) -> str:
        """Return it in one line for people."""
        parts = {
            "language model": self.language_model, "flow": self.flow, "vocoder": self.vocoder,
            "small nets": self.small_nets, "cache": self.cache, "activations": self.activations,
            "graphs": self.graphs, "CUDA": self.cuda,
        }  # fmt: skip
        listed = ", ".join(f"{name} {_gigabytes(size)}" for name, size in parts.items() if size)
        return (
            f"{_gigabytes(self.speaking)} GB ({listed}); "
            f"{_gigabytes(self.enrolling)} more while a voice is enrolled"
        )


def need(
    config: Config,
    dtypes: Dtypes,
    *,
    slots: int = 1,
    rows: int = 2,
    int8: bool = False,
    device: str = "cuda",
) -> Need:
    """Return what speaking needs.

    Args:
        config: Sizes of all nets.
        dtypes: Of the nets that do most of the work.
        slots: Utterances whose codes are decoded at once.
        rows: Of the language model for each; one with the positions of training.
        int8: Whether the language model's matrices are rounded to int8.
        device: On a CPU neither graphs nor CUDA count.
    """
    width = dtypes.voice.itemsize
    card = device == "cuda"
    voice = config.voice
    # a card keeps a batch of each length, since recordings know where it is
    places = sum(PLACES) if card else SPEAKER_LATENTS + 2 + TEXT + LONGEST
    recorded = GRAPHS + _living(config, dtypes, euler.FRAMES[-1], vocoding.FRAMES[-1])
    recorded += (SPEAKER_LATENTS + 2 + reading.LENGTHS[-1]) * voice.place_bytes(dtypes.voice)
    small = _bytes(lambda: LatentProjection(voice.width), FLOAT32)
    small += _bytes(lambda: LengthRegulator(config.regulator), FLOAT32)
    small += config.codec.codebook_size * FEATURES * FLOAT32
    return Need(
        language_model=_bytes(
            lambda: VoiceLanguageModel(voice), width, matrix=1 if int8 else width
        ),
        flow=_bytes(lambda: Flow(config.flow).dit, dtypes.flow.itemsize),
        vocoder=_bytes(lambda: BigVGAN(config.vocoder), dtypes.vocoder.itemsize),
        small_nets=small,
        cache=slots * rows * places * voice.place_bytes(dtypes.voice),
        activations=_living(config, dtypes, PROMPT + frames_of(LONGEST), frames_of(LONGEST)),
        graphs=recorded if card else 0,
        cuda=CONTEXT if card else 0,
        enrolling=_largest_that_enrols(config),
    )


def _living(config: Config, dtypes: Dtypes, moved: int, vocoded: int) -> int:
    """Return the bytes that so many frames take in the flow, or in the vocoder if more."""
    flow = _in_flow(config, dtypes.flow.itemsize, moved)
    return round(FRAGMENTS * max(flow, _in_vocoder(config, dtypes.vocoder.itemsize, vocoded)))


def _in_flow(config: Config, width: int, frames: int) -> int:
    """Return the bytes of a step of one walk."""
    return GUIDED * frames * config.flow.width * WIDEST * width


def _in_vocoder(config: Config, width: int, frames: int) -> int:
    """Return the bytes of the stage whose tensors are largest."""
    channels, largest = config.vocoder.channels, 0
    for rate in config.vocoder.rates:
        frames, channels = frames * rate, channels // 2
        largest = max(largest, (VOCODED + BENT) * frames * channels)
    return largest * width


def _largest_that_enrols(config: Config) -> int:
    makes: tuple[Callable[[], nn.Module], ...] = (
        lambda: W2vBert(config.w2v_bert),
        lambda: RepCodec(config.codec),
        CampPlus,
        lambda: Conditioner(config.speaker.conformer, config.speaker.perceiver),
        lambda: EmotionListener(
            config.emotion.conformer, config.emotion.perceiver, config.voice.width
        ),
    )
    return max(_bytes(make, FLOAT32) for make in makes)


def _bytes(make: Callable[[], nn.Module], width: int, *, matrix: int | None = None) -> int:
    """Return the bytes of a net of numbers of a width; no memory is taken for them.

    The matrices of its linear layers may have numbers of another width.
    """
    with torch.device("meta"):
        net = make()
    held = (*net.parameters(), *net.buffers())
    size = sum(one.numel() * (width if one.is_floating_point() else one.itemsize) for one in held)
    if matrix is not None:
        linear = (part for part in net.modules() if isinstance(part, nn.Linear))
        size -= sum(part.weight.numel() for part in linear) * (width - matrix)
    return size


def _gigabytes(size: int) -> str:
    return f"{size / GIGABYTE:.2f}"
