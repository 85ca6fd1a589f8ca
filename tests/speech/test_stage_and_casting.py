"""Who decides how a sentence is spoken: text, request, stage, voice, in this order."""

import pytest

from tests.house import PRESETS, casting, voices
from wyoming_indextts.errors import (
    BadRequestError,
    EmotionNotFoundError,
    SpeechError,
    VoiceNotFoundError,
)
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.emotion import NO_WEIGHTS, Emotion, emotion
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.script import PLAIN, Manner
from wyoming_indextts.speech.stage import Delivery, Stage
from wyoming_indextts.speech.voices import Voice, Voices

HAPPY = emotion(PRESETS.find("happy").weights)
SAD = emotion(PRESETS.find("sad").weights)
ANGRY = emotion(PRESETS.find("angry").weights)


def test_without_any_wish_the_default_voice_speaks_in_its_own_emotion() -> None:
    style = casting().style(Request("test"), PLAIN)
    assert (style.voice, style.emotion.weights, style.speed, style.gain) == (
        "alice", NO_WEIGHTS, 1.0, 0.0,
    )  # fmt: skip


def test_a_voice_brings_its_own_emotion() -> None:
    style = casting().style(Request("test", voice="bob"), PLAIN)
    assert style.emotion == emotion(PRESETS.find("melancholic").weights)


def test_the_stage_is_heard_where_nobody_asks_for_another() -> None:
    cast = casting()
    cast.stage.change(Delivery(voice="bob", emotion="angry", speed=1.5, volume=0.5))
    style = cast.style(Request("test"), PLAIN)
    assert (style.voice, style.emotion, style.speed) == ("bob", ANGRY, 1.5)
    assert style.gain == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize(
    ("request_", "manner", "heard"),
    [
        (Request("test"), PLAIN, ANGRY),
        (Request("test", voice="alice-happy"), PLAIN, HAPPY),
        (Request("test", voice="alice-高兴"), PLAIN, HAPPY),
        (Request("test", voice="alice-happy", emotion="sad"), PLAIN, SAD),
        (Request("test", voice="alice-happy"), Manner(emotion="sad"), SAD),
        (Request("test", weights=PRESETS.find("happy").weights), PLAIN, HAPPY),
        (Request("test", weights=PRESETS.find("happy").weights), Manner(emotion="sad"), SAD),
    ],
)
def test_the_text_goes_before_the_request_before_the_stage(
    request_: Request, manner: Manner, heard: object
) -> None:
    cast = casting()
    cast.stage.change(Delivery(emotion="angry"))
    assert cast.style(request_, manner).emotion == heard


@pytest.mark.parametrize(
    ("request_", "manner", "heard"),
    [
        (Request("test"), PLAIN, HAPPY),
        (Request("test", voice="bob"), PLAIN, HAPPY),
        (Request("test", voice="alice-sad"), PLAIN, SAD),
        (Request("test", emotion="sad"), PLAIN, SAD),
        (Request("test", weights=PRESETS.find("sad").weights), PLAIN, SAD),
        (Request("test"), Manner(emotion="sad"), SAD),
    ],
)
def test_the_stage_may_have_weights_where_nobody_asks_for_an_emotion(
    request_: Request, manner: Manner, heard: object
) -> None:
    cast = casting()
    cast.stage.change(Delivery(emotion=PRESETS.find("happy").weights))
    assert cast.style(request_, manner).emotion == heard


def test_intensity_scales_weights_and_what_the_preset_adds() -> None:
    style = casting().style(Request("test", emotion="sad", intensity=0.5), PLAIN)
    assert style.emotion.weights[2] == pytest.approx(0.5)
    assert style.pause == pytest.approx(1.3**0.5)


@pytest.mark.parametrize(
    "request_",
    [
        Request("test", voice="alice-auto"),
        Request("test", voice="alice-自动"),
        Request("test", emotion="自动"),
    ],
)
def test_auto_has_the_text_read_and_is_neutral_to_who_cannot(request_: Request) -> None:
    assert casting().style(request_, PLAIN).emotion == Emotion(NO_WEIGHTS, from_text=1.0)


def test_auto_on_the_stage_has_its_intensity() -> None:
    cast = casting()
    cast.stage.change(Delivery(emotion="auto", intensity=0.5))
    assert cast.style(Request("test"), PLAIN).emotion.from_text == 0.5
    assert cast.style(Request("test"), Manner(emotion="sad")).emotion.from_text is None


def test_weights_that_are_asked_for_go_before_a_voice_that_has_the_text_read() -> None:
    carol = Voice("carol", "Carol", ("en-US",), "female", emotion="auto")
    known = Voices([carol], PRESETS, default="carol")
    cast = Casting(known, PRESETS, Stage(known, PRESETS))
    assert cast.style(Request("test"), PLAIN).emotion.from_text == 1.0
    sad = PRESETS.find("sad").weights
    assert cast.style(Request("test", weights=sad), PLAIN).emotion == emotion(sad)


def test_rate_and_volume_in_the_text_come_on_top() -> None:
    style = casting().style(Request("test", speed=0.8), Manner(rate=1.25, volume=-3.0))
    assert style.speed == pytest.approx(1.0)
    assert style.gain == pytest.approx(-3.0)


def test_volume_nought_is_silence() -> None:
    assert casting().style(Request("test", volume=0.0), PLAIN).gain < -90


def test_a_voice_named_in_ssml_that_nobody_has_is_passed_over() -> None:
    manner = Manner(voice="en-US-JennyNeural")
    assert casting().style(Request("test", voice="bob"), manner).voice == "bob"


@pytest.mark.parametrize(
    ("request_", "error", "complaint"),
    [
        (Request("test", voice="carol"), VoiceNotFoundError, "'carol'; there are alice, bob"),
        (Request("test", voice="alice-bored"), VoiceNotFoundError, "alice-bored"),
        (Request("test", voice="../etc/passwd"), VoiceNotFoundError, "passwd"),
        (Request("test", emotion="bored"), EmotionNotFoundError, "happy"),
        (Request("test", intensity=2.0), BadRequestError, "between 0 and 1"),
        (Request("test", speed=9.0), BadRequestError, "speed must be between 0.5 and 2"),
        (Request("test", volume=-1.0), BadRequestError, "volume must be between 0 and 2"),
    ],
)
def test_a_request_for_what_is_not_there_is_refused(
    request_: Request, error: type[SpeechError], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        casting().check(request_)


def test_listeners_hear_of_each_change_until_they_leave() -> None:
    stage = Stage(voices(), PRESETS)
    heard: list[Delivery] = []
    leave = stage.listen(heard.append)
    stage.change(Delivery(emotion="happy"))
    stage.change(Delivery(emotion="happy"))
    leave()
    stage.change(Delivery(emotion="sad"))
    assert heard == [Delivery(emotion="happy")]


@pytest.mark.parametrize(
    "wrong",
    [
        Delivery(voice="carol"),
        Delivery(emotion="bored"),
        Delivery(emotion=(2.0,) * 8),
        Delivery(intensity=2),
        Delivery(speed=0),
    ],
)
def test_a_change_that_cannot_be_leaves_the_stage_as_it_was(wrong: Delivery) -> None:
    stage = Stage(voices(), PRESETS, Delivery(emotion="happy"))
    with pytest.raises(SpeechError):
        stage.change(wrong)
    assert stage.now == Delivery(emotion="happy")


def test_a_voice_that_is_removed_leaves_the_stage_to_the_default_voice() -> None:
    cast = casting()
    mum = Voice("mum", "Mum", ("en-US",), "female", stand_in="alice")
    cast.voices.replace([*cast.voices, mum])
    cast.stage.change(Delivery(voice="mum-sad", speed=1.5))
    heard: list[Delivery] = []
    cast.stage.listen(heard.append)
    cast.voices.replace(cast.voices.embedded)
    assert heard == [cast.stage.now] == [Delivery(speed=1.5)]
    assert cast.style(Request("test"), PLAIN).voice == "alice"


def test_a_voice_that_stays_stays_on_the_stage() -> None:
    cast = casting()
    cast.stage.change(Delivery(voice="bob"))
    mum = Voice("mum", "Mum", ("en-US",), "female", stand_in="alice")
    cast.voices.replace([*cast.voices, mum])
    assert cast.stage.now == Delivery(voice="bob")
