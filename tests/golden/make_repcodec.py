"""Makes repcodec.npz in the oracle's environment: codes of a small RepCodec and what they mean."""

from importlib import import_module
from typing import Final

import numpy as np

from tests.golden.keep import hash_of, keep
from tests.golden.random_tensors import random_tensors

SEED: Final = 22
"""Of the weights and of the features."""

SIZES: Final = {
    "codebook_size": 256,
    "hidden_size": 40,
    "codebook_dim": 8,
    "vocos_dim": 24,
    "vocos_intermediate_dim": 32,
    "vocos_num_layers": 2,
}
"""The section `semantic_codec` of a small config.yaml."""

FRAMES: Final = 60


def main() -> None:
    """Write repcodec.npz."""
    torch = import_module("torch")
    munch = import_module("munch")
    build = import_module("indextts.utils.maskgct_utils").build_semantic_codec
    net = build(munch.munchify(SIZES)).eval()
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    weights = random_tensors(shapes, seed=SEED)
    net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    draw = np.random.default_rng(SEED)
    features = draw.standard_normal((1, FRAMES, SIZES["hidden_size"])).astype(np.float32)
    quantiser = net.quantizer.quantizers[0]
    seen: list[object] = []
    quantiser.in_project.register_forward_hook(lambda _net, _given, out: seen.append(out))
    with torch.inference_mode():
        codes, meaning = net.quantize(torch.from_numpy(features))
    keep(
        "repcodec",
        {
            "features": features,
            "encoded": np.asarray(seen[0]).transpose(0, 2, 1),
            "codes": codes.numpy(),
            "meaning": meaning.numpy(),
        },
        {"seed": SEED, "sha256": hash_of(weights), "sizes": SIZES, "shapes": shapes},
    )


if __name__ == "__main__":
    main()
