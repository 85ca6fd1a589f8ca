"""What the far side of a gateway offered last, kept for when it is away at the next start.

It says nothing secret: voices and presets, and the address they are of. What is not as it should
be is as good as nothing: the far side will tell again.
"""

import json
from pathlib import Path
from typing import Final

from wyoming_indextts.errors import BadDataError
from wyoming_indextts.speech.wire import House, house_fields, house_of
from wyoming_indextts.store.writing import VOICES, write_text

NAME: Final = "remote.json"
"""The file's name in the data folder."""

LARGEST: Final = 2**22
"""Bytes that are read of it: more than a far side may tell."""


def read_house(file: Path, url: str) -> House | None:
    """Return what the far side at `url` offered last; None if that is not known."""
    try:
        with file.open("rb") as stream:
            kept = json.loads(stream.read(LARGEST))
        return house_of(kept["house"]) if kept["url"] == url else None
    except (OSError, ValueError, RecursionError, TypeError, KeyError, BadDataError):
        return None


def keep_house(file: Path, url: str, house: House) -> None:
    """Keep what the far side at `url` offers.

    Raises:
        StorageFullError: it cannot be written.
    """
    kept = {"url": url, "house": house_fields(house)}
    write_text(file, json.dumps(kept, ensure_ascii=False, indent=1) + "\n", VOICES)
