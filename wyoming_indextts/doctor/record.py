"""Examines the audit log: whether it is whole, and how much room it may take."""

import os

from wyoming_indextts.auditing import audit_files
from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.settings import Settings
from wyoming_indextts.store.audit_reading import verify

TOPIC = "audit log"


def record(settings: Settings) -> Finding:
    """Say whether the audit log is as it was written."""
    if not settings.audit.enabled:
        return Finding(TOPIC, "ok", "off")
    try:
        verdict = verify(audit_files(settings))
    except OSError as error:
        text = f"it cannot be read: {os.strerror(error.errno or 0).lower()}"
        return Finding(TOPIC, "warning", text, "mend the rights of audit.jsonl in the data folder")
    if verdict.faults:
        text = f"{len(verdict.faults)} of {verdict.lines} entries are not as they were written"
        return Finding(TOPIC, "warning", text, "`wyoming-indextts audit --verify` says which")
    return Finding(TOPIC, "ok", f"{verdict.lines} entries, unbroken")


def room(settings: Settings) -> int:
    """Return the bytes that the log may take."""
    wanted = settings.audit
    return wanted.megabytes * 1_000_000 * wanted.files if wanted.enabled else 0
