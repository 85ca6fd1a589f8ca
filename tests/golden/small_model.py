"""Small models in the official layout: sizes, and the weights that oracle and tests make alike.

Two kinds: `plain`, shaped as the shipped one, and `unlike`, which differs in every size that may
differ. The names and shapes of their tensors are the reference's: its nets, built at these sizes,
told them to `make_chain`. w2v-bert cannot be small, for its width is fixed; of its large matrices
only some rows are not zero, so that they are drawn, kept and read quickly.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tests.golden.keep import HERE
from tests.golden.random_tensors import random_tensor

Kind = Literal["plain", "unlike"]

KINDS: Final[tuple[Kind, ...]] = ("plain", "unlike")

Arrays = dict[str, NDArray[Any]]

MODULE: Final = {"input_layer": "conv2d2", "perceiver_mult": 2}

PLAIN: Final[Mapping[str, Any]] = {
    "gpt": {
        "model_dim": 64, "layers": 2, "heads": 4, "max_text_tokens": 130, "max_mel_tokens": 150,
        "number_text_tokens": 240, "start_text_token": 0, "stop_text_token": 1,
        "number_mel_codes": 322, "start_mel_token": 320, "stop_mel_token": 321,
        "use_mel_codes_as_input": True, "mel_length_compression": 1024,
        "train_solo_embeddings": False, "condition_type": "conformer_perceiver",
        "condition_module": {
            **MODULE, "output_size": 16, "linear_units": 24, "attention_heads": 2, "num_blocks": 1,
        },
        "emo_condition_module": {
            **MODULE, "output_size": 12, "linear_units": 20, "attention_heads": 2, "num_blocks": 1,
            "perceiver_mult": 0.25,
        },
    },
    "semantic_codec": {
        "codebook_size": 320, "hidden_size": 1024, "codebook_dim": 8, "vocos_dim": 24,
        "vocos_intermediate_dim": 32, "vocos_num_layers": 1,
    },
    "s2mel": {
        "preprocess_params": {
            "sr": 22050,
            "spect_params": {
                "n_fft": 1024, "win_length": 1024, "hop_length": 256, "n_mels": 80, "fmin": 0,
                "fmax": "None",
            },
        },
        "dit_type": "DiT",
        "reg_loss_type": "l1",
        "style_encoder": {"dim": 192},
        "length_regulator": {
            "channels": 48, "is_discrete": False, "in_channels": 1024,
            "content_codebook_size": 32, "sampling_ratios": [1, 1, 1, 1],
            "vector_quantize": False, "n_codebooks": 1, "quantizer_dropout": 0.0,
            "f0_condition": False, "n_f0_bins": 512,
        },
        "DiT": {
            "hidden_dim": 64, "num_heads": 4, "depth": 5, "class_dropout_prob": 0.1,
            "block_size": 8192, "in_channels": 80, "style_condition": True,
            "final_layer_type": "wavenet", "target": "mel", "content_dim": 48,
            "content_codebook_size": 32, "content_type": "discrete", "f0_condition": False,
            "n_f0_bins": 512, "content_codebooks": 1, "is_causal": False,
            "long_skip_connection": True, "zero_prompt_speech_token": False,
            "time_as_token": False, "style_as_token": False, "uvit_skip_connection": True,
            "add_resblock_in_transformer": False,
        },
        "wavenet": {
            "hidden_dim": 64, "num_layers": 3, "kernel_size": 5, "dilation_rate": 1,
            "p_dropout": 0.2, "style_condition": True,
        },
    },
    "dataset": {"bpe_model": "bpe.model"},
    "gpt_checkpoint": "gpt.pth",
    "w2v_stat": "wav2vec2bert_stats.pt",
    "s2mel_checkpoint": "s2mel.pth",
    "emo_matrix": "feat2.pt",
    "spk_matrix": "feat1.pt",
    "emo_num": [3, 5, 2, 4, 1, 6, 3, 2],
    "qwen_emo_path": "qwen0.6bemo4-merge/",
    "vocoder": {"type": "bigvgan", "name": "nvidia/bigvgan_v2_22khz_80band_256x"},
    "version": 2.0,
}  # fmt: skip
"""config.yaml of the plain kind."""

PLAIN_W2V_BERT: Final[Mapping[str, Any]] = {
    "hidden_size": 1024, "num_hidden_layers": 18, "num_attention_heads": 16,
    "intermediate_size": 32, "feature_projection_input_dim": 160,
    "left_max_position_embeddings": 64, "right_max_position_embeddings": 8,
    "conv_depthwise_kernel_size": 31, "hidden_act": "swish", "layer_norm_eps": 1e-5,
}  # fmt: skip
"""w2v-bert-2.0/config.json of the plain kind; its file has one layer more than is used."""

PLAIN_VOCODER: Final[Mapping[str, Any]] = {
    "resblock": "1", "num_mels": 80, "hop_size": 256, "sampling_rate": 22050,
    "upsample_rates": [4, 4, 2, 2, 2, 2], "upsample_kernel_sizes": [8, 8, 4, 4, 4, 4],
    "upsample_initial_channel": 128, "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]], "use_tanh_at_final": False,
    "use_bias_at_final": False, "activation": "snakebeta", "snake_logscale": True,
}  # fmt: skip
"""bigvgan/config.json of the plain kind."""

UNLIKE: Final[Mapping[str, Any]] = {
    "gpt": {
        "model_dim": 40, "layers": 3, "heads": 2, "max_text_tokens": 90, "max_mel_tokens": 170,
        "number_text_tokens": 215, "number_mel_codes": 302, "start_mel_token": 300,
        "stop_mel_token": 301,
        "condition_module": {
            "output_size": 20, "linear_units": 28, "attention_heads": 4, "num_blocks": 2,
        },
        "emo_condition_module": {
            "output_size": 16, "linear_units": 12, "attention_heads": 1, "num_blocks": 2,
            "perceiver_mult": 0.1,
        },
    },
    "semantic_codec": {
        "codebook_size": 300, "codebook_dim": 6, "vocos_dim": 20, "vocos_intermediate_dim": 36,
        "vocos_num_layers": 2,
    },
    "s2mel": {
        "length_regulator": {"channels": 24, "sampling_ratios": [1, 1]},
        "DiT": {"hidden_dim": 48, "num_heads": 2, "depth": 4, "content_dim": 24},
        "wavenet": {"hidden_dim": 48, "num_layers": 2, "kernel_size": 3, "dilation_rate": 2},
    },
    "emo_num": [2, 3, 1, 4, 2, 1, 3, 2],
}  # fmt: skip
"""What config.yaml says otherwise for the other kind."""

UNLIKE_W2V_BERT: Final[Mapping[str, Any]] = {
    "num_hidden_layers": 19, "num_attention_heads": 8, "intermediate_size": 40,
    "left_max_position_embeddings": 10, "right_max_position_embeddings": 4,
    "conv_depthwise_kernel_size": 7,
}  # fmt: skip
"""Likewise w2v-bert-2.0/config.json."""

UNLIKE_VOCODER: Final[Mapping[str, Any]] = {
    "upsample_rates": [8, 8, 4], "upsample_kernel_sizes": [16, 16, 8],
    "upsample_initial_channel": 32, "resblock_kernel_sizes": [3, 5],
    "resblock_dilation_sizes": [[1, 2], [1, 3]],
}  # fmt: skip
"""Likewise bigvgan/config.json."""


STOP: Final = 1
"""The stop code's bias is lowered by this, so that what is said lasts a while."""

GAINS: Final = {"campplus": 1.3, "vocoder": 0.8}
"""Of all kernels of a net, so that its signals neither die nor grow."""

TABLE: Final = 400
"""Of the conformers' tables of positions, which are as large as sinusoids then."""

QUIET: Final = 0.2
"""Of the vocoder's last convolution: the wave would be clipped without it."""

MODEST: Final = 0.1
"""Of what each part of a layer of w2v-bert adds to the features: what is heard outlives them."""

ADDING: Final = ("linear_out", "output_dense", "pointwise_conv2")
"""The last matrices of these parts."""

PLACES: Final = 300
"""Of the places of frames, which are whole numbers."""

LARGE: Final = 500_000
"""From so many numbers on a matrix is mostly zero."""

STRIDE: Final = 61
"""Every so many rows of it there is one that is not; a prime, to come by each head's dimensions."""


@dataclass(frozen=True, slots=True)
class Configs:
    """The three configuration files of a model."""

    model: Mapping[str, Any]
    w2v_bert: Mapping[str, Any]
    vocoder: Mapping[str, Any]


def configs_of(kind: Kind) -> Configs:
    """Return what the configuration files of a kind say."""
    if kind == "plain":
        return Configs(PLAIN, PLAIN_W2V_BERT, PLAIN_VOCODER)
    return Configs(
        _merged(PLAIN, UNLIKE),
        {**PLAIN_W2V_BERT, **UNLIKE_W2V_BERT},
        {**PLAIN_VOCODER, **UNLIKE_VOCODER},
    )


def shapes_of(kind: Kind) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return names and shapes of the reference's tensors, net by net, as the golden has them."""
    with np.load(HERE / f"chain_{kind}.npz") as archive:
        nets = json.loads(str(archive["facts"]))["shapes"]
    return {
        net: {name: tuple(shape) for name, shape in shapes.items()} for net, shapes in nets.items()
    }


def weights_of(
    kind: Kind, shapes: Mapping[str, Mapping[str, tuple[int, ...]]], *, seed: int
) -> dict[str, Arrays]:
    """Return random tensors, net by net, and `feat1`, `feat2` and `statistics`: all there are."""
    weights = {
        net: {name: _drawn(net, name, shape, seed) for name, shape in named.items()}
        for net, named in shapes.items()
    }
    config = configs_of(kind).model
    weights["gpt"]["mel_head.bias"][config["gpt"]["stop_mel_token"]] -= STOP
    rows, width = sum(config["emo_num"]), config["gpt"]["model_dim"]
    weights["statistics"] = {
        "mean": random_tensor("mean", (1024,), seed=seed),
        "var": random_tensor("running_var", (1024,), seed=seed),
    }
    weights["feat1"] = {"": random_tensor("feat1", (rows, 192), seed=seed)}
    weights["feat2"] = {"": 3 * random_tensor("feat2", (rows, width), seed=seed)}
    return weights


def _drawn(net: str, name: str, shape: tuple[int, ...], seed: int) -> NDArray[Any]:
    if name.endswith("num_batches_tracked"):
        return np.full(shape, seed, np.int64)
    if net == "w2v_bert":
        return _modest(name, shape, seed)
    array = random_tensor(name, shape, seed=seed)
    gain = GAINS.get(net, 1.0) if array.ndim > 1 else 1.0
    if name.endswith(".pos_enc.pe"):
        gain = TABLE
    if name == "conv_post.weight_g":
        gain *= QUIET
    if name == "estimator.input_pos":
        return np.abs(PLACES * array).round()
    return array * np.float32(gain)


def _modest(name: str, shape: tuple[int, ...], seed: int) -> NDArray[np.float32]:
    gain = np.float32(MODEST if any(part in name for part in ADDING) else 1)
    if np.prod(shape) < LARGE:
        return random_tensor(name, shape, seed=seed) * gain
    array = np.zeros(shape, np.float32)
    rows = array[::STRIDE]
    rows[:] = random_tensor(name, rows.shape, seed=seed) * gain
    return array


def _merged(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(dict(content))
    for key, value in changes.items():
        merged[key] = _merged(merged[key], value) if isinstance(value, Mapping) else value
    return merged
