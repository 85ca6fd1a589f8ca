"""Who can be asked to speak at a gateway: the far side's voices, this house's, and when."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.house import PRESETS
from wyoming_indextts.errors import EmotionNotFoundError, VoiceNotFoundError
from wyoming_indextts.offering import Offering
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.emotion import Preset
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.script import PLAIN
from wyoming_indextts.speech.voices import Voice
from wyoming_indextts.speech.wire import House
from wyoming_indextts.store.far_side import NAME, keep_house

LAN = Voice("lan", "Lan", ("zh-CN",), "female")

MUM = Voice("mum", "Mum", ("zh-CN",), "female", stand_in="mei")

DAD = Voice("dad", "Dad", ("en-US",), "male", stand_in="am_adam")

EXTRA = Voice("am-adam", "Adam", ("en-US",), "male")

JOLLY = Preset("jolly", "欢快", (0.5, 0, 0, 0, 0, 0, 0, 0), speed=1.25)

FAR = House("0.1.0", 22_050, (LAN, EXTRA, MUM, DAD), (*PRESETS, JOLLY), "mum")


def gateway(folder: Path, **more: object) -> Offering:
    settings = Settings.model_validate(
        {"data_dir": folder, "remote": {"url": "ws://gpu:8080"}, **more}
    )
    return Offering(settings, led=False, gateway=True)


def names(offering: Offering) -> list[str]:
    return [voice.name for voice in offering.casting.voices]


def test_before_the_far_side_came_the_house_has_its_own_voices(tmp_path: Path) -> None:
    offering = gateway(tmp_path)
    assert names(offering) == ["lan", "mei", "ning", "tong", "yun"]
    assert not offering.is_far("lan")


def test_its_voices_go_first_with_its_default_in_front(tmp_path: Path) -> None:
    offering = gateway(tmp_path)
    offering.far_side(FAR)
    assert names(offering) == ["mum", "lan", "am-adam", "dad", "mei", "ning", "tong", "yun"]
    assert offering.casting.voices.default.name == "mum"
    assert [name for name in names(offering) if offering.is_far(name)] == [
        "mum", "lan", "am-adam", "dad",
    ]  # fmt: skip


def test_each_has_the_embedded_voice_that_is_nearest_for_a_stand_in(tmp_path: Path) -> None:
    offering = gateway(tmp_path)
    offering.far_side(FAR)
    found = {name: offering.casting.voices.stand_in_for(name) for name in names(offering)}
    assert found["mum"] == "mei"  # as it was wished there
    assert found["dad"] == "yun"  # the one that was wished is not here: by its sex
    assert found["am-adam"] == "yun"  # embedded there, and not here
    assert found["lan"] is None  # is its own


def test_voices_and_emotions_come_and_go_together_and_are_told_once(tmp_path: Path) -> None:
    offering = gateway(tmp_path)
    told: list[int] = []
    offering.casting.voices.listen(lambda: told.append(len(names(offering))))
    offering.far_side(FAR)
    offering.far_side(FAR)
    assert told == [8]
    style = offering.casting.style(Request("test", voice="mum-jolly"), PLAIN)
    assert (style.voice, style.speed) == ("mum", 1.25)
    offering.far_side(replace(FAR, presets=tuple(PRESETS)))
    assert told == [8, 8]
    with pytest.raises(VoiceNotFoundError):
        offering.casting.style(Request("test", voice="mum-jolly"), PLAIN)


def test_an_emotion_on_the_stage_that_goes_is_on_no_more(tmp_path: Path) -> None:
    offering = gateway(tmp_path)
    offering.far_side(FAR)
    stage = offering.casting.stage
    stage.change(replace(stage.now, emotion="jolly", voice="dad"))
    offering.far_side(replace(FAR, presets=tuple(PRESETS), voices=(LAN, MUM)))
    assert (stage.now.emotion, stage.now.voice) == (None, None)
    offering.casting.style(Request("test"), PLAIN)


def test_what_the_user_changed_here_goes_before_the_far_sides_emotions(tmp_path: Path) -> None:
    (tmp_path / "emotions.toml").write_text("[happy]\nspeed = 1.5\n[cosy]\nzh = '惬意'\n", "utf-8")
    offering = gateway(tmp_path)
    theirs = [replace(preset, speed=0.75) for preset in PRESETS]
    offering.far_side(replace(FAR, presets=(*theirs, replace(JOLLY, name="cosy"))))
    presets = offering.casting.presets
    assert presets.find("happy").speed == 1.5
    assert presets.find("sad").speed == 0.75
    assert presets.find("cosy").speed == 1.0
    assert presets.find("惬意").name == "cosy"


def test_settings_may_name_what_only_the_far_side_has(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    offering = gateway(tmp_path, voice="dad-sad", stage={"emotion": "jolly", "speed": 1.5})
    assert "the emotion jolly is on once the far side offers it" in caplog.text
    assert offering.casting.voices.default.name == "lan"
    assert offering.casting.stage.now.emotion is None
    offering.far_side(FAR)
    assert offering.casting.voices.default.name == "dad"
    assert offering.casting.stage.now.emotion == "jolly"
    assert offering.casting.stage.now.speed == 1.5


def test_without_a_far_side_they_may_not(tmp_path: Path) -> None:
    for wrong, error in (
        ({"voice": "dad"}, VoiceNotFoundError),
        ({"stage": {"emotion": "jolly"}}, EmotionNotFoundError),
    ):
        settings = Settings.model_validate({"data_dir": tmp_path, **wrong})
        with pytest.raises(error):
            Offering(settings, led=False, gateway=False)


def test_what_it_offered_last_is_known_at_the_next_start(tmp_path: Path) -> None:
    keep_house(tmp_path / NAME, "ws://gpu:8080/ws", FAR)
    offering = gateway(tmp_path, voice="mum", stage={"emotion": "jolly"})
    assert names(offering)[0] == "mum"
    assert offering.is_far("dad")
    settings = Settings(data_dir=tmp_path)
    assert "mum" not in names(Offering(settings, led=False, gateway=False))


def test_the_path_of_speech_begins_here_and_goes_on_as_the_far_side_says(tmp_path: Path) -> None:
    offering = gateway(tmp_path)
    assert list(offering.path()) == [offering.identity]
    offering.far_side(replace(FAR, path=("theirs", "their-own-far-side")))
    assert list(offering.path()) == [offering.identity, "theirs", "their-own-far-side"]
    assert offering.identity != gateway(tmp_path).identity
