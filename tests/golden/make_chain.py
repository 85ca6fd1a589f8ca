"""Makes chain_*.npz in the oracle's environment: all of two small models, from clip to wave."""

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from tests.golden.keep import hash_of, keep
from tests.golden.make_enrol import enrolled, felt, listener
from tests.golden.small_model import KINDS, Arrays, Kind, configs_of, weights_of
from tests.golden.speech_like import speech_like
from tests.golden.spoken import REFERENCE, spoken

SEED: Final[Mapping[Kind, int]] = {"plain": 0, "unlike": 1}
"""Of the weights."""

RATE: Final = 44_100

SECONDS: Final = 1.5

OTHER_RATE: Final = 32_000
"""Of the clip whose emotion is borrowed."""

OTHER_SECONDS: Final = 1.13

WEIGHTS: Final = (0.3, 0.0, 0.12345, 0.0, 0.0, 0.2, 0.05, 0.0)
"""Of the eight emotions."""

FADED: Final = 0.7
"""The strength of the weights; they are cut to four decimals by it."""

BORROWED: Final = 0.6
"""The strength of the other clip's emotion."""

TEXT: Final = "Hello world, this is a test. 今天的温度是二十三度！"

TOKENS: Final = (91, 92, 150, 88, 11, 7, 87, 142, 57, 60, 22, 63, 10, 62, 55, 21, 52, 10, 15)
"""What our tokenizer makes of it; the oracle's package has another."""

LONGEST: Final = 120

RUNS: Final[Mapping[str, Mapping[str, Any]]] = {
    "greedy": {"text": TOKENS, "longest": LONGEST, "greedy": True, "seed": 0, **REFERENCE},
    "drawn": {"text": TOKENS, "longest": LONGEST, "greedy": False, "seed": 3, **REFERENCE},
}
"""How the text is spoken, in the emotion of the weights."""

CODES: Final = 30
"""So many codes of the drawn run become sound."""

EVERY: Final = {"features": 32, "mel": 10, "wave": 5}
"""Of so many numbers one is kept, that the files be small; what follows depends on all."""


def main() -> None:
    """Write chain_plain.npz and chain_unlike.npz."""
    for kind in KINDS:
        with torch.inference_mode():
            make(kind)


def make(kind: Kind) -> None:
    """Write the golden of one kind."""
    nets = built(kind)
    shapes = {
        net: {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
        for net, module in nets.items()
    }
    weights = weights_of(kind, shapes, seed=SEED[kind])
    for net, module in nets.items():
        module.load_state_dict(
            {name: torch.from_numpy(array) for name, array in weights[net].items()}
        )
        module.eval()
    statistics = weights["statistics"]
    oracle = listener(
        nets,
        torch.from_numpy(statistics["mean"]),
        torch.from_numpy(np.sqrt(statistics["var"])),
    )
    wave = speech_like(SECONDS, RATE, seed=SEED[kind])
    arrays = enrolled(oracle, wave, RATE)
    arrays["weighted"] = weighted(kind, arrays, weights)
    arrays["borrowed"] = borrowed(oracle, arrays, kind)
    stop = configs_of(kind).model["gpt"]["stop_mel_token"]
    nets["gpt"].post_init_gpt2_config(use_deepspeed=False, kv_cache=True, half=False)
    for name, run in RUNS.items():
        codes, latents = spoken(
            nets["gpt"],
            torch.from_numpy(arrays["features"]),
            run,
            torch.from_numpy(arrays["weighted"]),
            stop=stop,
        )
        sys.stdout.write(f"{kind}, {name}: {codes.shape[1]} codes of {len(codes.unique())} kinds\n")
        arrays |= {f"{name}_codes": codes.numpy(), f"{name}_latents": latents.numpy()}
    arrays |= sounded(nets, arrays)
    arrays["features"] = arrays["features"][:, :, :: EVERY["features"]]
    arrays["mel"] = arrays["mel"][:, :: EVERY["mel"]]
    arrays["wave"] = arrays["wave"][:, :: EVERY["wave"]]
    hashes = {net: hash_of(named) for net, named in weights.items()}
    keep(
        f"chain_{kind}",
        arrays,
        {"seed": SEED[kind], "sha256": hashes, "shapes": shapes, "runs": RUNS},
    )


def built(kind: Kind) -> dict[str, Any]:
    """Return all nets of the oracle, at the sizes of a kind."""
    transformers = import_module("transformers")
    munch = import_module("munch")
    bigvgan = import_module("indextts.s2mel.modules.bigvgan.bigvgan")
    environment = import_module("indextts.s2mel.modules.bigvgan.env")
    configs = configs_of(kind)
    config = munch.munchify(_copied(configs.model))
    s2mel = import_module("indextts.s2mel.modules.commons").MyModel(
        config.s2mel, use_gpt_latent=True
    )
    width = config.gpt.model_dim
    return {
        "w2v_bert": transformers.Wav2Vec2BertModel(
            transformers.Wav2Vec2BertConfig(**configs.w2v_bert)
        ),
        "codec": import_module("indextts.utils.maskgct_utils").build_semantic_codec(
            config.semantic_codec
        ),
        "campplus": import_module("indextts.s2mel.modules.campplus.DTDNN").CAMPPlus(80, 192),
        "gpt": import_module("indextts.gpt.model_v2").UnifiedVoice(
            **config.gpt, checkpointing=False
        ),
        "regulator": s2mel.models["length_regulator"],
        "flow": s2mel.models["cfm"],
        # the reference's reads 1280 numbers, whatever the width of its language model
        "projection": torch.nn.Sequential(
            torch.nn.Linear(width, 256), torch.nn.Linear(256, 128), torch.nn.Linear(128, 1024)
        ),
        "vocoder": bigvgan.BigVGAN(environment.AttrDict(_copied(configs.vocoder))),
    }


def weighted(
    kind: Kind, arrays: Mapping[str, NDArray[Any]], weights: Mapping[str, Arrays]
) -> NDArray[Any]:
    """Return the emotion of the weights, with the examples that the oracle takes for the style."""
    most_similar = import_module("indextts.emotion").find_most_similar_cosine
    groups = configs_of(kind).model["emo_num"]
    style = torch.from_numpy(arrays["style"])
    speakers = torch.from_numpy(weights["feat1"][""]).split(groups)
    emotions = torch.from_numpy(weights["feat2"][""]).split(groups)
    nearest = [int(most_similar(style, group)) for group in speakers]
    faded = [int(weight * FADED * 10_000) / 10_000 for weight in WEIGHTS]
    chosen = sum(
        weight * group[index] for weight, group, index in zip(faded, emotions, nearest, strict=True)
    )
    own = torch.from_numpy(arrays["emotion"])
    return np.asarray((chosen + (1 - sum(faded)) * own).numpy())


def borrowed(
    oracle: Any,  # noqa: ANN401 - the oracle has no types
    arrays: Mapping[str, NDArray[Any]],
    kind: Kind,
) -> NDArray[Any]:
    """Return the emotion on the way from the voice's to another clip's."""
    other = speech_like(OTHER_SECONDS, OTHER_RATE, seed=SEED[kind] + 10)
    length = torch.tensor([1024])
    features = torch.from_numpy(arrays["features"])
    heard = felt(oracle, other, OTHER_RATE)
    merged = oracle.gpt.merge_emovec(features, heard, length, length, alpha=BORROWED)
    return np.asarray(merged.numpy())


def sounded(nets: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Return mel and wave of the first codes of the drawn run."""
    codes = torch.from_numpy(arrays["drawn_codes"][:, :CODES])
    latents = torch.from_numpy(arrays["drawn_latents"][:, :CODES])
    meant = nets["codec"].quantizer.vq2emb(codes.unsqueeze(1)).transpose(1, 2)
    said = nets["regulator"](
        meant + nets["projection"](latents),
        ylens=torch.tensor([172 * CODES // 100]),
        n_quantizers=3,
        f0=None,
    )[0]
    prompt = torch.from_numpy(arrays["mel"])
    whole = torch.cat((torch.from_numpy(arrays["condition"]), said), dim=1)
    frames, pinned = whole.shape[1], prompt.shape[2]
    cfm = nets["flow"]
    cfm.estimator.setup_caches(max_batch_size=2, max_seq_length=512)
    mel = cfm.solve_euler(
        torch.from_numpy(noise(frames)), torch.tensor([frames]), prompt, whole,
        torch.from_numpy(arrays["style"]), None, torch.linspace(0, 1, 26), 0.7,
    )[:, :, pinned:]  # fmt: skip
    wave = nets["vocoder"](mel)[:, 0]
    sys.stdout.write(f"mel up to {mel.abs().max():.2f}, wave up to {wave.abs().max():.2f}\n")
    return {"sound": mel.numpy(), "wave": wave.numpy()}


def noise(frames: int) -> NDArray[np.float32]:
    """Return the noise that the sound starts from; the tests draw the same."""
    return np.random.default_rng(17).standard_normal((1, 80, frames)).astype(np.float32)


def _copied(content: Mapping[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(content))
    return copied


if __name__ == "__main__":
    main()
