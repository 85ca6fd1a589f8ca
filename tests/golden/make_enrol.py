"""Makes enrol.npz in the oracle's environment: all that it takes from the clip of a voice."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tests.golden.keep import hash_of, keep
from tests.golden.random_tensors import random_tensors
from tests.golden.speech_like import speech_like

SEED: Final = 51
"""Of the weights and of the clip."""

RATE: Final = 44_100

SECONDS: Final = 2.21
"""At 16 kHz an odd number of frames: the last pair of features has but one."""

W2V_BERT: Final = {"intermediate_size": 32, "num_hidden_layers": 17}

CODEC: Final = {
    "codebook_size": 64,
    "hidden_size": 1024,
    "codebook_dim": 8,
    "vocos_dim": 24,
    "vocos_intermediate_dim": 32,
    "vocos_num_layers": 1,
}

MODULE: Final = {"input_layer": "conv2d2", "perceiver_mult": 2, "attention_heads": 2}

GPT: Final[Mapping[str, Any]] = {
    "model_dim": 40,
    "layers": 1,
    "heads": 2,
    "max_text_tokens": 10,
    "max_mel_tokens": 20,
    "number_text_tokens": 20,
    "start_text_token": 0,
    "stop_text_token": 1,
    "number_mel_codes": 70,
    "start_mel_token": 64,
    "stop_mel_token": 65,
    "condition_type": "conformer_perceiver",
    "condition_module": {**MODULE, "output_size": 16, "linear_units": 24, "num_blocks": 1},
    "emo_condition_module": {**MODULE, "output_size": 12, "linear_units": 20, "num_blocks": 1},
}

CHANNELS: Final = 20
"""Of the length regulator."""

EVERY: Final = 16
"""Of so many numbers of the features one is kept; all that follows depends on all of them."""

GAINS: Final = {"w2v_bert": 1.0, "codec": 1.0, "campplus": 1.3, "gpt": 1.0, "regulator": 1.0}
"""Of each net's matrices and kernels."""


def nets() -> dict[str, Any]:
    """Return the oracle's nets, small where the reference lets them be."""
    transformers = import_module("transformers")
    munch = import_module("munch")
    regulator = import_module("indextts.s2mel.modules.length_regulator").InterpolateRegulator
    return {
        "w2v_bert": transformers.Wav2Vec2BertModel(transformers.Wav2Vec2BertConfig(**W2V_BERT)),
        "codec": import_module("indextts.utils.maskgct_utils").build_semantic_codec(
            munch.munchify(CODEC)
        ),
        "campplus": import_module("indextts.s2mel.modules.campplus.DTDNN").CAMPPlus(80, 192),
        "gpt": import_module("indextts.gpt.model_v2").UnifiedVoice(**GPT, checkpointing=False),
        "regulator": regulator(
            channels=CHANNELS, is_discrete=False, in_channels=1024, sampling_ratios=(1, 1, 1, 1)
        ),
    }


def main() -> None:
    """Write enrol.npz."""
    torch = import_module("torch")
    built, shapes, hashes = nets(), {}, {}
    for name, net in built.items():
        shapes[name] = {key: tuple(tensor.shape) for key, tensor in net.state_dict().items()}
        weights = {
            key: np.asarray(array * np.float32(GAINS[name] if array.ndim > 1 else 1))
            for key, array in random_tensors(shapes[name], seed=SEED).items()
        }
        hashes[name] = hash_of(weights)
        net.load_state_dict({key: torch.from_numpy(array) for key, array in weights.items()})
        net.eval()
    wave = speech_like(SECONDS, RATE, seed=SEED)
    with torch.inference_mode():
        # Random layers say much the same at all times; without their mean it is the clip they tell.
        plain = enrolled(listener(built, torch.zeros(1024), torch.ones(1024)), wave, RATE)
        mean = plain["features"].mean((0, 1))
        var = np.random.default_rng(SEED).uniform(0.2, 0.4, 1024).astype(np.float32)
        scaled = listener(built, torch.from_numpy(mean), torch.from_numpy(np.sqrt(var)))
        arrays = enrolled(scaled, wave, RATE)
    arrays["features"] = arrays["features"][:, :, ::EVERY]
    facts = {
        "seed": SEED, "rate": RATE, "seconds": SECONDS, "sha256": hashes, "shapes": shapes,
        "gains": GAINS, "w2v_bert": W2V_BERT, "codec": CODEC, "gpt": GPT, "channels": CHANNELS,
        "every": EVERY,
    }  # fmt: skip
    keep("enrol", {**arrays, "mean": mean, "var": var}, facts)


def listener(built: Mapping[str, Any], mean: object, deviation: object) -> Any:  # noqa: ANN401 - the oracle has no types
    """Return the reference with the nets that hear a clip, and no other."""
    transformers = import_module("transformers")
    mel = import_module("indextts.s2mel.modules.audio").mel_spectrogram
    reference = import_module("indextts.infer_v2").IndexTTS2
    oracle = reference.__new__(reference)
    vars(oracle).update(
        device="cpu",
        cache_spk_cond=None, cache_spk_audio_prompt=None, cache_s2mel_style=None,
        cache_s2mel_prompt=None, cache_mel=None, cache_emo_cond=None, cache_emo_audio_prompt=None,
        extract_features=transformers.SeamlessM4TFeatureExtractor(padding_value=1.0),
        semantic_model=built["w2v_bert"], semantic_mean=mean, semantic_std=deviation,
        semantic_codec=built["codec"], campplus_model=built["campplus"], gpt=built["gpt"],
        mel_fn=lambda wave: mel(wave, 1024, 80, 22_050, 256, 1024, 0, None),
        s2mel=SimpleNamespace(models={"length_regulator": built["regulator"]}),
    )  # fmt: skip
    return oracle


def enrolled(oracle: Any, wave: NDArray[np.float32], rate: int) -> dict[str, Any]:  # noqa: ANN401 - likewise
    """Return what the reference keeps of a clip, and what its language model is told of it."""
    torch = import_module("torch")
    with kept(wave, rate) as clip:
        features, style, condition, spectrum = oracle._get_speaker_conditioning(clip)  # noqa: SLF001 - its only way in
    codes, _ = oracle.semantic_codec.quantize(features)
    length = torch.tensor([1024])
    found = {
        "features": features,
        "codes": codes,
        "style": style,
        "mel": spectrum,
        "condition": condition,
        "latents": oracle.gpt.get_conditioning(features.transpose(1, 2), length),
        "emotion": oracle.gpt.get_emovec(felt(oracle, wave, rate), length),
        "base": oracle.gpt.get_emovec(features, length),
    }
    return {name: tensor.numpy() for name, tensor in found.items()}


def felt(oracle: Any, wave: NDArray[np.float32], rate: int) -> Any:  # noqa: ANN401 - likewise
    """Return the features that the reference hears the emotion of a clip in."""
    with kept(wave, rate) as clip:
        return oracle._get_emotion_conditioning(clip)  # noqa: SLF001 - its only way in


@contextmanager
def kept(wave: NDArray[np.float32], rate: int) -> Iterator[str]:
    """Keep a wave in a file for a while; the reference takes nothing else."""
    with TemporaryDirectory() as folder:
        clip = str(Path(folder, "clip.wav"))
        import_module("soundfile").write(clip, wave, rate, subtype="FLOAT")
        yield clip


if __name__ == "__main__":
    main()
