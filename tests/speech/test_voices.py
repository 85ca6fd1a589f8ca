"""Voices and their variants are found by name, and nothing else is; voices come and go."""

import pytest

from tests.house import PRESETS, voices
from wyoming_indextts.errors import BadRequestError, VoiceNotFoundError
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


MUM = Voice("mum", "Mum", ("en-US",), "female", stand_in="alice")


def test_a_voice_that_comes_is_found_and_one_that_goes_is_not() -> None:
    known = voices()
    known.replace([*known, MUM])
    assert known.find("mum-happy") == (MUM, PRESETS.find("happy"))
    assert [voice.name for voice in known] == ["alice", "bob", "mum"]
    known.replace(known.embedded)
    with pytest.raises(VoiceNotFoundError):
        known.find("mum")


def test_only_an_enrolled_voice_has_a_stand_in() -> None:
    known = voices()
    known.replace([*known, MUM])
    assert [known.stand_in_for(name) for name in ("mum", "alice", "nobody")] == [
        "alice",
        None,
        None,
    ]
    assert [voice.name for voice in known.embedded] == ["alice", "bob"]


def test_listeners_hear_of_each_change_of_the_voices_until_they_leave() -> None:
    known = voices()
    heard: list[int] = []
    leave = known.listen(lambda: heard.append(len(list(known))))
    known.replace([*known, MUM])
    known.replace([*known])
    leave()
    known.replace(known.embedded)
    assert heard == [3]


def test_while_the_default_voice_is_away_the_first_one_speaks() -> None:
    alice, bob = voices()
    known = Voices([alice, bob, MUM], PRESETS, default="mum-happy")
    known.replace([alice, bob])
    assert known.default == alice
    known.replace([alice, bob, MUM])
    assert known.default == MUM


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("bob", "'bob' means the voice bob already"),
        ("bob-happy", "'bob-happy' means the voice bob in the emotion happy already"),
        ("my", "'my-happy' means the voice my-happy already"),
    ],
)
def test_a_name_that_could_be_confused_is_not_free(name: str, complaint: str) -> None:
    known = voices()
    known.replace([*known, Voice("my-happy", "My", ("en-US",), "male", stand_in="bob")])
    with pytest.raises(BadRequestError, match=complaint):
        known.check_free(name)
    known.check_free("mum")
