"""Voices and their variants are found by name, and nothing else is."""

import pytest

from tests.house import PRESETS, voices
from wyoming_indextts.errors import VoiceNotFoundError
from wyoming_indextts.speech.emotion import Preset, Presets
from wyoming_indextts.speech.voices import Voice, Voices


def test_every_variant_of_every_voice_is_found() -> None:
    known = voices()
    for voice in known:
        assert known.find(voice.name) == (voice, None)
        for preset in PRESETS:
            assert known.find(f"{voice.name}-{preset.name}") == (voice, preset)
            assert known.find(f"{voice.name}-{preset.zh}") == (voice, preset)


def test_hyphens_in_a_voice_and_in_a_preset_do_not_confuse() -> None:
    presets = Presets([Preset("neutral", "中性"), Preset("very-happy", "很高兴")])
    heart = Voice("af-heart", "Heart", ("en-US",), "female")
    plain = Voice("af", "Plain", ("en-US",), "female")
    known = Voices([plain, heart], presets, default="af")
    assert known.find("af-heart-very-happy") == (heart, presets.find("very-happy"))
    assert known.find("af-heart") == (heart, None)
    assert known.find("af-very-happy") == (plain, presets.find("very-happy"))


@pytest.mark.parametrize("name", ["", "alice-", "alice-bored", "-happy", "ALICE", "x" * 10_000])
def test_any_other_name_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(VoiceNotFoundError, match="there are alice, bob") as refused:
        voices().find(name)
    assert len(str(refused.value)) < 200


def test_the_default_must_be_one_of_them() -> None:
    with pytest.raises(VoiceNotFoundError):
        Voices([], PRESETS, default="alice")
