"""What `wyoming-indextts bench` knows of the models it writes, taken from our goldens.

python -m tests.bench.describe_models    writes wyoming_indextts/bench/models.json.gz
"""

import gzip
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from tests.golden.keep import HERE
from tests.golden.small_model import PLAIN, PLAIN_VOCODER, PLAIN_W2V_BERT, shapes_of
from tests.indextts2.config_files import VOCODER, W2V_BERT, changed, shipped
from wyoming_indextts.bench.model_files import MODELS

NETS: Final = {
    "gpt": "gpt", "flow": "s2mel_cfm", "regulator": "s2mel_length_regulator",
    "projection": "s2mel_gpt_layer", "campplus": "campplus", "vocoder": "bigvgan",
    "codec": "repcodec", "w2v_bert": "w2v_bert",
}  # fmt: skip
"""Our nets, and the list of each one's tensors at the official sizes."""

PLACES: Final = {"mel_pos_embedding.emb.weight": 1818, "text_pos_embedding.emb.weight": 602}
"""Positions as in the official model: a benchmark says more than a test."""


def described() -> dict[str, Any]:
    """Return what the file holds."""
    small = json.loads(json.dumps(shapes_of("plain")))
    for name, places in PLACES.items():
        small["gpt"][name][0] = places
    long = changed("gpt.max_mel_tokens", 1815)["gpt"]
    gpt = {**PLAIN["gpt"], **{key: long[key] for key in ("max_mel_tokens", "max_text_tokens")}}
    return {
        "small": {
            "model": {**PLAIN, "gpt": gpt},
            "w2v_bert": PLAIN_W2V_BERT,
            "vocoder": PLAIN_VOCODER,
            "shapes": small,
        },
        "official": {
            "model": shipped(),
            "w2v_bert": W2V_BERT,
            "vocoder": VOCODER,
            "shapes": {net: _listed(name) for net, name in NETS.items()},
        },
    }


def _listed(name: str) -> Mapping[str, list[int]]:
    lines = (HERE / "statedict" / f"{name}.txt").read_text("utf-8").splitlines()
    split = (line.split("\t") for line in lines)
    return {name: [int(size) for size in re.findall(r"\d+", shape)] for name, shape in split}


def main() -> None:
    """Write the file."""
    MODELS.write_bytes(gzip.compress(json.dumps(described()).encode(), mtime=0))


if __name__ == "__main__":
    main()
