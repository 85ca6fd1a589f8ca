"""Follows an examination, and writes what was found, for people or for programs."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from wyoming_indextts.doctor.finding import Finding

COLOURS: Final = {"ok": "green", "warning": "yellow", "error": "red"}
"""Of each state, where colours are shown."""


async def collect(examined: AsyncGenerator[Finding, None]) -> list[Finding]:
    """Return all findings; meanwhile a person at a terminal sees that it goes on."""
    console = Console(stderr=True)
    findings: list[Finding] = []
    with console.status("looking") as status:
        async with aclosing(examined):
            async for found in examined:
                findings.append(found)
                status.update(f"looking; {found.topic}: {found.state}")
    return findings


def as_json(findings: Sequence[Finding]) -> str:
    """Return a list of objects."""
    return json.dumps([asdict(found) for found in findings], ensure_ascii=False, indent=2) + "\n"


def as_table(findings: Sequence[Finding]) -> str:
    """Return a table: state, topic, what was found, and what mends it."""
    table = Table(box=None, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for found in findings:
        table.add_row(Text(found.state, COLOURS[found.state]), found.topic, Text(found.text))
        if found.mend:
            table.add_row("", "", Text(f"-> {found.mend}", "bold"))
    console = Console()
    with console.capture() as captured:
        console.print(table)
    return captured.get()
