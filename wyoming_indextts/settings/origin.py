"""Finds where a setting was made: which flag, which variable, which line of which file."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wyoming_indextts.settings.schema import PREFIX

Table = Mapping[str, object]
"""Settings as nested tables."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The sources of one load: three tables, and the file's name and text."""

    flags: Table
    environment: Table
    options: Table
    file: Path | None
    text: str

    def of(self, path: Sequence[str]) -> str:
        """Return where the user finds what was set at `path`."""
        if holds(self.flags, path):
            return "--" + path[-1].replace("_", "-")
        if holds(self.environment, path):
            return PREFIX + "__".join(path).upper()
        if holds(self.options, path):
            return "the app's options"
        return f"{self.file}, line {line_of(path, self.text)}"


def holds(table: object, path: Sequence[str]) -> bool:
    """Return whether there is something at `path` in `table`."""
    for key in path:
        if not (isinstance(table, Mapping) and key in table):
            return False
        table = table[key]
    return True


def line_of(path: Sequence[str], text: str) -> int:
    """Return the number of the line of a TOML text on which the key at `path` begins.

    It follows the longest beginning of the text that can be read and lacks the key.
    """
    lines = text.split("\n")
    before = 0
    for count in range(1, len(lines) + 1):
        try:
            table = tomllib.loads("\n".join(lines[:count]) + "\n")
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value of several lines
        if holds(table, path):
            break
        before = count
    return before + 1
