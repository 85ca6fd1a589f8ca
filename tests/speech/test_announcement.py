"""An announcement read from a text or from fields, whatever those hold."""

from datetime import UTC, datetime

import pytest

from wyoming_indextts.errors import BadRequestError, TooLargeError
from wyoming_indextts.speech.announcement import Announcement, Priority, announcement, id_of

NOW = 1_800_000_000.0


def test_a_text_is_an_announcement_with_an_id_of_its_own() -> None:
    first, second = (announcement(" Dinner is ready. ", now=NOW) for _ in range(2))
    assert first.message == "Dinner is ready."
    assert first.priority is Priority.NORMAL and first.targets == () and first.repeat == 1
    assert first.id != second.id


def test_fields() -> None:
    read = announcement(
        {
            "message": "洗衣机洗好了",
            "id": "washer-1",
            "voice": "lan",
            "emotion": "happy",
            "intensity": 0.5,
            "language": "zh-CN",
            "targets": ["kitchen", "hall", "kitchen"],
            "priority": "high",
            "volume": 1.5,
            "chime": False,
            "repeat": 2,
            "expires": 60,
            "ts": NOW - 1,
            "interrupt": True,
            "quiet_hours": "ignore",
        },
        now=NOW,
    )
    assert read == Announcement(
        "洗衣机洗好了", "washer-1", "lan", "happy", 0.5, "zh-CN", ("kitchen", "hall"),
        Priority.HIGH, 1.5, False, 2, NOW + 60, NOW - 1, True, True,  # noqa: FBT003
    )  # fmt: skip


def test_null_is_as_good_as_none() -> None:
    read = announcement({"message": "Hi.", "voice": None, "repeat": None}, now=NOW)
    assert read.voice is None and read.repeat == 1


def test_one_target_may_stand_alone() -> None:
    assert announcement({"message": "Hi.", "targets": "hall"}, now=NOW).targets == ("hall",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (90, NOW + 90),
        (0, NOW),
        (NOW + 5, NOW + 5),
        ("2027-01-15T08:00:10+00:00", datetime(2027, 1, 15, 8, 0, 10, tzinfo=UTC).timestamp()),
        ("2027-01-15T09:00:10+01:00", datetime(2027, 1, 15, 8, 0, 10, tzinfo=UTC).timestamp()),
    ],
)
def test_it_expires_after_seconds_or_at_a_time(given: object, expected: float) -> None:
    assert announcement({"message": "Hi.", "expires": given}, now=NOW).expires == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message", ""), ("message", " \n"), ("message", 5), ("message", "\ud800"),
        ("mesage", "Hi."), ("id", ""), ("id", "x" * 65), ("id", ["list"]), ("id", "a\nb"),
        ("voice", 1), ("emotion", {}), ("intensity", 1.1), ("intensity", "loud"),
        ("intensity", float("nan")), ("intensity", 10**400), ("volume", -0.1),
        ("targets", 5), ("targets", [5]), ("targets", ["x"] * 33), ("targets", {"kitchen": 1}),
        ("priority", "urgent"), ("priority", 2), ("priority", ["high"]), ("chime", "yes"),
        ("repeat", 0), ("repeat", 11), ("repeat", True), ("repeat", 1.5),
        ("expires", -1), ("expires", 90_000), ("expires", "soon"), ("expires", True),
        ("expires", float("inf")), ("interrupt", 1), ("quiet_hours", "no"), ("quiet_hours", []),
        ("ts", "now"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(field: str, value: object) -> None:
    with pytest.raises(BadRequestError):
        announcement({"message": "Hi.", field: value}, now=NOW)


def test_a_message_has_a_length() -> None:
    announcement("x" * 2_000, now=NOW)
    with pytest.raises(TooLargeError):
        announcement("x" * 2_001, now=NOW)


def test_the_id_of_a_refused_one_is_known_if_it_is_one() -> None:
    assert id_of({"id": "a"}) == "a"
    assert id_of({"id": ["a"]}) is None
    assert id_of("a text") is None


def one(priority: str, *, interrupt: bool | None = None) -> Announcement:
    return announcement({"message": "x", "priority": priority, "interrupt": interrupt}, now=NOW)


def test_only_a_critical_one_breaks_others_off_by_itself() -> None:
    assert one("critical").breaks_off(one("high"))
    assert not one("critical").breaks_off(one("critical"))
    assert not one("high").breaks_off(one("low"))


def test_one_that_is_to_interrupt_breaks_off_what_is_no_more_urgent() -> None:
    assert one("normal", interrupt=True).breaks_off(one("normal"))
    assert not one("normal", interrupt=True).breaks_off(one("high"))
    assert not one("critical", interrupt=False).breaks_off(one("low"))
