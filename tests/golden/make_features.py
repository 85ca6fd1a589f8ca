"""Makes features.npz in the oracle's environment: what becomes of a wave before any net."""

from importlib import import_module
from typing import Final

from tests.golden.keep import keep
from tests.golden.speech_like import speech_like

RATE: Final = 22_050
SEED: Final = 31
SECONDS: Final = 0.62
RAISED: Final = 9000
"""Samples that are raised to 48 kHz; the first 2000 of the result are kept."""


def main() -> None:
    """Write features.npz."""
    torch = import_module("torch")
    torchaudio = import_module("torchaudio")
    librosa = import_module("librosa")
    transformers = import_module("transformers")
    wave = speech_like(SECONDS, RATE, seed=SEED)
    sinc = torchaudio.transforms.Resample(RATE, 16_000)(torch.from_numpy(wave)[None])
    soxr = librosa.resample(wave, orig_sr=RATE, target_sr=16_000)
    raised = librosa.resample(wave[:RAISED], orig_sr=RATE, target_sr=48_000)
    speaker = torchaudio.compliance.kaldi.fbank(
        sinc, num_mel_bins=80, dither=0, sample_frequency=16_000
    )
    speaker = speaker - speaker.mean(0, keepdim=True)
    extract = transformers.SeamlessM4TFeatureExtractor(padding_value=1.0)
    found = {}
    for name, cut in (("even", 0), ("odd", 160)):
        piece = sinc[:, : sinc.shape[1] - cut]
        answer = extract(piece.numpy(), sampling_rate=16_000, return_tensors="np")
        found[f"semantic_{name}"] = answer["input_features"]
        found[f"mask_{name}"] = answer["attention_mask"]
    keep(
        "features",
        {
            "sinc": sinc.numpy(),
            "soxr": soxr,
            "raised": raised[:2000],
            "speaker": speaker.numpy(),
            **found,
        },
        {"seed": SEED, "rate": RATE, "seconds": SECONDS, "raised": RAISED},
    )


if __name__ == "__main__":
    main()
