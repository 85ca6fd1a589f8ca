"""What is known of a voice comes back as it was written, and anything else is refused."""

import json
from dataclasses import asdict, replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.newcomers import CONSENT, RECORD
from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.voices import Sex
from wyoming_indextts.store.voice_record import (
    LONGEST_LINE,
    LONGEST_TEXT,
    Consent,
    VoiceRecord,
    as_json,
    from_json,
)


def lines(longest: int) -> st.SearchStrategy[str]:
    """Return texts that people may write."""
    printable = st.text(min_size=1, max_size=longest).filter(str.isprintable)
    return printable.filter(lambda text: bool(text.strip()))


CONSENTS = st.builds(
    Consent,
    by=lines(LONGEST_LINE),
    given=st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    statement=lines(LONGEST_TEXT),
    purpose=lines(LONGEST_TEXT),
    audio=st.text("0123456789abcdef", min_size=64, max_size=64),
)

RECORDS = st.builds(
    VoiceRecord,
    display_name=lines(LONGEST_LINE),
    languages=st.lists(st.sampled_from(["zh-CN", "zh-TW", "en-US"]), min_size=1).map(tuple),
    sex=st.sampled_from(get_args(Sex)),
    stand_in=st.sampled_from([None, "lan", "af-heart"]),
    consent=CONSENTS,
)


@given(RECORDS)
def test_a_record_comes_back_as_it_was(record: VoiceRecord) -> None:
    assert from_json(as_json(record)) == record


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (replace(RECORD, display_name=" "), "display name must be 1 to 80 characters in one line"),
        (replace(RECORD, display_name="a\nb"), "display name must be"),
        (replace(RECORD, display_name="a" * 81), "display name must be"),
        (replace(RECORD, languages=()), "at least one language"),
        (replace(RECORD, languages=("de-DE",)), "'de-DE' is not spoken; Chinese and English are"),
        (replace(RECORD, languages=("en",)), "'en' is not spoken"),
        (replace(RECORD, stand_in="../lan"), "cannot be named"),
        (replace(RECORD, consent=replace(CONSENT, by="")), "who consents must be"),
        (replace(RECORD, consent=replace(CONSENT, statement="")), "the statement must be"),
        (replace(RECORD, consent=replace(CONSENT, purpose="a\0")), "the purpose must be"),
        (replace(RECORD, consent=replace(CONSENT, given="today")), "time must be ISO 8601"),
        (replace(RECORD, consent=replace(CONSENT, given="2026-11-24T10:00")), "with its offset"),
        (replace(RECORD, consent=replace(CONSENT, audio="0F" * 32)), "not for any clip"),
    ],
)
def test_a_field_that_cannot_be_is_refused_written_or_read(
    wrong: VoiceRecord, complaint: str
) -> None:
    with pytest.raises(BadRequestError, match=complaint):
        wrong.check()
    with pytest.raises(BadRequestError, match=complaint):
        from_json(as_json(wrong))


def test_a_record_of_another_version_is_refused() -> None:
    table = {"format": "voice 2", "name": "Mum"}
    with pytest.raises(BadRequestError, match="another version of this program"):
        from_json(json.dumps(table))


@pytest.mark.parametrize("field", ["display_name", "languages", "sex", "stand_in", "consent"])
def test_a_record_without_a_field_is_refused(field: str) -> None:
    table = json.loads(as_json(RECORD))
    del table[field]
    with pytest.raises(BadRequestError, match="its record lacks something"):
        from_json(json.dumps(table))


@pytest.mark.parametrize("field", [*asdict(CONSENT)])
def test_a_consent_without_a_field_is_none(field: str) -> None:
    table = json.loads(as_json(RECORD))
    del table["consent"][field]
    with pytest.raises(BadRequestError, match="its consent lacks something"):
        from_json(json.dumps(table))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 1}', "[" * 100_000])
def test_another_text_is_no_record(text: str) -> None:
    with pytest.raises(BadRequestError, match="its record"):
        from_json(text)
