"""Presets as their file writes them, and what is said about a file that is wrong."""

import pytest

from tests.house import PRESETS
from wyoming_indextts.speech.emotion import Prosody
from wyoming_indextts.speech.presets import PresetError, parse_presets

NEUTRAL = '[neutral]\nzh = "中性"\n'


def test_the_shipped_file_has_the_thirteen_presets_with_both_names() -> None:
    assert {preset.name: preset.zh for preset in PRESETS} == {
        "neutral": "中性",
        "happy": "高兴",
        "angry": "生气",
        "sad": "悲伤",
        "afraid": "害怕",
        "disgusted": "厌恶",
        "melancholic": "低落",
        "surprised": "惊讶",
        "calm": "平静",
        "excited": "兴奋",
        "serious": "严肃",
        "lively": "生动讲解",
        "auto": "自动",
    }


def test_of_the_shipped_presets_only_auto_is_read_from_the_text() -> None:
    assert [preset.name for preset in PRESETS if preset.from_text] == ["auto"]


def test_a_users_preset_is_read_with_everything_it_may_hold() -> None:
    text = """
        [bedtime]
        zh = "睡前"
        weights = { calm = 0.8, happy = 0.1 }
        speed = 0.9
        pause = 1.5
        loudness = -6
        embedded = { shift = 0.95, gain = -3 }
    """
    preset = parse_presets([(NEUTRAL, "a.toml"), (text, "b.toml")]).find("睡前")
    assert preset.weights == (0.1, 0, 0, 0, 0, 0, 0, 0.8)
    assert (preset.speed, preset.pause, preset.loudness) == (0.9, 1.5, -6.0)
    assert preset.prosody == Prosody(shift=0.95, gain=-3.0)


def test_a_later_file_changes_only_what_it_names() -> None:
    first = NEUTRAL + '[sad]\nzh = "悲伤"\npause = 1.3\n'
    preset = parse_presets([(first, "a.toml"), ("[sad]\nspeed = 0.8\n", "b.toml")]).find("sad")
    assert (preset.zh, preset.pause, preset.speed) == ("悲伤", 1.3, 0.8)


def test_a_later_file_may_turn_reading_off_and_leaves_it_on() -> None:
    first = NEUTRAL + "[auto]\nfrom_text = true\n"
    slower = parse_presets([(first, "a.toml"), ("[auto]\nspeed = 0.8\n", "b.toml")]).find("auto")
    assert slower.from_text
    off = parse_presets([(first, "a.toml"), ("[auto]\nfrom_text = false\n", "b.toml")])
    assert not off.find("auto").from_text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[happy\n", r"mine\.toml: .*line 1"),
        ("happy = 1\n", r"mine\.toml: \[happy\] must be a table"),
        ("[happy]\nspede = 1\n", r"mine\.toml: \[happy\]: unknown key 'spede'"),
        ("[happy]\nspeed = 9\n", r"\[happy\]: speed = 9 is not between 0\.5 and 2"),
        ("[happy]\nspeed = true\n", r"\[happy\]: speed must be a number"),
        ('[happy]\nspeed = "fast"\n', r"\[happy\]: speed = 'fast' is not"),
        ("[happy]\nzh = 1\n", r"\[happy\]: zh must be a string"),
        ("[happy]\nfrom_text = 1\n", r"\[happy\]: from_text must be true or false"),
        ("[happy]\nweights = 1\n", r"\[happy\] weights: must be a table"),
        ("[happy]\nweights = {joy = 1}\n", r"no emotion 'joy'; there are happy"),
        ("[happy]\nweights = {happy = 2}\n", r"happy = 2 is not between 0 and 1"),
        ("[happy]\nembedded = {gain = 99}\n", r"\[happy\] embedded: gain = 99 is not"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(PresetError, match=complaint):
        parse_presets([(NEUTRAL, "emotions.toml"), (text, "mine.toml")])


def test_without_neutral_there_is_no_ground_to_stand_on() -> None:
    with pytest.raises(PresetError, match="'neutral' is missing"):
        parse_presets([("[happy]\n", "mine.toml")])
