"""However the pipe cuts the bytes, the messages that went in come out."""

from hypothesis import given
from hypothesis import strategies as st

from wyoming_indextts.errors import WeightsMissingError
from wyoming_indextts.process.messages import (
    Alive,
    Begin,
    Begun,
    Cancel,
    Close,
    Decoder,
    Load,
    Loaded,
    LoadFailed,
    Logged,
    Order,
    Report,
    Worked,
    encode,
)
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.emotion import Emotion, Prosody
from wyoming_indextts.speech.engine import Audio, Finished, Job, Style
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.vitals import Toll

STYLE = Style("lan", Emotion((0.5,) + 7 * (0.0,), Prosody(speed=1.1)), speed=0.9)
JOB = Job(7, (Phrase("你好"), Phrase("重", ("chong2",))), STYLE, 12.5)
MESSAGES: list[Order | Report] = [
    Load("module:function", {"voice": "lan"}, 2.5, 20),
    Begin(JOB),
    Begun(7),
    Alive(),
    Audio(7, Pcm(bytes(range(256)) * 40, 24_000)),
    Finished(7),
    Logged("engine", 30, "slow"),
    Cancel(7),
    Loaded(0.25),
    Worked(0.3, Toll({"codes": 7}, 2**30)),
    Close(),
]


@given(st.lists(st.integers(1, 3000), min_size=1))
def test_cutting_does_not_matter(sizes: list[int]) -> None:
    decoder = Decoder[Order | Report]()
    stream = encode(*MESSAGES)
    seen: list[Order | Report] = []
    for size in sizes:
        seen += decoder.feed(stream[:size])
        stream = stream[size:]
    assert seen + decoder.feed(stream) == MESSAGES


def test_a_message_is_given_as_soon_as_its_last_byte_is_there() -> None:
    decoder = Decoder[Order]()
    stream = encode(Cancel(1), Cancel(2))
    half = len(stream) // 2
    assert decoder.feed(stream[: half - 1]) == []
    assert decoder.feed(stream[half - 1 : half]) == [Cancel(1)]
    assert decoder.feed(stream[half:]) == [Cancel(2)]


def test_an_error_keeps_its_kind_and_its_words() -> None:
    (message,) = Decoder[Report]().feed(encode(LoadFailed(WeightsMissingError("fetch them"))))
    assert isinstance(message, LoadFailed)
    assert isinstance(message.error, WeightsMissingError)
    assert str(message.error) == "fetch them"
