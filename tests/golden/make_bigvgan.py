"""Makes bigvgan.npz in the oracle's environment: the wave of a mel."""

from importlib import import_module
from typing import Any, Final

import numpy as np

from tests.golden.keep import hash_of, keep
from tests.golden.random_tensors import random_tensors

SEED: Final = 53
"""Of the weights and of the mel."""

CONFIG: Final[dict[str, Any]] = {
    "resblock": "1",
    "num_mels": 80,
    "upsample_rates": [4, 2],
    "upsample_kernel_sizes": [8, 4],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
    "use_tanh_at_final": False,
    "use_bias_at_final": False,
    "activation": "snakebeta",
    "snake_logscale": True,
}
"""bigvgan/config.json at small sizes, in the shipped form."""

FRAMES: Final = 24
"""Of the mel."""

GAIN: Final = 0.8
"""Of all kernels and filters: without it the signal would grow from block to block."""

LOUDNESS: Final = 0.3
"""Of the last convolution: without it the wave would be clipped throughout."""


def main() -> None:
    """Write bigvgan.npz."""
    torch = import_module("torch")
    settings = import_module("indextts.s2mel.modules.bigvgan.env").AttrDict(CONFIG)
    net = import_module("indextts.s2mel.modules.bigvgan.bigvgan").BigVGAN(settings).eval()
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    weights = random_tensors(shapes, seed=SEED)
    weights = {name: w * np.float32(GAIN if w.ndim > 1 else 1) for name, w in weights.items()}
    weights["conv_post.weight_g"] *= np.float32(LOUDNESS)
    net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    mel = np.random.default_rng(SEED).standard_normal((1, 80, FRAMES)).astype(np.float32)
    with torch.inference_mode():
        wave = net(torch.from_numpy(mel)).numpy()
    keep(
        "bigvgan",
        {"wave": wave},
        {
            "seed": SEED,
            "sha256": hash_of(weights),
            "frames": FRAMES,
            "gain": GAIN,
            "config": CONFIG,
            "shapes": shapes,
        },
    )


if __name__ == "__main__":
    main()
