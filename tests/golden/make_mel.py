"""Makes mel.npz in the oracle's environment: the log-mel spectrogram of a wave."""

from importlib import import_module
from typing import Final

from tests.golden.keep import keep
from tests.golden.speech_like import speech_like

SEED: Final = 41
"""Of the wave."""

SECONDS: Final = 0.7


def main() -> None:
    """Write mel.npz."""
    torch = import_module("torch")
    audio = import_module("indextts.s2mel.modules.audio")
    wave = torch.from_numpy(speech_like(SECONDS, 22_050, seed=SEED))[None]
    mel = audio.mel_spectrogram(wave, 1024, 80, 22_050, 256, 1024, 0, None)
    keep("mel", {"mel": mel.numpy()}, {"seed": SEED, "seconds": SECONDS})


if __name__ == "__main__":
    main()
