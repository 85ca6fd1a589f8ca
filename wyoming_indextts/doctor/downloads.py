"""Examines downloaded weights: whether they are all there, and as they were downloaded."""

from pathlib import Path

from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.store.lock import examine, require
from wyoming_indextts.store.weights import MODELS


def weights(model: str, folder: Path) -> Finding:
    """Say how a model's files in `folder` are; without them the embedded voice speaks."""
    mend = f"wyoming-indextts download {model}"
    try:
        condition = examine(model, folder)
        if len(condition.missing) == len(MODELS[model]):
            text = f"not downloaded; `{mend}` does, and the embedded voice needs none"
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
