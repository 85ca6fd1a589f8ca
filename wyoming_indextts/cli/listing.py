"""Writes which voices there are, for people or for programs."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.store.voice_record import Consent
from wyoming_indextts.store.voices import Shelf


def as_json(casting: Casting, shelf: Shelf) -> str:
    """Return a list of objects; `variants` are the names with an emotion, and its Chinese name.

    An enrolled voice has a `stand_in` and a `consent`, an embedded one has null for both.
    """
    consents = _consents(shelf)
    listed = [
        {
            "name": voice.name,
            "description": voice.description,
            "languages": list(voice.languages),
            "sex": voice.sex,
            "stand_in": voice.stand_in,
            "consent": asdict(consents[voice.name]) if voice.name in consents else None,
            "default": voice == casting.voices.default,
            "variants": {f"{voice.name}-{preset.name}": preset.zh for preset in casting.presets},
        }
        for voice in casting.voices
    ]
    return json.dumps(listed, ensure_ascii=False, indent=2) + "\n"


def as_table(casting: Casting, shelf: Shelf) -> str:
    """Return a table of the voices, and the names that an emotion can be added by."""
    consents = _consents(shelf)
    table = Table(box=None)
    for heading in ("voice", "description", "languages", "sex", "consent", ""):
        table.add_column(heading)
    for voice in casting.voices:
        default = "default" if voice == casting.voices.default else ""
        languages = ", ".join(voice.languages)
        by = consents[voice.name].by if voice.name in consents else ""
        cells = (voice.name, voice.description, languages, voice.sex, by, default)
        table.add_row(*map(Text, cells))
    emotions = ", ".join(f"{preset.name} {preset.zh}" for preset in casting.presets)
    console = Console()
    with console.capture() as captured:
        console.print(table)
        console.print(Text(f"\nVOICE-EMOTION is the voice in an emotion: {emotions}."))
    return captured.get()


def _consents(shelf: Shelf) -> dict[str, Consent]:
    return {voice.name: voice.record.consent for voice in shelf.voices}
