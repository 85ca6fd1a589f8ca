"""Examines the user's files, and the folders the program writes to."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.settings import Settings, SettingsError, load, texts_named
from wyoming_indextts.speech.lexicon import Lexicon, LexiconError
from wyoming_indextts.speech.presets import PresetError, parse_presets


def settings(flags: Mapping[str, object], env: Mapping[str, str]) -> tuple[Settings, Finding]:
    """Load the settings, and say which file they came from; the defaults if they are wrong."""
    try:
        loaded = load(flags, env)
    except SettingsError as error:
        return Settings(), Finding("settings", "error", str(error), "mend or delete that setting")
    return loaded, Finding("settings", "ok", str(loaded.config or "none; the defaults hold"))


def presets(settings: Settings) -> Finding:
    """Say whether the emotions can be read."""
    try:
        sources = texts_named("emotions.toml", settings)
        names = [preset.name for preset in parse_presets(sources)]
    except (SettingsError, PresetError) as error:
        return Finding("emotions", "error", str(error), "mend that line, or take it out")
    return Finding("emotions", "ok", ", ".join(names))


def lexicon(settings: Settings) -> Finding:
    """Say whether the user's own readings can be read."""
    try:
        sources = texts_named("lexicon.toml", settings)
        for text, file in sources:
            Lexicon.parse(text, file)
    except (SettingsError, LexiconError) as error:
        return Finding("lexicon", "error", str(error), "mend that line, or take it out")
    return Finding("lexicon", "ok", ", ".join(file for _, file in sources) or "none")


def folder(topic: str, place: Path, *, flag: str, needed: int) -> Finding:
    """Say whether `place` can be written and has `needed` bytes; `flag` chooses another."""
    mend = f"{flag} DIR, with a folder that can be written"
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x")
            file.flush()
        free = shutil.disk_usage(place).free
    except OSError as error:
        return Finding(topic, "error", f"{place} cannot be written: {error.strerror}", mend)
    text = f"{place}, {free / 1e9:.1f} GB free"
    if free < needed:
        mend = f"{flag} DIR, with {needed / 1e6:.0f} MB free"
        return Finding(topic, "error", f"{text}: too little", mend)
    return Finding(topic, "ok", text)
