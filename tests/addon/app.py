"""The app's own files, as tests read them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]

FOLDER: Final = ROOT / "addon"


def read(name: str) -> Any:  # noqa: ANN401 - whatever the file has
    """Return what a YAML file of the app has."""
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))


def environment() -> Mapping[str, str]:
    """Return the variables of ours that the image sets."""
    text = (FOLDER / "Dockerfile").read_text("utf-8")
    last = text[text.rindex("\nFROM ") :]
    return dict(re.findall(r"(WYOMING_INDEXTTS_\w+)=(\S+)", last))


def sources() -> list[str]:
    """Return what the image is made of: paths in the repository."""
    text = (FOLDER / "Dockerfile").read_text("utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    return [path for line in copied for path in line.split()]
