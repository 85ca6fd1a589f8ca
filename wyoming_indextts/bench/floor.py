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
from collections.abc import Callable
from typing import Final

import torch
from torch import nn
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

MATRIX: Final = (512, 1536, 1024)
"""Rows, inner and outer width of the product that the machine's speed is measured with."""

READ: Final = 2**25
"""Numbers that are read to measure the bandwidth: 128 MB in float32."""


def floor(nets: SpeakingNets) -> dict[str, float]:
    """Return seconds by piece of work, as above, where the nets are, in their precision."""
    weight, vocoding = nets.dit.leave.weight, nets.vocoder.leave.weight
    with torch.inference_mode():
        speed, bandwidth = _speed(weight), _bandwidth(nets.voice.norm.weight)
        step = nets.schedule(1)
        flow, once, twice = (_flow(nets, step, frames * FRAMES) for frames in range(3))
        wave = _operations(lambda: nets.vocoder(vocoding.new_zeros(1, BINS, FRAMES)))
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
    """Return what a code reads of the language model, as it is kept: int8 or not."""
    read = nn.ModuleList((voice.blocks, voice.head))  # int8 layers hold buffers, not parameters
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
    return _operations(lambda: nets.dit(x, ground, step, rotation, first=pinned))


def _operations(run: Callable[[], object]) -> float:
    """Return the operations without those between frames, which on some machines are counted."""
    with FlopCounterMode(display=False) as counter:
        run()
    by_kind = counter.get_flop_counts()["Global"]
    return float(sum(count for kind, count in by_kind.items() if "attention" not in str(kind)))


def _speed(like: torch.Tensor) -> float:
    """Return the operations a second of a large matrix product."""
    rows, inner, outer = MATRIX
    left, right = like.new_ones(rows, inner), like.new_ones(inner, outer)
    return 2.0 * rows * inner * outer / _best(lambda: left @ right, like.device)


def _bandwidth(like: torch.Tensor) -> float:
    """Return the bytes a second that can be read, by a matrix with one vector."""
    matrix = like.new_ones(READ // 1024, 1024)
    vector = like.new_ones(1024)
    return matrix.numel() * matrix.element_size() / _best(lambda: matrix @ vector, like.device)


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
