"""Examines downloaded weights: whether they are all there, and as they were downloaded."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.indextts2.speed_file import load_measured
from wyoming_indextts.store.lock import examine, require
from wyoming_indextts.store.weights import MODELS

WITHOUT: Final = {
    "indextts2": "the embedded voice needs none",
    "qwen": "only the emotion auto needs them",
}
"""Why speech goes on without a model's files."""

EXTRA: Final = 'pip install "wyoming-indextts[qwen]"'
"""What brings the library that reads emotions from texts."""


def qwen(folder: Path, library: str = "transformers") -> Finding:
    """Say whether emotions can be read from texts: it takes the model's files and `library`."""
    files = weights("qwen", folder)
    if find_spec(library):
        return files
    if any((folder / file.place).exists() for file in MODELS["qwen"]):
        text = f"emotions cannot be read from texts: {library} is not installed"
        return Finding("qwen", "warning", text, EXTRA)
    return Finding("qwen", "ok", f"{library} is not installed; only the emotion auto needs it")


def weights(model: str, folder: Path) -> Finding:
    """Say how a model's files in `folder` are."""
    mend = f"wyoming-indextts download {model}"
    try:
        condition = examine(model, folder)
        if len(condition.missing) == len(MODELS[model]):
            text = f"not downloaded; `{mend}` does, and {WITHOUT[model]}"
            return Finding(model, "ok", text)
        require(model, folder)
    except SpeechError as error:
        return Finding(model, "warning", str(error).partition(": run")[0], mend)
    except OSError as error:
        return Finding(model, "warning", f"{folder} cannot be read: {error.strerror}", mend)
    text = f"{len(MODELS[model])} files in {folder}"
    if condition.unrecorded:
        text += f", {len(condition.unrecorded)} of them not checked; `{mend}` does"
    return Finding(model, "ok", text)


def pace(folder: Path) -> Finding | None:
    """Say how fast IndexTTS2 was when it was last loaded; None if it never was."""
    measured = load_measured(folder)
    if measured is None:
        return None
    if measured.lacking:
        text = f"{measured.told()}; {measured.lacking}"
        return Finding("pace", "warning", text, measured.mend)
    return Finding("pace", "ok", measured.told())
