"""Makes w2v_bert.npz in the oracle's environment: a small w2v-bert's state after 17 layers."""

from importlib import import_module
from typing import Final

import numpy as np

from tests.golden.keep import hash_of, keep
from tests.golden.random_tensors import random_tensors

SEED: Final = 21
"""Of the weights and of the features."""

SIZES: Final = {
    "hidden_size": 32,
    "num_hidden_layers": 18,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "left_max_position_embeddings": 6,
    "right_max_position_embeddings": 3,
    "conv_depthwise_kernel_size": 5,
    "feature_projection_input_dim": 160,
}
"""Of config.json: what differs from the published file."""

GAIN: Final = 1.5
"""Of all matrices and kernels: attention that looks everywhere alike would show little."""

FRAMES: Final = 24
"""The last is masked."""


def main() -> None:
    """Write w2v_bert.npz."""
    torch = import_module("torch")
    transformers = import_module("transformers")
    net = transformers.Wav2Vec2BertModel(transformers.Wav2Vec2BertConfig(**SIZES))
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    weights = {
        name: np.asarray(array * np.float32(GAIN if array.ndim > 1 else 1))
        for name, array in random_tensors(shapes, seed=SEED).items()
    }
    net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    net.eval()
    features = np.random.default_rng(SEED).standard_normal((1, FRAMES, 160)).astype(np.float32)
    mask = np.ones((1, FRAMES), np.int32)
    mask[0, -1] = 0
    with torch.inference_mode():
        states = net(
            input_features=torch.from_numpy(features),
            attention_mask=torch.from_numpy(mask),
            output_hidden_states=True,
        ).hidden_states
    keep(
        "w2v_bert",
        {"features": features, "hidden": states[17].numpy()},
        {"seed": SEED, "gain": GAIN, "sha256": hash_of(weights), "sizes": SIZES, "shapes": shapes},
    )


if __name__ == "__main__":
    main()
