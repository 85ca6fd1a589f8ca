"""Writes a small model of random weights as the official downloads lie in their folder.

config.yaml  bpe.model  gpt.pth  s2mel.pth  feat1.pt  feat2.pt  wav2vec2bert_stats.pt
hf_cache/
    w2v-bert-2.0/          config.json  model.safetensors
    bigvgan/               config.json  bigvgan_generator.pt
    semantic_codec_model.safetensors
    campplus_cn_common.bin
"""

import json
import os
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from tests.golden.small_model import Arrays, Kind, configs_of, shapes_of, weights_of
from tests.indextts2.vocabulary import train
from wyoming_indextts.indextts2 import layout

BLOCK: Final = 4096
"""Bytes that a file system keeps together; rows that begin where one does take no second."""

_TEMPLATES: Final = TemporaryDirectory(prefix="wyoming-indextts-small-models-")
"""In the folder for temporary files, where pytest's own are."""


def write_official_folder(folder: Path, *, seed: int = 0, kind: Kind = "plain") -> None:
    """Write all files, of about 45 MB on the disk, into a folder that may be there already.

    Each tensor is random. s2mel.pth and w2v-bert hold, as the official ones, more than is used.
    The folders of one seed and kind share their files: replace one to change it.
    """
    template, untouched = _template(seed, kind)
    assert _times(template) == untouched, "a test has changed a file that others share"
    shutil.copytree(template, folder, copy_function=os.link, dirs_exist_ok=True)


@cache
def _template(seed: int, kind: Kind) -> tuple[Path, dict[Path, int]]:
    """Write the files once in a process; return where, until it ends, and when each was written."""
    folder = Path(_TEMPLATES.name) / f"{kind}-{seed}"
    _write(folder, seed=seed, kind=kind)
    return folder, _times(folder)


def _times(folder: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


def _write(folder: Path, *, seed: int, kind: Kind) -> None:
    configs = configs_of(kind)
    weights = weights_of(kind, shapes_of(kind), seed=seed)
    for name in (layout.W2V_BERT_CONFIG, layout.BIGVGAN_CONFIG):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / layout.CONFIG).write_text(yaml.safe_dump(_plain(configs.model)), "utf-8")
    (folder / layout.W2V_BERT_CONFIG).write_text(json.dumps(configs.w2v_bert), "utf-8")
    (folder / layout.BIGVGAN_CONFIG).write_text(json.dumps(configs.vocoder), "utf-8")
    train(folder / layout.TOKENIZER)
    torch.save(_tensors(weights["gpt"]), folder / layout.GPT)
    torch.save(_s2mel(weights), folder / layout.S2MEL)
    torch.save(_tensors(weights["campplus"]), folder / layout.CAMPPLUS)
    torch.save({"generator": _tensors(weights["vocoder"])}, folder / layout.BIGVGAN)
    torch.save(_tensors(weights["statistics"]), folder / layout.FEATURE_STATISTICS)
    torch.save(torch.from_numpy(weights["feat1"][""]), folder / layout.EXAMPLE_SPEAKERS)
    torch.save(torch.from_numpy(weights["feat2"][""]), folder / layout.EXAMPLE_EMOTIONS)
    save_file(_tensors(weights["codec"]), folder / layout.REPCODEC)
    _write_with_holes(folder / layout.W2V_BERT, weights["w2v_bert"])


def _s2mel(weights: Mapping[str, Arrays]) -> dict[str, object]:
    """Return the content of s2mel.pth: some names start with `module.`, as trained in parallel."""
    flow = {f"module.{name}": tensor for name, tensor in _tensors(weights["flow"]).items()}
    return {
        "net": {
            "cfm": flow,
            "length_regulator": _tensors(weights["regulator"]),
            "gpt_layer": _tensors(weights["projection"]),
        },
        "optimizer": {"cfm": {"state": {0: {"exp_avg": torch.ones(3)}}}},
        "epoch": 3,
        "iters": 70_000,
    }


def _tensors(arrays: Arrays) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _plain(content: object) -> object:
    return json.loads(json.dumps(content))


def _write_with_holes(file: Path, arrays: Arrays) -> None:
    """Write float32 tensors as safetensors; rows of zeros are holes and take no room."""
    header, offset = {}, 0
    ordered = dict(sorted(arrays.items(), key=lambda item: -item[1].nbytes))
    for name, array in ordered.items():
        ends = [offset, offset + array.nbytes]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": ends}
        offset = ends[1]
    text = json.dumps(header).encode()
    text = text.ljust(-(-(8 + len(text)) // BLOCK) * BLOCK - 8)
    with file.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        for array in ordered.values():
            _write_rows(stream, array)
        stream.truncate()


def _write_rows(stream: BinaryIO, array: NDArray[np.float32]) -> None:
    rows = array.reshape(len(array), -1)
    filled = rows.any(axis=1)
    if filled.all():
        stream.write(array.tobytes())
        return
    start = stream.tell()
    for row in np.flatnonzero(filled):
        stream.seek(start + int(row) * rows[0].nbytes)
        stream.write(rows[row].tobytes())
    stream.seek(start + array.nbytes)
