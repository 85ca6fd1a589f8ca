"""Random weights in the official layout, written once: the same files for both contestants.

Two sizes: `official`, whose shapes are the shipped checkpoints', and `small`, which computes in
milliseconds on a CPU. The start and the stop code can never be drawn, so that whoever speaks with
these weights gives exactly as many codes as it is told to. Nobody can hear anything in them.
"""

import gzip
import json
import zlib
from collections.abc import Mapping
from io import SEEK_CUR, BytesIO
from pathlib import Path
from typing import Any, Final, Literal

import torch
import yaml
from safetensors.torch import save_file
from sentencepiece import SentencePieceTrainer
from torch import Tensor

from wyoming_indextts.indextts2 import layout
from wyoming_indextts.store.voices import voices_folder

Size = Literal["small", "official"]

MODELS: Final = Path(__file__).with_name("models.json.gz")
"""Configurations, and names and shapes of all tensors; made by `tests/bench/describe_models.py`."""

DONE: Final = "written"
"""File that is there when all others are; what it holds names their version."""

VERSION: Final = "1"

NEVER: Final = -1e4
"""Bias of the codes that are never drawn."""

LINES: Final = (
    "HELLO WORLD , THIS IS A TEST . IT IS FIVE O'CLOCK AND THE DOOR IS OPEN !",
    "你 好 , 世 界 . 今 天 的 温 度 是 二 十 三 度 , 百 分 之 五 十 的 湿 度 ?",
    "XING2 XVAN4 JV4 - A B C D E F G H I J K L M N O P Q R S T U V W X Y Z ' ' ... !",
)
"""What the vocabulary is made of."""

GAINS: Final = {"campplus": 1.3, "vocoder": 0.8, "w2v_bert": 0.1}
"""Of the kernels of a net, so that its signals neither die nor grow."""

STRIDE: Final = 61
"""Of w2v-bert's rows that are not zero; a prime, to come by each head's dimensions."""

BLOCK: Final = 4096
"""Bytes that a file system keeps together."""

Shapes = Mapping[str, Mapping[str, list[int]]]


def weights_folder(cache_dir: Path, size: Size) -> Path:
    """Return the folder of the weights of a size; they are written if they are not there.

    Raises:
        OSError: there is no room: `official` takes 12 GB, with what is made of it when it loads.
    """
    folder = cache_dir / "bench" / size
    if (folder / DONE).is_file() and (folder / DONE).read_text("ascii") == VERSION:
        return folder
    described = json.loads(gzip.decompress(MODELS.read_bytes()))[size]
    for name in (layout.W2V_BERT_CONFIG, layout.BIGVGAN_CONFIG):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / layout.CONFIG).write_text(yaml.safe_dump(described["model"]), "utf-8")
    (folder / layout.W2V_BERT_CONFIG).write_text(json.dumps(described["w2v_bert"]), "utf-8")
    (folder / layout.BIGVGAN_CONFIG).write_text(json.dumps(described["vocoder"]), "utf-8")
    _write_vocabulary(folder / layout.TOKENIZER)
    _write_tensors(folder, described["model"], described["shapes"])
    (folder / DONE).write_text(VERSION, "ascii")
    return folder


def data_folder(cache_dir: Path, name: str) -> Path:
    """Return a data folder of a server that speaks with them; its voices may not be there."""
    folder = cache_dir / "bench" / f"{name}-data"
    voices_folder(folder).mkdir(parents=True, exist_ok=True)
    return folder


def _write_vocabulary(file: Path) -> None:
    model = BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(LINES * 4),
        model_writer=model,
        model_type="bpe",
        vocab_size=200,
        hard_vocab_limit=False,
        bos_id=0,
        eos_id=1,
        unk_id=2,
        minloglevel=2,
    )
    file.write_bytes(model.getvalue())


def _write_tensors(folder: Path, model: Mapping[str, Any], shapes: Shapes) -> None:
    gpt = _drawn("gpt", shapes["gpt"])
    for code in (model["gpt"]["start_mel_token"], model["gpt"]["stop_mel_token"]):
        gpt["mel_head.bias"][code] = NEVER
    torch.save(gpt, folder / layout.GPT)
    nets = {
        "cfm": _drawn("flow", shapes["flow"]),
        "length_regulator": _drawn("regulator", shapes["regulator"]),
        "gpt_layer": _drawn("projection", shapes["projection"]),
    }
    torch.save({"net": nets}, folder / layout.S2MEL)
    torch.save(_drawn("campplus", shapes["campplus"]), folder / layout.CAMPPLUS)
    torch.save({"generator": _drawn("vocoder", shapes["vocoder"])}, folder / layout.BIGVGAN)
    save_file(_drawn("codec", shapes["codec"]), folder / layout.REPCODEC)
    save_file(_drawn("w2v_bert", shapes["w2v_bert"]), folder / layout.W2V_BERT)
    _dig(folder / layout.W2V_BERT)
    statistics = {"mean": torch.zeros(1024), "var": torch.ones(1024)}
    torch.save(statistics, folder / layout.FEATURE_STATISTICS)
    rows, width = sum(model["emo_num"]), model["gpt"]["model_dim"]
    torch.save(_tensor("feat1", [rows, 192]), folder / layout.EXAMPLE_SPEAKERS)
    torch.save(_tensor("feat2", [rows, width]), folder / layout.EXAMPLE_EMOTIONS)


def _dig(file: Path) -> None:
    """Write a file anew without its blocks of zeros: they become holes, which take no room."""
    dug = file.with_name(f"{file.name}.dug")
    with file.open("rb") as whole, dug.open("wb") as sparse:
        while block := whole.read(BLOCK):
            if any(block):
                sparse.write(block)
            else:
                sparse.seek(len(block), SEEK_CUR)
        sparse.truncate()
    dug.replace(file)


def _drawn(net: str, shapes: Mapping[str, list[int]]) -> dict[str, Tensor]:
    tensors = {}
    for name, shape in shapes.items():
        tensor = _tensor(f"{net} {name}", shape)
        tensors[name] = tensor * GAINS.get(net, 1.0) if tensor.dim() > 1 else tensor
    return tensors


def _tensor(name: str, shape: list[int]) -> Tensor:
    """Return a tensor that keeps signals at about their size; the same each time."""
    if name.endswith("num_batches_tracked"):
        return torch.zeros(shape, dtype=torch.int64)
    if name.endswith("input_pos"):
        return torch.arange(shape[0]).float()
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    if name.startswith("w2v_bert") and len(shape) > 1:
        draw = torch.zeros(shape)  # it only enrols: most of it need not be drawn
        draw[::STRIDE] = torch.randn(draw[::STRIDE].shape, generator=generator)
    else:
        draw = torch.randn(shape, generator=generator)
    if name.endswith(("running_var", "weight_g")):
        return 1 + 0.1 * draw.abs()
    if draw.dim() > 1:
        return draw * float(draw[0].numel() ** -0.5)
    return 0.1 * draw + (1.0 if name.endswith(("weight", "gamma")) else 0.0)
