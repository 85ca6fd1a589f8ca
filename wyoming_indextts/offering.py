"""Who can be asked to speak, and in which emotions: the house's own, and the far side's.

A gateway has the far side speak whatever that offers, its embedded voices too; while it is away
the embedded voice that is nearest stands in. The far side's presets go before those that are
shipped, and what the user has changed here goes before both.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace

from wyoming_indextts.kokoro.voices import known_voices
from wyoming_indextts.remote.options import websocket_url
from wyoming_indextts.settings import Settings, texts_named
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.emotion import Preset, Presets
from wyoming_indextts.speech.presets import parse_presets
from wyoming_indextts.speech.stage import Delivery, Stage
from wyoming_indextts.speech.stand_in import stand_in
from wyoming_indextts.speech.voices import Voice, Voices
from wyoming_indextts.speech.wire import House
from wyoming_indextts.store.far_side import NAME, read_house
from wyoming_indextts.store.voices import Shelf, read_voices, voices_folder, voices_of

log = logging.getLogger(__name__)


class Offering:
    """Keeps `casting` up to date. Belongs to the event loop's thread."""

    def __init__(self, settings: Settings, *, led: bool, gateway: bool) -> None:
        """Read what there is; `led`: the enrolled voices come first, `gateway`: the far side's do.

        Raises:
            SettingsError, PresetError: a file cannot be used.
            SpeechError: the default voice or the stage's emotion is not there.
        """
        texts = texts_named("emotions.toml", settings)
        self._here = parse_presets(texts)
        shipped = tuple(parse_presets(texts[:1]))
        self._changed = [preset for preset in self._here if preset not in shipped]
        self._embedded = known_voices(settings.embedded.voices_dir)
        self._led = led
        self.identity = secrets.token_hex(8)
        """By which this server is known to those that it has speak, while it runs."""
        self._shelf = read_voices(voices_folder(settings.data_dir))
        self._house: House | None = None
        if gateway and settings.remote.url:
            url = websocket_url(settings.remote.url)
            self._house = read_house(settings.data_dir / NAME, url)
        presets = Presets(self._presets())
        chosen = None if settings.voice in self._shelf.faults else settings.voice
        voices = Voices(self._voices(), presets, default=chosen, may_come=gateway)
        wanted = settings.stage
        self._awaited: str | None = None
        if gateway and wanted.emotion and wanted.emotion not in presets:
            log.warning("the emotion %s is on once the far side offers it", wanted.emotion)
            self._awaited = wanted.emotion
        now = Delivery(
            emotion=None if self._awaited else wanted.emotion,
            intensity=wanted.intensity,
            speed=wanted.speed,
            volume=wanted.volume,
        )
        self.casting = Casting(voices, presets, Stage(voices, presets, now))

    def is_far(self, voice: str) -> bool:
        """Return whether the far side offers that voice, or did when it was there."""
        return self._house is not None and any(far.name == voice for far in self._house.voices)

    def path(self) -> Sequence[str]:
        """Return the servers that speech goes through to be made, this one first."""
        return (self.identity, *(self._house.path if self._house else ()))

    def enrol(self, shelf: Shelf) -> None:
        """Offer the enrolled voices of this house as they are now."""
        self._shelf = shelf
        self._offer()

    def far_side(self, house: House) -> None:
        """Offer what the far side offers now."""
        self._house = house
        self._offer()
        stage = self.casting.stage
        if self._awaited and self._awaited in self.casting.presets:
            if stage.now.emotion is None:
                stage.change(replace(stage.now, emotion=self._awaited))
            self._awaited = None

    def _offer(self) -> None:
        self.casting.voices.replace(self._voices(), self._presets())

    def _presets(self) -> Sequence[Preset]:
        far = self._house.presets if self._house else ()
        presets = {preset.name: preset for preset in (*self._here, *far, *self._changed)}
        return tuple(presets.values())

    def _voices(self) -> Sequence[Voice]:
        """Return all voices, those first whose own engine is to speak."""
        enrolled = voices_of(self._shelf, self._embedded)
        own = [*enrolled, *self._embedded] if self._led else [*self._embedded, *enrolled]
        if self._house is None:
            return own
        default = self._house.default
        far = sorted(self._house.voices, key=lambda voice: voice.name != default)
        names = {voice.name for voice in far}
        return [*map(self._known, far), *(voice for voice in own if voice.name not in names)]

    def _known(self, voice: Voice) -> Voice:
        """Return a voice of the far side's with the embedded one of ours that stands in for it."""
        if voice.stand_in is None and any(own.name == voice.name for own in self._embedded):
            return voice
        return replace(voice, stand_in=stand_in(voice.stand_in, voice.sex, self._embedded))
