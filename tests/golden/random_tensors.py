"""Random weights that the oracle and our own tests make alike: numpy only, one stream a tensor."""

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def random_tensor(name: str, shape: tuple[int, ...], *, seed: int) -> NDArray[np.float32]:
    """Return tensor `name` of checkpoint `seed`: normal, scaled so that signals keep their size.

    Matrices and kernels are scaled by 1 / sqrt(fan in); vectors are small, and those that scale
    (norm weights, weight norm's g, running variances) lie around 1.
    """
    draw = np.random.default_rng([seed, zlib.crc32(name.encode())]).standard_normal(shape)
    if name.endswith(("running_var", "weight_g")):
        return np.asarray(1 + 0.1 * np.abs(draw), np.float32)
    if len(shape) > 1:
        return np.asarray(draw / np.sqrt(np.prod(shape[1:])), np.float32)
    around = 1.0 if name.endswith(("weight", "gamma")) else 0.0
    return np.asarray(around + 0.1 * draw, np.float32)


def random_tensors(
    shapes: Mapping[str, tuple[int, ...]], *, seed: int
) -> dict[str, NDArray[np.float32]]:
    """Return one random tensor for each name; the same names, shapes and seed give the same."""
    return {name: random_tensor(name, shape, seed=seed) for name, shape in shapes.items()}
