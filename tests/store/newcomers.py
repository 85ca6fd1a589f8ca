"""Voices to enrol: small, quick to make, and all of them somebody's."""

from pathlib import Path
from typing import Final

from tests.golden.speech_like import speech_like
from wyoming_indextts.speech.clip import Clip
from wyoming_indextts.store.enrolment import Newcomer, Permission, enrol
from wyoming_indextts.store.voice_record import Consent, VoiceRecord
from wyoming_indextts.store.voices import Enrolled

ANNA: Final = Permission(by="Anna", statement="I agree.", purpose="speech in this house")

CLIP: Final = Clip(speech_like(3.2, 8_000, seed=4), 8_000)

CONSENT: Final = Consent("Anna", "2026-11-24T10:00:00+01:00", "I agree.", "speech", "0f" * 32)

RECORD: Final = VoiceRecord("Mum", ("zh-CN", "en-US"), "female", None, CONSENT)


def add(folder: Path, name: str = "mum", display_name: str = "Mum", clip: Clip = CLIP) -> Enrolled:
    """Enrol a woman by that name."""
    return enrol(folder, Newcomer(name, display_name, "female"), clip, ANNA)


def derive(voice: Enrolled) -> Path:
    """Leave in a voice's folder what a model would derive from its clip."""
    voice.prompts.mkdir()
    prompt = voice.prompts / f"{voice.record.consent.audio}-model.safetensors"
    prompt.write_bytes(b"what the model knows of the voice")
    return prompt
