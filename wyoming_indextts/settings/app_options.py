"""Reads what a user sets in Home Assistant, where this program runs as an app of its.

The Supervisor checks it against the app's schema, drops what that does not list, and writes the
rest as one JSON object. Nobody can mend that file by hand, and an app that ends at once for a
wrong option is started again for ever: so whatever is wrong is told in one line and left out.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from wyoming_indextts.settings.origin import Table
from wyoming_indextts.settings.schema import PREFIX, Settings
from wyoming_indextts.settings.tables import merged, nested

FILE: Final = Path("/data/options.json")
"""Where the Supervisor writes it."""

TOKEN: Final = "SUPERVISOR_TOKEN"  # noqa: S105 - its name
"""The variable by which the Supervisor tells an app who it is."""

LARGEST: Final = 64 * 1024
"""Bytes that are read of the file."""

OPTIONS: Final[Mapping[str, str]] = {
    "voice": "voice",
    "emotion": "stage.emotion",
    "intensity": "stage.intensity",
    "speed": "stage.speed",
    "volume": "stage.volume",
    "engine_url": "remote.url",
    "engine_token": "remote.token",
    "engine_ca": "remote.tls_ca",
    "mqtt": "supervisor.mqtt",
    "language": "mqtt.language",
    "debug": "debug",
}
"""Each option, and the setting that it is."""

RENAMED: Final[Mapping[str, str]] = {
    "default_voice": "voice",
    "default_emotion": "emotion",
    "emotion_intensity": "intensity",
}
"""Names that options had once, in the first draft of the app, and what they are called now."""


@dataclass(frozen=True, slots=True)
class AppOptions:
    """What was found: settings, what is wrong with the rest, and whether names were old."""

    table: Table = field(default_factory=dict)
    """The settings, as nested tables."""

    complaints: tuple[str, ...] = ()
    """One line each."""

    current: Mapping[str, object] | None = None
    """The options by the names that they have now, if some had older ones."""


def options_file(env: Mapping[str, str]) -> Path | None:
    """Return where the options are; None where no Supervisor has started this."""
    if named := env.get(f"{PREFIX}APP_OPTIONS"):
        return Path(named).expanduser()
    return FILE if env.get(TOKEN) else None


def app_options(file: Path | None) -> AppOptions:
    """Return the options in `file`; without one there are none."""
    if file is None:
        return AppOptions()
    try:
        found = _read(file)
    except ValueError as error:
        return AppOptions(complaints=(f"{file}: {error}; the app's options are not used",))
    current = {RENAMED.get(name, name): value for name, value in _newest_last(found)}
    complaints = [
        f"the option {old!r} is called {RENAMED[old]!r} now" for old in found if old in RENAMED
    ]
    table: Table = {}
    for name, value in current.items():
        if value is None or value == "":  # what the user interface leaves of an emptied field
            continue
        if name not in OPTIONS:
            close = difflib.get_close_matches(name, OPTIONS, n=1)
            guess = f"; is {close[0]!r} meant?" if close else ""
            complaints.append(f"there is no option {name[:60]!r}{guess}")
            continue
        one = nested({OPTIONS[name]: value})
        if reason := _fault(one):
            complaints.append(f"the option {name!r} {reason}; it is not used")
        else:
            table = merged(table, one)
    return AppOptions(table, tuple(complaints), None if current == found else current)


def surroundings(env: Mapping[str, str], url: str) -> Table:
    """Return the settings that hold under a Supervisor where nobody has made others."""
    token = env.get(TOKEN)
    if not token:
        return {}
    hub = {"url": f"{url}/core", "token": token}
    return {"supervisor": {"token": token}, "announce": {"hub": hub}}


def _read(file: Path) -> Mapping[str, object]:
    """Return the object in the file.

    Raises:
        ValueError: there is none.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(f"cannot be read ({(error.strerror or '').lower()})") from None
    if len(content) > LARGEST:
        raise ValueError("is too long")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - a file's content
    return found


def _newest_last(found: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield all options, those by older names first: they yield to newer ones."""
    yield from ((name, value) for name, value in found.items() if name in RENAMED)
    yield from ((name, value) for name, value in found.items() if name not in RENAMED)


def _fault(table: Table) -> str | None:
    """Return what is wrong with one setting; None: nothing."""
    try:
        Settings.model_validate(table)
    except ValidationError as error:
        message = str(error.errors()[0]["msg"])
        return message.removeprefix("Value error, ").replace("Input should", "must")
    return None
