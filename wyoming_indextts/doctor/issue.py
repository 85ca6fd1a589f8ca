"""Writes what was found as a text that can be handed to strangers: nothing secret is in it."""

import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from wyoming_indextts import __version__
from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.settings import Settings

HIDDEN: Final = "(set)"
"""In place of what nobody else is to know."""

NAMES_OF_PEOPLE: Final = frozenset({"username", "turn_username"})
"""Keys that say who one is; with a password next to them they are half of a secret."""

CREDENTIALS: Final = re.compile(r"(?<=//)[^/@\s]*@")
"""Before the host of an address."""


def as_issue(findings: Sequence[Finding], settings: Settings, *, home: Path | None = None) -> str:
    """Return Markdown: the versions, what was found, and what is not set as it comes.

    No password, token or user name is in it, and `home`, by default the user's own, is written
    as `~`; addresses of this network stay, because most troubles are about them.
    """
    machine = f"{platform.system()} {platform.release()} {platform.machine()}"
    lines = [
        f"wyoming-indextts {__version__}, Python {platform.python_version()}, {machine}",
        "",
        "| | what | found |",
        "|---|---|---|",
        *(_row(found) for found in findings),
        "",
        "Settings that differ from the defaults:",
        "",
        "```toml",
        *changed(settings),
        "```",
    ]
    return _without_home("\n".join(lines) + "\n", home or Path.home())


def changed(settings: Settings) -> Iterator[str]:
    """Yield a line for each setting that is not as it comes: `section.key = value`."""
    yield from _lines(settings.model_dump(exclude_defaults=True, exclude={"config"}), "")


def _row(found: Finding) -> str:
    text = f"{found.text} -> {found.mend}" if found.mend else found.text
    cell = CREDENTIALS.sub("", text).replace("|", "\\|").replace("\n", " ")
    return f"| {found.state} | {found.topic} | {cell} |"


def _lines(table: Mapping[str, object], above: str) -> Iterator[str]:
    for key, value in table.items():
        match value:
            case dict():
                yield from _lines(value, f"{above}{key}.")
            case _:
                yield f"{above}{key} = {_shown(key, value)}"


def _shown(key: str, value: object) -> str:
    if isinstance(value, SecretStr) or key in NAMES_OF_PEOPLE:
        return HIDDEN
    return CREDENTIALS.sub(
        "", repr(value if isinstance(value, int | float | tuple) else str(value))
    )


def _without_home(text: str, home: Path) -> str:
    return text if home == Path(home.anchor) else text.replace(str(home), "~")
