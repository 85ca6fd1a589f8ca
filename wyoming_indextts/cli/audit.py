"""Shows the audit log, or says whether somebody changed it."""

import json
import sys
from argparse import Namespace
from collections import deque
from typing import Final

from wyoming_indextts.auditing import audit_files
from wyoming_indextts.settings import Settings
from wyoming_indextts.store.audit import Entry
from wyoming_indextts.store.audit_reading import Choice, chosen, verify

COLUMNS: Final = ("ts", "actor", "action", "target", "result")

REST: Final = frozenset({*COLUMNS, "prev"})
"""What is not shown again behind the columns; the hash is for `--verify`."""


def show(wanted: Namespace, settings: Settings) -> None:
    """Write the wanted entries, the newest last.

    Raises:
        OSError: the log cannot be read.
    """
    choice = Choice(wanted.since, wanted.action or "", wanted.actor or "")
    entries = chosen(audit_files(settings), choice)
    for entry in deque(entries, wanted.number) if wanted.number else entries:
        sys.stdout.write(_as_json(entry) if wanted.json else _as_line(entry))


def check(settings: Settings) -> bool:
    """Write whether the log is whole; return it.

    Raises:
        OSError: the log cannot be read.
    """
    verdict = verify(audit_files(settings))
    for fault in verdict.faults:
        sys.stdout.write(f"{fault}\n")
    state = "unbroken" if not verdict.faults else f"{len(verdict.faults)} faults"
    sys.stdout.write(f"{verdict.lines} entries, {state}; the last one is {verdict.last[:16]}\n")
    return not verdict.faults


def _as_json(entry: Entry) -> str:
    return json.dumps(entry, ensure_ascii=False) + "\n"


def _as_line(entry: Entry) -> str:
    head = "  ".join(_printed(entry.get(name, "")) or "-" for name in COLUMNS)
    rest = (f"{key}={_printed(entry[key])}" for key in entry if key not in REST and entry[key])
    return f"{head}  {' '.join(rest)}".rstrip() + "\n"


def _printed(value: object) -> str:
    """Return a value without what a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in str(value))
