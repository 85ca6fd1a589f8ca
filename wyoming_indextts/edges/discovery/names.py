"""What this server is called on the network, so that nobody else is and it stays so.

Home Assistant knows a server by its instance name for ever. So the name is chosen once and
kept in the data folder: neither another address, nor another host name (a container has a new
one every time), nor a restart changes it.
"""

import hashlib
import logging
import secrets
import socket
import unicodedata
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

LONGEST: Final = 63
"""Bytes of UTF-8 in one label of a domain name (RFC 1035 2.3.4); an instance name is one."""

FILE: Final = "mdns-name"
"""Name of the file that keeps the name; a user may write another one into it."""

PROGRAM: Final = "wyoming-indextts"
"""What every host name of this program begins with, so that instances know their own kind."""

ATTEMPTS: Final = 8
"""Names that are tried where others are taken; more than a house has servers of one name."""


def clean(text: str) -> str:
    """Return what of `text` may be an instance name, perhaps nothing.

    Dots go too: they are allowed there, but many programs take them for ends of labels.
    """
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(c if c.isprintable() and c != "." else " " for c in composed)
    return _cut(" ".join(spaced.split()), LONGEST)


def kept_name(data_dir: Path) -> str:
    """Return the name this installation has; the first call chooses it."""
    file = data_dir / FILE
    try:
        if name := clean(file.read_text("utf-8", errors="replace")):
            return name
    except FileNotFoundError:
        pass
    except OSError as error:
        log.warning("the mDNS name cannot be read: %s", error.strerror)
        return _fresh_name("")
    name = _fresh_name(f" {secrets.token_hex(3)}")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{FILE}.{secrets.token_hex(3)}")
        draft.write_text(f"{name}\n", "utf-8")
        draft.replace(file)
    except OSError as error:
        log.warning("the mDNS name cannot be kept: %s", error.strerror)
        return _fresh_name("")
    return name


def candidates(name: str, seed: str) -> tuple[str, ...]:
    """Return `name` and what to be called where it is taken, the same whenever asked.

    `seed` is this server's own: others that want the same name have other second choices.
    """
    mark = _digest(seed, 6)
    marks = (mark, *(f"{mark}-{number}" for number in range(2, ATTEMPTS)))
    return (name, *(f"{_cut(name, LONGEST - 1 - len(mark))} {mark}" for mark in marks))


def host_name(name: str, seed: str) -> str:
    """Return the host name of its own under which the server called `name` has its addresses.

    Not the machine's: that one belongs to the machine's own responder, where it has one.
    """
    return f"{PROGRAM}-{_digest(f'{seed}/{name}', 12)}.local."


def yields(ours: str, theirs: str) -> bool:
    """Say who of two hosts that claim one name gives it up; of our own kind exactly one does."""
    return not theirs.lower().startswith(f"{PROGRAM}-") or ours > theirs.lower()


def _fresh_name(mark: str) -> str:
    # without a place to keep it, only a name that the machine itself gives stays the same
    host = clean(socket.gethostname().partition(".")[0])
    tail = f"{PROGRAM}{mark}"
    return f"{_cut(host, LONGEST - 1 - len(tail))} {tail}".strip()


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore").strip()


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]
