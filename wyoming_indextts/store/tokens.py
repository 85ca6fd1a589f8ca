"""The file that says who may do what over HTTP; only the server's user may read it.

# token                                    what it allows
Kq3...                                     speak control voices
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.store.writing import VOICES, on_disk

NAME: Final = "http-tokens"
"""The file's name in the data folder."""

SCOPES: Final = ("speak", "control", "voices")
"""What a token may allow."""

SHORTEST: Final = 16
"""Characters of a token that is not guessed."""

LARGEST: Final = 64 * 1024
"""Bytes that are read of the file."""

HEAD: Final = "# Who may do what over HTTP, one token a line: TOKEN speak control voices\n"


def read_tokens(file: Path) -> Mapping[str, frozenset[str]]:
    """Return what each token in the file allows.

    Raises:
        BadRequestError: it cannot be read, or a line is not as it should be; the line is named,
            its token is not.
    """
    try:
        with file.open("rb") as stream:
            lines = stream.read(LARGEST).decode().splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadRequestError(f"{file.name} cannot be read") from None
    found: dict[str, frozenset[str]] = {}
    for number, line in enumerate(lines, 1):
        token, *scopes = line.split() or ["#"]
        if token.startswith("#"):
            continue
        if len(token) < SHORTEST or not scopes or set(scopes) - set(SCOPES):
            raise BadRequestError(
                f"{file.name}, line {number}: a token of {SHORTEST} characters or more,"
                f" then some of {', '.join(SCOPES)}"
            )
        found[token] = frozenset(scopes)
    if not found:
        raise BadRequestError(f"{file.name} has no token in it")
    return found


def make_tokens(file: Path) -> str | None:
    """Make the file with one token that allows everything; return it, None if there is a file.

    Raises:
        StorageFullError: it cannot be written.
    """
    token = secrets.token_urlsafe(24)
    with on_disk(VOICES):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return None
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(f"{HEAD}{token} {' '.join(SCOPES)}\n")
    return token
