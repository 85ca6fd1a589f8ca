"""Announcements in order of priority, once, in time, at the targets they name."""

import asyncio
from datetime import datetime

import numpy as np
import pytest

from tests.speech.announcements import town
from tests.tone import ToneEngine, tone
from wyoming_indextts.errors import (
    BadRequestError,
    BusyError,
    DuplicateError,
    EmotionNotFoundError,
    ExpiredError,
    QuietError,
    SpeechError,
    TargetFailedError,
    TargetNotFoundError,
    UnsupportedError,
    VoiceNotFoundError,
)
from wyoming_indextts.speech.audio import Pcm, silence
from wyoming_indextts.speech.chime import chime
from wyoming_indextts.speech.emotion import AXES
from wyoming_indextts.speech.engine import Job
from wyoming_indextts.speech.loudness import amplified
from wyoming_indextts.speech.performance import BREATH, GAP
from wyoming_indextts.speech.quiet_hours import QuietHours


class Moody(ToneEngine):
    """Whoever is sad is half as loud, as an engine makes it."""

    def sound_of(self, _: Job, __: int) -> Pcm:
        whole = tone(0.05)
        return amplified(whole, 0.5) if _.style.emotion.weights[SAD] > 0.3 else whole


HI = tone(0.05).data * 3
"""What the engine makes of `Hi.`"""

SAD = AXES.index("sad")


async def test_a_text_is_heard_at_every_target_and_made_once() -> None:
    async with town("kitchen", "hall") as at:
        at.open()
        name = at.announcer.announce("Hi.")
        await at.idle()
        assert [target.played for target in at.targets.values()] == [[HI], [HI]]
        assert at.engine.said == "Hi."
        for place in ("kitchen", "hall"):
            steps = [notice.state for notice in at.told if notice.target == place]
            assert steps == ["queued", "started", "finished"]
        assert {notice.id for notice in at.told} == {name}
        assert at.of("finished")[0].sound == pytest.approx(0.15)


async def test_who_and_how_goes_to_the_engine() -> None:
    async with town() as at:
        at.open()
        at.announcer.announce({"message": "Hi.", "voice": "bob", "emotion": "happy"})
        await at.idle()
        (job,) = at.engine.jobs
        assert job.style.voice == "bob" and job.style.emotion.weights[0] > 0.3


async def test_chime_and_repetition() -> None:
    async with town(chime=True) as at:
        at.open()
        at.announcer.announce({"message": "Hi.", "repeat": 2})
        at.announcer.announce({"message": "Hi.", "chime": False})
        await at.idle()
        first, second = at.targets["kitchen"].played
        before = chime(24_000).data + silence(BREATH, 24_000).data
        assert first == before + HI + silence(GAP, 24_000).data + HI
        assert second == HI


async def test_a_target_may_play_louder() -> None:
    async with town("kitchen", "hall", gains={"hall": -6.0}) as at:
        at.open()
        at.announcer.announce("Hi.")
        await at.idle()
        (kitchen,), (hall,) = (target.played for target in at.targets.values())
        assert kitchen == HI
        assert len(hall) == len(HI) and hall != HI


async def test_the_most_urgent_goes_first_and_the_rest_in_the_order_of_their_coming() -> None:
    async with town() as at:
        for name in ("first", "a", "b"):
            at.announcer.announce({"message": "Hi.", "id": name})
        await at.working()
        for name, priority in (("c", "low"), ("d", "high"), ("e", "normal"), ("f", "high")):
            at.announcer.announce({"message": "Hi.", "id": name, "priority": priority})
        at.open()
        await at.idle()
        assert at.order() == ["first", "d", "f", "a", "b", "e", "c"]


async def test_a_critical_one_breaks_off_what_is_less_urgent() -> None:
    async with town() as at:
        at.announcer.announce({"message": "A long story.", "id": "story"})
        await at.working()
        at.announcer.announce({"message": "Fire!", "id": "fire", "priority": "critical"})
        at.open()
        await at.idle()
        (broken,) = at.of("interrupted")
        assert (broken.id, broken.code) == ("story", "cancelled")
        assert at.order("finished") == ["fire"]
        assert len(at.targets["kitchen"].played) == 1


async def test_groups_and_usual_targets() -> None:
    groups = {"down": ["kitchen", "hall"]}
    async with town("kitchen", "hall", "bath", groups=groups, usual=("down",)) as at:
        at.open()
        at.announcer.announce("Hi.")
        at.announcer.announce({"message": "Hi.", "targets": ["down", "hall"]})
        at.announcer.announce({"message": "Hi.", "targets": "all"})
        await at.idle()
        assert [len(target.played) for target in at.targets.values()] == [3, 3, 1]
        assert list(at.announcer.targets) == ["kitchen", "hall", "bath", "down", "all"]


async def test_an_id_is_taken_once() -> None:
    async with town() as at:
        at.open()
        at.announcer.announce({"message": "Hi.", "id": "washer"})
        with pytest.raises(DuplicateError):
            at.announcer.announce({"message": "Hi.", "id": "washer"})
        await at.idle()
        assert at.targets["kitchen"].played == [HI]
        (rejected,) = at.of("rejected")
        assert (rejected.id, rejected.target, rejected.code) == ("washer", None, "duplicate")
        at.now[0] += 601
        at.announcer.announce({"message": "Hi.", "id": "washer"})


async def test_one_that_was_sent_long_ago_is_not_heard() -> None:
    async with town() as at:
        with pytest.raises(ExpiredError, match="31 s ago"):
            at.announcer.announce({"message": "Hi.", "ts": at.now[0] - 31})


async def test_one_that_waited_too_long_is_not_heard() -> None:
    async with town() as at:
        at.announcer.announce({"message": "Hi.", "id": "first"})
        at.announcer.announce({"message": "Late.", "id": "late", "expires": 5})
        await asyncio.sleep(0.05)
        at.now[0] += 6
        at.open()
        await at.idle()
        (failed,) = at.of("failed")
        assert (failed.id, failed.code) == ("late", "expired")
        assert at.engine.said == "Hi.", "it was made for nothing"


async def test_in_quiet_hours_only_what_may_disturb_is_heard() -> None:
    async with town(quiet_hours=QuietHours.parse("22:00-07:00")) as at:
        at.open()
        at.now[0] = datetime(2026, 11, 24, 23, 0).timestamp()  # noqa: DTZ001 - the wall's clock
        with pytest.raises(QuietError):
            at.announcer.announce({"message": "Hi.", "priority": "high"})
        at.announcer.announce({"message": "Hi.", "priority": "critical"})
        at.announcer.announce({"message": "Hi.", "quiet_hours": "ignore"})
        await at.idle()
        assert len(at.targets["kitchen"].played) == 2


async def test_do_not_disturb() -> None:
    async with town() as at:
        at.open()
        at.announcer.hush(quiet=True)
        with pytest.raises(QuietError):
            at.announcer.announce("Hi.")
        at.announcer.hush(quiet=False)
        at.announcer.announce("Hi.")
        await at.idle()
        assert at.targets["kitchen"].played == [HI]


async def test_stop_by_id_by_target_and_of_all() -> None:
    async with town("kitchen", "hall") as at:
        for name in ("a", "b", "c"):
            at.announcer.announce({"message": "Hi.", "id": name})
        await asyncio.sleep(0.05)
        assert at.announcer.waiting == 4
        assert at.announcer.stop(announcement="b") == 2
        assert at.announcer.stop(target="hall") == 2
        assert at.announcer.stop(announcement="nobody") == 0
        with pytest.raises(TargetNotFoundError):
            at.announcer.stop(target="attic")
        assert at.announcer.stop() == 2
        await at.idle()
        assert len(at.of("interrupted")) == 6
        assert not at.of("finished") and not at.of("failed")
        at.open()
        at.announcer.announce("Hi.")
        await at.idle()
        assert at.targets["kitchen"].played == [HI]


async def test_stopping_ends_the_engines_work() -> None:
    async with town(engine=ToneEngine(pace=0.02)) as at:
        at.open()
        at.announcer.announce("A story that goes on and on, " * 20)
        await at.until("started")
        at.announcer.stop()
        await at.idle()
        steps = at.engine.steps
        await asyncio.sleep(0.1)
        assert at.engine.steps <= steps + 1


async def test_a_target_that_fails_costs_no_other() -> None:
    async with town("kitchen", "hall") as at:
        at.open()
        at.targets["kitchen"].fails = TargetFailedError("it is off")
        at.announcer.announce("Hi.")
        await at.idle()
        (failed,) = at.of("failed")
        assert (failed.target, failed.code, failed.reason) == (
            "kitchen", "target-failed", "it is off",
        )  # fmt: skip
        assert at.targets["hall"].played == [HI]


async def test_what_cannot_be_spoken_fails_at_each_target() -> None:
    async with town("kitchen", "hall", engine=ToneEngine(fails_on="x")) as at:
        at.open()
        at.announcer.announce("x.")
        at.announcer.announce("Hi.")
        await at.idle()
        assert [notice.code for notice in at.of("failed")] == ["synthesis-failed"] * 2
        assert [target.played for target in at.targets.values()] == [[HI], [HI]]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"voice": "eve"}, VoiceNotFoundError),
        ({"emotion": "hangry"}, EmotionNotFoundError),
        ({"targets": "attic"}, TargetNotFoundError),
        ({"language": "fr"}, UnsupportedError),
        ({"expires": 0, "ts": 1}, ExpiredError),
        ({"colour": "red"}, BadRequestError),
    ],
)
async def test_what_cannot_be_done_is_said_at_once(
    fields: dict[str, object], error: type[SpeechError]
) -> None:
    async with town() as at:
        with pytest.raises(error):
            at.announcer.announce({"message": "Hi.", **fields})
        assert [notice.code for notice in at.told] == [error.code]


async def test_a_language_finds_a_voice() -> None:
    async with town() as at:
        at.open()
        at.announcer.announce({"message": "Hi.", "language": "en"})
        await at.idle()
        assert at.engine.jobs[0].style.voice == "alice"


async def test_a_queue_has_an_end() -> None:
    async with town("kitchen", "hall", waiting=2) as at:
        at.announcer.announce("Hi.")
        await asyncio.sleep(0.05)
        at.announcer.announce({"message": "Hi.", "targets": "kitchen"})
        at.announcer.announce({"message": "Hi.", "targets": "kitchen"})
        with pytest.raises(BusyError, match="kitchen"):
            at.announcer.announce("Hi.")
        assert not [notice for notice in at.of("queued") if notice.target == "hall"][1:]
        at.announcer.announce({"message": "Hi.", "targets": "hall"})


async def test_going_down_everything_falls_silent() -> None:
    async with town() as at:
        at.announcer.announce("Hi.")
        at.announcer.announce("Hi.")
        await asyncio.sleep(0.05)
    assert [notice.code for notice in at.of("interrupted")] == ["shutdown"] * 2


async def test_a_voice_has_a_gain_of_its_own() -> None:
    async def gain(voice: str) -> float:
        return -6.0 if voice == "bob" else 0.0

    async with town(gain=gain) as at:
        at.open()
        at.announcer.announce("Hi.")
        at.announcer.announce({"message": "Hi.", "voice": "bob"})
        await at.idle()
        alice, bob = at.targets["kitchen"].played
        assert alice == HI
        assert len(bob) == len(HI) and bob != HI


async def test_an_emotion_keeps_its_loudness() -> None:
    async def gain(_: str) -> float:
        return -6.0

    async with town(engine=Moody(), gain=gain) as at:
        at.open()
        for emotion in ("neutral", "sad"):
            at.announcer.announce({"message": "Hi.", "emotion": emotion})
        await at.idle()
        loud, sad = (np.frombuffer(played, "<i2") for played in at.targets["kitchen"].played)
        assert np.abs(loud).max() == pytest.approx(0.5 * 0.25 * 32767, rel=0.01)
        assert np.abs(sad / loud.max() - 0.5 * loud / loud.max()).max() < 0.001
