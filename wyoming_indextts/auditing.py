"""The audit log put together from the settings: for a server, and for one command."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.deeds import Action, Asker, Deed, Recorder, unrecorded
from wyoming_indextts.store.audit import AuditFiles, entry_of
from wyoming_indextts.store.audit_log import audit_log


@contextmanager
def audited(settings: Settings) -> Iterator[Recorder]:
    """Give what records while the block runs; leaving it writes the rest."""
    if not settings.audit.enabled:
        yield unrecorded
        return
    with audit_log(audit_files(settings), text=settings.audit.text) as kept:
        yield kept.record


def audit_files(settings: Settings) -> AuditFiles:
    """Return where the log is and how much of it is kept."""
    wanted = settings.audit
    return AuditFiles(settings.data_dir, wanted.megabytes * 1_000_000, wanted.files)


def record_command(settings: Settings, action: Action, target: str, result: str) -> None:
    """Record what somebody did at this machine by a command.

    Raises:
        StorageFullError: it cannot be written.
    """
    if settings.audit.enabled:
        deed = Deed(action, Asker(f"user:{_user()}"), target, result)
        audit_files(settings).append([entry_of(deed, text=False)])


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # nobody of that number is known here
        return str(os.getuid())
