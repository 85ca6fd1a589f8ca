"""The least that each stage can take here: its operations and bytes over what the machine does.

    code          all weights of the language model are read once        bytes / bandwidth
    place         a place of its cache is read, for both rows            bytes / bandwidth
    frame_step    one frame in one step of the flow, with its guidance   operations / speed
    pinned_step   the same of a prompt's frame, which is only heard      operations / speed
    frame_pair    a frame hears another in a step of the flow            operations / speed
    frame_wave    one frame of the vocoder                               operations / speed

Of attention in the flow's last block nothing is counted: it is spared for frames that are pinned.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from wyoming_indextts.indextts2.clock import Schedule
from wyoming_indextts.indextts2.dit import DiT
from wyoming_indextts.indextts2.mel import BINS
from wyoming_indextts.indextts2.speaking import SpeakingNets
from wyoming_indextts.indextts2.voice_lm import VoiceLanguageModel

FRAMES: Final = 16
"""That operations are counted with; no fewer than the flow's WaveNet hears to one side."""

ROWS: Final = 2
"""Of the language model: what draws and what listens; of the flow: with guidance and without."""

TRIES: Final = 5
"""Of which the fastest counts."""

ATTENTION: Final = ("attention", "bmm")
"""What torch calls the operations between frames, where it counts them: those of its own kernel, or
products in batches. In batches the flow also enters the mel, one in a thousand of its operations.
"""

MATRIX: Final = (512, 1536, 1024)
"""Rows, inner and outer width of the product that the machine's speed is measured with."""

CONVOLUTION: Final = (256, 4096, 7)
"""Channels, length and taps of the convolution that it is measured with too."""

READ: Final = 2**25
"""Numbers that are read to measure the bandwidth: 128 MB."""


def floor(nets: SpeakingNets) -> dict[str, float]:
    """Return seconds by piece of work, as above, where the nets are, in their precision."""
    weight, vocoding = nets.dit.leave.weight, nets.vocoder.leave.weight
    with torch.inference_mode():
        speed, bandwidth = _speed(weight), _bandwidth(weight.device)
        step = nets.schedule(1)
        flow, once, twice = (_flow(nets, step, frames * FRAMES) for frames in range(3))
        wave = operations(lambda: nets.vocoder(vocoding.new_zeros(1, BINS, FRAMES)))
    place = ROWS * nets.voice.sizes.place_bytes(nets.voice.norm.weight.dtype)
    return {
        "code": code_bytes(nets.voice) / bandwidth,
        "place": place / bandwidth,
        "frame_step": flow / FRAMES / speed,
        "pinned_step": (twice - once) / FRAMES / speed,  # both with the edge that is heard beside
        "frame_pair": pair_operations(nets.dit) / speed,
        "frame_wave": wave / FRAMES / _speed(vocoding),
    }


def code_bytes(voice: VoiceLanguageModel) -> int:
    """Return what a code reads of the language model, as it is kept: int8 or not, packed or not."""
    read = nn.ModuleList((voice.blocks, voice.head))  # those layers hold buffers, not parameters
    return sum(tensor.nbytes for tensor in (*read.parameters(), *read.buffers()))


def pair_operations(dit: DiT) -> float:
    """Return the operations of a frame that hears one frame in all blocks but the last.

    Two products, of a query with a key and of a weight with a value, for both rows of guidance.
    """
    width = dit.enter.out_features
    return ROWS * 2 * 2.0 * width * (len(dit.blocks) - 1)


def _flow(nets: SpeakingNets, step: Schedule, pinned: int) -> float:
    """Return the operations of a step for `FRAMES` frames behind so many that are pinned."""
    weight, frames = nets.dit.leave.weight, pinned + FRAMES
    x = weight.new_zeros(2, BINS, frames)
    ground = weight.new_zeros(2, frames, nets.dit.enter.out_features)
    rotation = nets.dit.rotation(frames)
    return operations(lambda: nets.dit(x, ground, step, rotation, first=pinned), but=ATTENTION)


def operations(run: Callable[[], object], *, but: Sequence[str] = ()) -> float:
    """Return the operations that torch counts, without those of kinds that have such a name."""
    with FlopCounterMode(display=False) as counter:
        run()
    by_kind = counter.get_flop_counts()["Global"]
    return float(sum(n for kind, n in by_kind.items() if not any(b in str(kind) for b in but)))


def _speed(like: torch.Tensor) -> float:
    """Return the operations a second of a large product, or of a convolution if those are more.

    On a CPU they are the work of two libraries: on an AMD, one takes twice as long in float32.
    """
    rows, inner, outer = MATRIX
    left, right = like.new_ones(rows, inner), like.new_ones(inner, outer)
    product = 2.0 * rows * inner * outer / _best(lambda: left @ right, like.device)
    channels, length, taps = CONVOLUTION
    signal, kernel = like.new_ones(1, channels, length), like.new_ones(channels, channels, taps)
    done = 2.0 * channels**2 * taps * (length - taps + 1)
    return max(product, done / _best(lambda: functional.conv1d(signal, kernel), like.device))


def _bandwidth(device: torch.device) -> float:
    """Return the bytes a second that can be read, whatever is made of them."""
    numbers = torch.ones(READ, device=device)
    return numbers.nbytes / _best(numbers.sum, device)


def _best(run: Callable[[], object], device: torch.device) -> float:
    """Return the seconds of the fastest try: of the CPU's time, or of a card's by the clock."""
    on_card = device.type == "cuda"
    clock = time.perf_counter if on_card else time.process_time
    taken = []
    for _ in range(TRIES):
        began = clock()
        run()
        if on_card:
            torch.cuda.synchronize(device)
        taken.append(clock() - began)
    return min(taken)
