"""Writes which voices there are, for people or for programs."""

import json

from rich.console import Console
from rich.table import Table
from rich.text import Text

from wyoming_indextts.speech.casting import Casting


def as_json(casting: Casting) -> str:
    """Return a list of objects; `variants` are the names with an emotion, and its Chinese name."""
    listed = [
        {
            "name": voice.name,
            "description": voice.description,
            "languages": list(voice.languages),
            "sex": voice.sex,
            "default": voice == casting.voices.default,
            "variants": {f"{voice.name}-{preset.name}": preset.zh for preset in casting.presets},
        }
        for voice in casting.voices
    ]
    return json.dumps(listed, ensure_ascii=False, indent=2) + "\n"


def as_table(casting: Casting) -> str:
    """Return a table of the voices, and the names that an emotion can be added by."""
    table = Table(box=None)
    for heading in ("voice", "description", "languages", "sex", ""):
        table.add_column(heading)
    for voice in casting.voices:
        default = "default" if voice == casting.voices.default else ""
        languages = ", ".join(voice.languages)
        cells = (voice.name, voice.description, languages, voice.sex, default)
        table.add_row(*map(Text, cells))
    emotions = ", ".join(f"{preset.name} {preset.zh}" for preset in casting.presets)
    console = Console()
    with console.capture() as captured:
        console.print(table)
        console.print(Text(f"\nVOICE-EMOTION is the voice in an emotion: {emotions}."))
    return captured.get()
