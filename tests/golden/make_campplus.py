"""Makes campplus.npz in the oracle's environment: styles of a long clip and of a short one."""

from importlib import import_module
from typing import Final

import numpy as np

from tests.golden.keep import hash_of, keep
from tests.golden.random_tensors import random_tensors

SEED: Final = 23
"""Of the weights and of the features."""

GAIN: Final = 1.3
"""Of all kernels: without it the rectifiers let little of the input through to the end."""

FRAMES: Final = {"long": 333, "short": 15}
"""The long clip has three segments of context, the last of them short."""


def main() -> None:
    """Write campplus.npz."""
    torch = import_module("torch")
    net = import_module("indextts.s2mel.modules.campplus.DTDNN").CAMPPlus(80, 192).eval()
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    weights = {
        name: np.asarray(array * np.float32(GAIN if array.ndim > 1 else 1))
        for name, array in random_tensors(shapes, seed=SEED).items()
    }
    net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    draw = np.random.default_rng(SEED)
    styles = {}
    for name, frames in FRAMES.items():
        features = draw.standard_normal((1, frames, 80)).astype(np.float32)
        with torch.inference_mode():
            styles[name] = net(torch.from_numpy(features)).numpy()
    keep(
        "campplus",
        styles,
        {
            "seed": SEED,
            "sha256": hash_of(weights),
            "gain": GAIN,
            "frames": FRAMES,
            "shapes": shapes,
        },
    )


if __name__ == "__main__":
    main()
