"""Makes flow.npz in the oracle's environment: condition, latent projection and mel of s2mel.pth."""

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tests.golden.keep import hash_of, keep
from tests.golden.random_tensors import random_tensors

SEED: Final = 47
"""Of the weights and of the inputs."""

SHIPPED: Final[dict[str, Any]] = {
    "style_encoder": {"dim": 192},
    "length_regulator": {
        "channels": 48, "is_discrete": False, "in_channels": 1024, "content_codebook_size": 32,
        "sampling_ratios": [1, 1, 1, 1], "vector_quantize": False, "n_codebooks": 1,
        "quantizer_dropout": 0.0, "f0_condition": False, "n_f0_bins": 512,
    },
    "DiT": {
        "hidden_dim": 64, "num_heads": 4, "depth": 5, "class_dropout_prob": 0.1,
        "block_size": 8192, "in_channels": 80, "style_condition": True,
        "final_layer_type": "wavenet", "target": "mel", "content_dim": 48,
        "content_codebook_size": 32, "content_type": "discrete", "f0_condition": False,
        "n_f0_bins": 512, "content_codebooks": 1, "is_causal": False,
        "long_skip_connection": True, "zero_prompt_speech_token": False, "time_as_token": False,
        "style_as_token": False, "uvit_skip_connection": True,
        "add_resblock_in_transformer": False,
    },
    "wavenet": {
        "hidden_dim": 64, "num_layers": 3, "kernel_size": 5, "dilation_rate": 1,
        "p_dropout": 0.2, "style_condition": True,
    },
    "dit_type": "DiT",
    "reg_loss_type": "l1",
}  # fmt: skip
"""The section `s2mel` of config.yaml at small sizes, in the shipped form."""

UNLIKE: Final[dict[str, Any]] = {
    **SHIPPED,
    "DiT": {**SHIPPED["DiT"], "depth": 4, "num_heads": 2},
    "wavenet": {**SHIPPED["wavenet"], "num_layers": 2, "kernel_size": 3, "dilation_rate": 2},
}
"""An even depth, and a WaveNet whose taps lie farther apart from layer to layer."""

PLACES: Final = "estimator.input_pos"
"""The frames' places for the rotary positions: whole numbers, 0, 1, 2, ... as shipped."""

FARTHER: Final = 300
"""The random places are multiplied by this."""

PROMPT: Final = 13
"""Mel frames of the voice."""

CODES: Final = 26
"""What is said: at 26 codes, frames and codes are matched in float32, not in integers."""

FRAMES: Final = 44
"""Mel frames of what is said."""


def draw(name: str, *shape: int) -> NDArray[np.float32]:
    """Return an input by its name; the tests draw the same."""
    seed = [SEED, *name.encode()]
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def built(config: dict[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Return the oracle's net with random weights, and what the golden tells of them."""
    torch = import_module("torch")
    munch = import_module("munch")
    model = import_module("indextts.s2mel.modules.commons").MyModel(
        munch.munchify(json.loads(json.dumps(config))), use_gpt_latent=True
    )
    parts = {}
    for part, net in model.models.items():
        shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
        weights = random_tensors(shapes, seed=SEED)
        if part == "cfm":
            weights[PLACES] = np.abs(FARTHER * weights[PLACES]).round()
        net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
        parts[part] = {"shapes": shapes, "sha256": hash_of(weights)}
    return model.eval().models, parts


def walked(models: Mapping[str, Any], *, steps: int, guidance: float) -> NDArray[np.float32]:
    """Return the mel that the oracle makes of the drawn noise, condition, prompt and style."""
    torch = import_module("torch")
    cfm = models["cfm"]
    cfm.estimator.setup_caches(max_batch_size=2, max_seq_length=128)
    told = draw("condition", 1, PROMPT + FRAMES, 48)
    prompt = torch.from_numpy(draw("prompt", 1, 80, PROMPT))
    times = torch.linspace(0, 1, steps + 1)
    mel = cfm.solve_euler(
        torch.from_numpy(draw("noise", 1, 80, PROMPT + FRAMES)),
        torch.tensor([PROMPT + FRAMES]),
        prompt,
        torch.from_numpy(told),
        torch.from_numpy(draw("style", 1, 192)),
        None,
        times,
        guidance,
    )
    return np.asarray(mel.numpy()[:, :, PROMPT:])


def main() -> None:
    """Write flow.npz."""
    torch = import_module("torch")
    with torch.inference_mode():
        models, shipped = built(SHIPPED)
        latents = torch.from_numpy(draw("latents", 1, 6, 1280))
        features = torch.from_numpy(draw("features", 1, CODES, 1024))
        regulate = models["length_regulator"]
        arrays = {
            "projected": models["gpt_layer"](latents).numpy(),
            "condition": regulate(features, ylens=torch.tensor([FRAMES]))[0].numpy(),
            "mel": walked(models, steps=25, guidance=0.7),
            "brief": walked(models, steps=2, guidance=0.7),
            "unguided": walked(models, steps=2, guidance=0.0),
        }
        models, unlike = built(UNLIKE)
        arrays["unlike"] = walked(models, steps=2, guidance=0.7)
    keep(
        "flow",
        arrays,
        {
            "seed": SEED,
            "prompt": PROMPT,
            "codes": CODES,
            "frames": FRAMES,
            "shipped": {"config": SHIPPED, "parts": shipped},
            "unlike": {"config": UNLIKE, "parts": unlike},
        },
    )


if __name__ == "__main__":
    main()
