"""One net at its official size, with random weights, in a process of its own.

    python -m tests.indextts2.official_sizes NET    prints shape, seconds and peak memory as JSON

Memory has to be measured from a fresh process: its peak never goes down again.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

import torch
import yaml
from torch import Generator, Tensor, nn

from tests.indextts2.config_files import SHIPPED, write
from wyoming_indextts.indextts2.bigvgan import BigVGAN
from wyoming_indextts.indextts2.campplus import CampPlus
from wyoming_indextts.indextts2.clock import even_times
from wyoming_indextts.indextts2.conditioning import Conditioner
from wyoming_indextts.indextts2.config import Config, read_config
from wyoming_indextts.indextts2.decoding import decode
from wyoming_indextts.indextts2.dit import Flow
from wyoming_indextts.indextts2.emotion import EmotionListener
from wyoming_indextts.indextts2.flow import advance, begin
from wyoming_indextts.indextts2.latent_projection import LatentProjection
from wyoming_indextts.indextts2.length_regulator import LengthRegulator
from wyoming_indextts.indextts2.repcodec import RepCodec
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.segment import Segment
from wyoming_indextts.indextts2.voice_lm import VoiceLanguageModel
from wyoming_indextts.indextts2.w2v_bert import W2vBert

HEARD: Final = 250
"""Feature frames of a clip of 5 seconds."""

PROMPT: Final = 430
"""Its mel frames."""

SPOKEN: Final = 50
"""Codes of one second of speech."""

FRAMES: Final = 86
"""Its mel frames."""

DRAWN: Final = 5
"""Codes that are drawn."""


Net = TypeVar("Net", bound=nn.Module)


def random(make: Callable[[], Net]) -> Net:
    """Return a net of random numbers that keep signals at about their size."""
    with torch.device("meta"):
        net = make()
    net.to_empty(device="cpu").requires_grad_(requires_grad=False)
    for name, tensor in net.state_dict().items():
        if not tensor.is_floating_point():
            tensor.copy_(torch.arange(tensor.numel()).view_as(tensor))
        elif tensor.dim() > 1:
            tensor.normal_(std=tensor[0].numel() ** -0.5)
        else:
            tensor.normal_(mean=0.0 if name.endswith(("bias", "shift")) else 1.0, std=0.1)
    return net


def w2v_bert(config: Config) -> Tensor:
    net = random(lambda: W2vBert(config.w2v_bert))
    hidden: Tensor = net(torch.randn(1, HEARD, 160), torch.ones(1, HEARD, dtype=torch.bool))
    return hidden


def codec(config: Config) -> Tensor:
    codes: Tensor = random(lambda: RepCodec(config.codec))(torch.randn(1, HEARD, 1024))
    return codes


def campplus(_config: Config) -> Tensor:
    style: Tensor = random(CampPlus)(torch.randn(1, 2 * HEARD, 80))
    return style


def speaker(config: Config) -> Tensor:
    sizes = config.speaker
    net = random(lambda: Conditioner(sizes.conformer, sizes.perceiver))
    latents: Tensor = net(torch.randn(1, HEARD, 1024))
    return latents


def emotion(config: Config) -> Tensor:
    sizes, width = config.emotion, config.voice.width
    net = random(lambda: EmotionListener(sizes.conformer, sizes.perceiver, width))
    vector: Tensor = net(torch.randn(1, HEARD, 1024))
    return vector


def voice(config: Config) -> Tensor:
    net = random(lambda: VoiceLanguageModel(config.voice))
    width = config.voice.width
    segment = Segment(range(2, 40), torch.randn(1, 32, width), torch.randn(1, width))
    pairs = decode(net, segment, max_codes=DRAWN, sampling=Sampling(), generator=Generator("cpu"))
    return torch.cat([latent for _, latent in pairs], dim=1)


def projection(config: Config) -> Tensor:
    net = random(lambda: LatentProjection(config.voice.width))
    features: Tensor = net(torch.randn(1, SPOKEN, config.voice.width))
    return features


def regulator(config: Config) -> Tensor:
    net = random(lambda: LengthRegulator(config.regulator))
    condition: Tensor = net(torch.randn(1, SPOKEN, 1024), FRAMES)
    return condition


def flow(config: Config) -> Tensor:
    net = random(lambda: Flow(config.flow))
    frames = PROMPT + FRAMES
    walk = begin(
        net.dit,
        torch.randn(1, 80, frames),
        torch.randn(1, frames, config.flow.condition),
        prompt=torch.randn(1, 80, PROMPT),
        style=torch.randn(1, 192),
    )
    return advance(net.dit, walk, net.clock(even_times(1)), guidance=0.7).mel


def vocoder(config: Config) -> Tensor:
    wave: Tensor = random(lambda: BigVGAN(config.vocoder))(torch.randn(1, 80, FRAMES))
    return wave


NETS: Final[Mapping[str, tuple[Callable[[Config], Tensor], tuple[int, ...]]]] = {
    "w2v_bert": (w2v_bert, (1, HEARD, 1024)),
    "codec": (codec, (1, HEARD)),
    "campplus": (campplus, (1, 192)),
    "speaker": (speaker, (1, 32, 1280)),
    "emotion": (emotion, (1, 1280)),
    "voice": (voice, (1, DRAWN, 1280)),
    "projection": (projection, (1, SPOKEN, 1024)),
    "regulator": (regulator, (1, FRAMES, 512)),
    "flow": (flow, (1, 80, FRAMES)),
    "vocoder": (vocoder, (1, 256 * FRAMES)),
}
"""What runs each net, and the shape of what comes out."""


def main(name: str) -> None:
    """Run one net and print what it took."""
    torch.manual_seed(1)
    with TemporaryDirectory() as folder:
        config = read_config(write(Path(folder), yaml.safe_load(SHIPPED)))
    run, shape = NETS[name]
    start = time.perf_counter()
    with torch.inference_mode():
        found = run(config)
    took = {
        "as expected": found.shape == shape and bool(found.isfinite().all()),
        "seconds": round(time.perf_counter() - start, 1),
        "peak megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
    }
    sys.stdout.write(json.dumps(took))


if __name__ == "__main__":
    main(sys.argv[1])
