"""Makes gpt.npz in the oracle's environment: conditioning, emotion, codes, logits and latents."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from tests.golden.keep import hash_of, keep
from tests.golden.random_tensors import random_tensor, random_tensors
from tests.golden.spoken import REFERENCE, spoken

SEED: Final = 11
"""Of the weights and of the inputs."""

SIZES: Final[Mapping[str, Any]] = {
    "model_dim": 64,
    "layers": 2,
    "heads": 4,
    "max_text_tokens": 30,
    "max_mel_tokens": 150,
    "number_text_tokens": 50,
    "start_text_token": 0,
    "stop_text_token": 1,
    "number_mel_codes": 1000,
    "start_mel_token": 996,
    "stop_mel_token": 957,
    "condition_type": "conformer_perceiver",
    "condition_module": {
        "output_size": 32, "linear_units": 48, "attention_heads": 4, "num_blocks": 2,
        "input_layer": "conv2d2", "perceiver_mult": 2,
    },
    "emo_condition_module": {
        "output_size": 24, "linear_units": 40, "attention_heads": 2, "num_blocks": 1,
        "input_layer": "conv2d2", "perceiver_mult": 2,
    },
}  # fmt: skip
"""The section `gpt` of a small config.yaml."""

POSITIONS: Final = ".pos_enc.pe"
"""How the names of the conformers' tables of positions end."""

LOUDNESS: Final = np.float32(400)
"""Of these, which are as large as sinusoids then, and not lost beside what is heard."""

FAVOURED: Final = [1, SIZES["start_mel_token"]]
"""Codes that would be the best ones, were they not penalised as seen from the start."""

FAVOUR: Final = 5
"""Added to their bias; the logits of the others go up to about 4."""

TEXT: Final = (17, 4, 33, 8, 49, 2, 21, 21, 5)

RUNS: Final[Mapping[str, Mapping[str, Any]]] = {
    "greedy": {"text": TEXT, "longest": 120, "greedy": True, "seed": 0, **REFERENCE},
    "sampled": {"text": TEXT, "longest": 120, "greedy": False, "seed": 7, **REFERENCE},
    # stops by itself
    "hot": {
        "text": TEXT, "longest": 120, "greedy": False, "seed": 5,
        "temperature": 1.3, "top_k": 0, "top_p": 0.95, "repetition_penalty": 1.5,
    },
    # the ids of start and stop inside the text: only the second pass of the reference reads them
    "marked": {
        "text": (17, 0, 33, 1, 8), "longest": 30, "greedy": False, "seed": 5, **REFERENCE,
    },
}  # fmt: skip
"""Name -> what is said, in at most how many draws, and how codes are drawn."""

LOGITS: Final = (0, 1, 2, 20)
"""Steps of the greedy run whose logits are kept."""


GROUPS: Final = (3, 5, 2, 4, 1, 6, 3, 2)
"""Recorded examples of each emotion."""


def main() -> None:
    """Write gpt.npz."""
    model = import_module("indextts.gpt.model_v2").UnifiedVoice(**SIZES, checkpointing=False)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    weights = {
        name: np.asarray(array * (LOUDNESS if name.endswith(POSITIONS) else 1))
        for name, array in random_tensors(shapes, seed=SEED).items()
    }
    weights["mel_head.bias"][FAVOURED] += FAVOUR
    model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    model.eval()
    with torch.inference_mode():
        arrays = conditioning(model)
        model.post_init_gpt2_config(use_deepspeed=False, kv_cache=True, half=False)
        for name, run in RUNS.items():
            arrays |= decoded(model, name, run, torch.from_numpy(arrays["merged"]))
        arrays |= {"nearest": nearest()}
    facts = {
        "seed": SEED,
        "sha256": hash_of(weights),
        "sizes": SIZES,
        "shapes": shapes,
        "runs": RUNS,
        "logits": LOGITS,
        "groups": GROUPS,
    }
    keep("gpt", arrays, facts)


def conditioning(
    model: Any,  # noqa: ANN401 - the oracle has no types
) -> dict[str, NDArray[Any]]:
    """Return what the clips of two voices are to the model."""
    speaker, emotional = features("speaker", 57), features("emotional", 44)
    length = torch.tensor([1024])
    base = model.get_emovec(speaker, length)
    other = model.get_emovec(emotional, length)
    merged = model.merge_emovec(speaker, emotional, length, length, alpha=0.6)
    latents = model.get_conditioning(speaker.transpose(1, 2), length)
    return {
        "latents": latents.numpy(),
        "own": base.numpy(),
        "other": other.numpy(),
        "merged": merged.numpy(),
    }


def decoded(
    model: Any,  # noqa: ANN401 - the oracle has no types
    name: str,
    run: Mapping[str, Any],
    emotion: torch.Tensor,
) -> dict[str, NDArray[Any]]:
    """Return the codes, some logits and the latents of one run."""
    rows: list[torch.Tensor] = []
    hook = model.mel_head.register_forward_hook(lambda _net, _given, out: rows.append(out[:, -1]))
    codes, second = spoken(
        model, features("speaker", 57), run, emotion, stop=SIZES["stop_mel_token"]
    )
    hook.remove()
    sys.stdout.write(f"{name}: {codes.shape[1]} codes, latents {tuple(second.shape)}\n")
    arrays = {f"{name}_codes": codes.numpy(), f"{name}_latents": second.numpy()}
    if run["greedy"]:
        arrays |= {f"{name}_logits": torch.cat([rows[i] for i in LOGITS]).numpy()}
    return arrays


def nearest() -> NDArray[Any]:
    """Return which example of each group the oracle takes for a style."""
    most_similar = import_module("indextts.emotion").find_most_similar_cosine
    style = torch.from_numpy(random_tensor("style", (1, 192), seed=SEED))
    speakers = torch.from_numpy(random_tensor("speakers", (sum(GROUPS), 192), seed=SEED))
    return np.array([int(most_similar(style, group)) for group in speakers.split(GROUPS)])


def features(name: str, frames: int) -> torch.Tensor:
    """Return the features (1, frames, 1024) of a clip."""
    array = random_tensor(name, (frames, 1024), seed=SEED) * np.float32(32)
    return torch.from_numpy(array).unsqueeze(0)


if __name__ == "__main__":
    main()
