"""Writes what the doctor found, for people or for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from wyoming_indextts.doctor.finding import Finding

COLOURS: Final = {"ok": "green", "warning": "yellow", "error": "red"}
"""Of each state, where colours are shown."""


def as_json(findings: Sequence[Finding]) -> str:
    """Return a list of objects."""
    return json.dumps([asdict(found) for found in findings], ensure_ascii=False, indent=2)


def show(findings: Sequence[Finding], console: Console) -> None:
    """Write a table: state, topic, what was found, and what mends it."""
    table = Table(box=None, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for found in findings:
        state = Text(found.state, style=COLOURS[found.state])
        table.add_row(state, found.topic, Text(found.text))
        if found.mend:
            table.add_row("", "", Text(f"-> {found.mend}", style="bold"))
    console.print(table)
