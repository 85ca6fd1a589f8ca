"""Digests of files: SHA-256, and whether a file is the one the hub means by an ETag.

The hub's ETag of a large file is its SHA-256, of a small one git's SHA-1 of it as a blob. Mirrors
may have others; these say nothing about the content.
"""

import hashlib
import re
from pathlib import Path
from typing import Final

_SHA256: Final = re.compile("[0-9a-f]{64}")

_GIT: Final = re.compile("[0-9a-f]{40}")


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal; about a second for each gigabyte."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_digest(etag: str) -> bool:
    """Return whether an ETag tells what is in the file."""
    return bool(_SHA256.fullmatch(etag) or _GIT.fullmatch(etag))


def matches(file: Path, sha256: str, etag: str) -> bool:
    """Return whether a file with that SHA-256 is what an ETag means; True if it does not tell."""
    if _SHA256.fullmatch(etag):
        return sha256 == etag
    if _GIT.fullmatch(etag):
        return _git_of(file) == etag
    return True


def _git_of(file: Path) -> str:
    blob = hashlib.sha1(f"blob {file.stat().st_size}\0".encode(), usedforsecurity=False)
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            blob.update(chunk)
    return blob.hexdigest()
