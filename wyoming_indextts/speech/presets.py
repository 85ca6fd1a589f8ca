"""Reads emotion presets as `config/emotions.toml` writes them; text in, `Presets` out, no disk."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from wyoming_indextts.speech.emotion import AXES, NO_WEIGHTS, Preset, Presets, Prosody, Weights

NUMBERS: Final = {"speed": (0.5, 2.0), "pause": (0.0, 5.0), "loudness": (-20.0, 10.0)}
"""Range of each plain number of a preset: factor, factor, dB."""

PROSODY: Final = {
    "speed": (0.5, 2.0),
    "shift": (0.5, 2.0),
    "range": (0.0, 3.0),
    "energy": (-2.0, 2.0),
    "gain": (-20.0, 10.0),
}
"""Range of each number under `embedded`, as `Prosody` means them."""


class PresetError(ValueError):
    """A file of presets cannot be used; the message names file and key."""


def parse_presets(sources: Iterable[tuple[str, str]]) -> Presets:
    """Read (text, name of its file) pairs; a later file's preset replaces an earlier one's.

    Raises:
        PresetError: a text is not TOML, or a key or value in it is not one of a preset's.
    """
    presets: dict[str, Preset] = {}
    for text, source in sources:
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PresetError(f"{source}: {error}") from None
        for name, entry in table.items():
            where = f"{source}: [{name}]"
            if not isinstance(entry, dict):
                raise PresetError(f"{where} must be a table")
            presets[name] = _preset(name, entry, presets.get(name), where)
    if "neutral" not in presets:
        raise PresetError("the preset 'neutral' is missing")
    return Presets(tuple(presets.values()))


def _preset(name: str, entry: Mapping[str, object], base: Preset | None, where: str) -> Preset:
    preset = base or Preset(name, zh=name)
    unknown = entry.keys() - {"zh", "weights", "from_text", "embedded", *NUMBERS}
    if unknown:
        raise PresetError(f"{where}: unknown key {min(unknown)!r}")
    zh = entry.get("zh", preset.zh)
    if not isinstance(zh, str):
        raise PresetError(f"{where}: zh must be a string")
    from_text = entry.get("from_text", preset.from_text)
    if not isinstance(from_text, bool):
        raise PresetError(f"{where}: from_text must be true or false")
    plain = {"speed": preset.speed, "pause": preset.pause, "loudness": preset.loudness}
    plain |= _numbers(entry, NUMBERS, where)
    weights, prosody = preset.weights, preset.prosody
    preset = Preset(name, zh, weights, prosody=prosody, from_text=from_text, **plain)
    if "weights" in entry:
        preset = replace(preset, weights=_weights(entry["weights"], f"{where} weights"))
    if "embedded" in entry:
        numbers = _numbers(_table(entry["embedded"], where), PROSODY, f"{where} embedded")
        preset = replace(preset, prosody=replace(preset.prosody or Prosody(), **numbers))
    return preset


def _weights(entry: object, where: str) -> Weights:
    table = _table(entry, where)
    unknown = table.keys() - set(AXES)
    if unknown:
        raise PresetError(f"{where}: no emotion {min(unknown)!r}; there are {', '.join(AXES)}")
    given = _numbers(table, dict.fromkeys(AXES, (0.0, 1.0)), where)
    h, a, s, f, d, m, u, c = (
        given.get(axis, zero) for axis, zero in zip(AXES, NO_WEIGHTS, strict=True)
    )
    return (h, a, s, f, d, m, u, c)


def _table(entry: object, where: str) -> Mapping[str, object]:
    if not isinstance(entry, dict):
        raise PresetError(f"{where}: must be a table")
    return entry


def _numbers(
    entry: Mapping[str, object], ranges: Mapping[str, tuple[float, float]], where: str
) -> dict[str, float]:
    """Return those of `ranges` that `entry` has, each a number in its range."""
    found: dict[str, float] = {}
    for key, (low, high) in ranges.items():
        match entry.get(key):
            case None:
                continue
            case bool():
                raise PresetError(f"{where}: {key} must be a number")
            case int() | float() as value if low <= value <= high:
                found[key] = float(value)
            case value:
                raise PresetError(f"{where}: {key} = {value!r} is not between {low:g} and {high:g}")
    return found
