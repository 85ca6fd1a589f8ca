"""Small models that were changed on purpose: what they say stops early, never, or is no number."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from tests.indextts2.official_folder import write_official_folder
from wyoming_indextts.indextts2 import layout

STOP: Final = 321
"""The small model's stop code."""

SILENCE: Final = 52
"""Any code would do."""

STOPS: Final = 2.0
"""Added to the stop code's score: a segment then has some fifty codes."""


def well_behaved(folder: Path) -> Path:
    """Write a model whose segments come to an end, as trained ones' do."""
    write_official_folder(folder, seed=3)
    return _changed(folder, layout.GPT, "mel_head.bias", lambda bias: _raised(bias, STOP, STOPS))


def looping(folder: Path) -> Path:
    """Write a model that says the same code for ever."""
    write_official_folder(folder, seed=3)
    return _changed(folder, layout.GPT, "mel_head.bias", lambda bias: _raised(bias, SILENCE, 1e6))


def numberless(folder: Path) -> Path:
    """Write a model whose flow's last layer gives what is no number."""
    write_official_folder(folder, seed=3)
    file = folder / layout.S2MEL
    content = torch.load(file, weights_only=True)
    flow = content["net"]["cfm"]
    name = next(name for name in flow if name.endswith("estimator.conv2.bias"))
    flow[name].fill_(math.nan)
    _replace(file, content)
    return folder


def _changed(folder: Path, place: str, name: str, change: Callable[[Tensor], Tensor]) -> Path:
    tensors = torch.load(folder / place, weights_only=True)
    tensors[name] = change(tensors[name])
    _replace(folder / place, tensors)
    return folder


def _replace(file: Path, content: object) -> None:
    """Write a file anew: other folders share the one that is there."""
    file.unlink()
    torch.save(content, file)


def _raised(bias: Tensor, code: int, by: float) -> Tensor:
    bias = bias.clone()
    bias[code] += by
    return bias
