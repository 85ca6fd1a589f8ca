"""Which files a model needs, where on the hub each is, and its place below the weights folder.

The places are those of the official program's own folder, so that what somebody has downloaded
for it works here. Files of the repositories that are not named here are not needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

INDEX_TTS: Final = "IndexTeam/IndexTTS-2"
W2V_BERT: Final = "facebook/w2v-bert-2.0"
MASK_GCT: Final = "amphion/MaskGCT"
CAMPPLUS: Final = "funasr/campplus"
BIGVGAN: Final = "nvidia/bigvgan_v2_22khz_80band_256x"


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """File `name` of a repository on the hub, kept at `place` below the weights folder."""

    repository: str
    name: str
    place: str


def _own(*names: str) -> tuple[WeightsFile, ...]:
    return tuple(WeightsFile(INDEX_TTS, name, name) for name in names)


MODELS: Final[Mapping[str, Sequence[WeightsFile]]] = {
    "indextts2": (
        *_own("config.yaml", "bpe.model", "feat1.pt", "feat2.pt", "wav2vec2bert_stats.pt"),
        WeightsFile(W2V_BERT, "config.json", "hf_cache/w2v-bert-2.0/config.json"),
        WeightsFile(BIGVGAN, "config.json", "hf_cache/bigvgan/config.json"),
        WeightsFile(CAMPPLUS, "campplus_cn_common.bin", "hf_cache/campplus_cn_common.bin"),
        WeightsFile(
            MASK_GCT,
            "semantic_codec/model.safetensors",
            "hf_cache/semantic_codec_model.safetensors",
        ),
        WeightsFile(BIGVGAN, "bigvgan_generator.pt", "hf_cache/bigvgan/bigvgan_generator.pt"),
        *_own("s2mel.pth"),
        WeightsFile(W2V_BERT, "model.safetensors", "hf_cache/w2v-bert-2.0/model.safetensors"),
        *_own("gpt.pth"),
    ),
    "qwen": _own(
        "qwen0.6bemo4-merge/config.json",
        "qwen0.6bemo4-merge/generation_config.json",
        "qwen0.6bemo4-merge/tokenizer_config.json",
        "qwen0.6bemo4-merge/chat_template.jinja",
        "qwen0.6bemo4-merge/tokenizer.json",
        "qwen0.6bemo4-merge/model.safetensors",
    ),
}
"""The files of each model, small ones first: what is wrong shows before the hours of the large."""


def are_there(model: str, folder: Path) -> bool:
    """Return whether all of a model's files are in `folder`, whatever is in them."""
    return all((folder / file.place).is_file() for file in MODELS[model])


def mending(model: str) -> str:
    """Return what a person can do about a model's files."""
    return f"run `wyoming-indextts download {model}`"
