"""Reads the settings: flags, environment, app's options, file, defaults, the first that has a say.

What is not understood is refused with one line that says what and where.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource

from wyoming_indextts.settings.app_options import app_options, options_file, surroundings
from wyoming_indextts.settings.edges import SUPERVISOR
from wyoming_indextts.settings.origin import Origin, Table, line_of
from wyoming_indextts.settings.places import default_data_dir, files_named, settings_file
from wyoming_indextts.settings.schema import PREFIX, Settings
from wyoming_indextts.settings.tables import merged, nested

NO_KEYS: Final = ("config", "app_options")
"""Settings that cannot be made in the file."""


class SettingsError(Exception):
    """The settings cannot be used; the message is one line that says what and where."""


def load(flags: Mapping[str, object], env: Mapping[str, str]) -> Settings:
    """Return the settings; `flags` go by dotted path ("wyoming.uri"), None if not given.

    The environment's variables are WYOMING_INDEXTTS_KEY or WYOMING_INDEXTTS_SECTION__KEY.

    Raises:
        SettingsError: something in them cannot be used.
    """
    origin = _origin(flags, env)
    table = _table(origin.text, origin.file)
    above = merged(origin.options, merged(origin.environment, origin.flags))
    wanted = merged(table, above)
    below = surroundings(env, _supervisor(wanted))
    read = {"config": origin.file, "app_options": options_file(env)}
    try:
        settings = Settings.model_validate({**merged(below, wanted), **read})
    except ValidationError as error:
        wrong = error.errors()[0]
        path = [part for part in wrong["loc"] if isinstance(part, str)]
        complaint = _complaint(wrong["type"], wrong["msg"], path)
        raise SettingsError(f"{origin.of(path)}: {complaint}") from None
    if settings.engine == "remote" and settings.remote.url is None:
        raise SettingsError(f"{origin.of(['engine'])}: the engine remote needs remote.url")
    return settings


def blame(
    path: Sequence[str], reason: str, flags: Mapping[str, object], env: Mapping[str, str]
) -> SettingsError:
    """Return the error that what `load` took from these for `path` is wrong, by `reason`."""
    return SettingsError(f"{_origin(flags, env).of(path)}: {'.'.join(path)}: {reason}")


def texts_named(name: str, settings: Settings) -> list[tuple[str, str]]:
    """Return (text, file) of each file of that name; later ones add to earlier ones.

    Raises:
        SettingsError: one of them cannot be read.
    """
    files = files_named(name, beside=settings.config, data_dir=settings.data_dir)
    return [(_text(file), str(file)) for file in files]


def _origin(flags: Mapping[str, object], env: Mapping[str, str]) -> Origin:
    given = nested({path: value for path, value in flags.items() if value is not None})
    environment = _environment(env)
    file = _file(merged(environment, given))
    options = app_options(options_file(env)).table
    return Origin(given, environment, options, file, _text(file) if file else "")


def _supervisor(wanted: Table) -> str:
    """Return where the Supervisor is."""
    section = wanted.get("supervisor")
    return str(section.get("url", SUPERVISOR)) if isinstance(section, Mapping) else SUPERVISOR


def _environment(env: Mapping[str, str]) -> Table:
    """Return the nested table that our variables spell; an empty one is as good as none."""
    ours = {name: value for name, value in env.items() if name.startswith(PREFIX) and value}
    for name in ours:
        path = name.removeprefix(PREFIX).lower().split("__")
        if path[0] not in Settings.model_fields or (len(path) > 1 and not _keys_at(path[:1])):
            raise SettingsError(f"{name}: unknown setting{_suggestion(path[:1])}")
        if _keys_at(path):
            raise SettingsError(f"{name}: is a section; set {name}__KEY")
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in ours.items()}
    return source()


def _file(above: Table) -> Path | None:
    """Return the settings file to read; `above` is what goes before it."""
    if named := above.get("config"):
        return Path(str(named)).expanduser()
    return settings_file(Path(str(above.get("data_dir", default_data_dir()))).expanduser())


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{file}, line {line}: not UTF-8 text") from None


def _table(text: str, file: Path | None) -> Table:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, position = str(error).partition(" (at ")
        known = re.match(r"line (\d+)", position)
        line = int(known[1]) if known else text.rstrip().count("\n") + 1
        found = text.split("\n")[line - 1].strip()[:60]
        raise SettingsError(f"{file}, line {line}: not TOML ({reason}): {found!r}") from None
    for key in NO_KEYS:
        if key in table:
            raise SettingsError(f"{file}, line {line_of([key], text)}: unknown key {key!r}")
    return table


def _complaint(kind: str, message: str, path: Sequence[str]) -> str:
    key = ".".join(path)
    if kind == "extra_forbidden":
        return f"unknown key {key!r}{_suggestion(path)}"
    if kind == "model_type":
        return f"{key} must be a section, [{key}]"
    return f"{key} {message.removeprefix('Value error, ').replace('Input should', 'must')}"


def _suggestion(path: Sequence[str]) -> str:
    close = difflib.get_close_matches(path[-1], _keys_at(path[:-1]), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _keys_at(path: Sequence[str]) -> list[str]:
    """Return the keys of the section at `path`; none if it is no section."""
    section: type[BaseModel] = Settings
    for key in path:
        field = section.model_fields.get(key)
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        section = inner
    return list(section.model_fields)
