"""The embedded voice keeps the promises of an engine: steps, deadlines, cancelling, failures."""

import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Timer

import numpy as np
import pytest

from wyoming_indextts.errors import SynthesisFailedError, VoiceNotFoundError, WeightsMissingError
from wyoming_indextts.kokoro.engine import KokoroEngine, load
from wyoming_indextts.kokoro.options import KokoroOptions
from wyoming_indextts.kokoro.weights import PARTS, find_model
from wyoming_indextts.speech.audio import FULL_SCALE, Limiter, Pcm
from wyoming_indextts.speech.emotion import Emotion, Prosody
from wyoming_indextts.speech.engine import Audio, Failed, Finished, Job, Produced, Style
from wyoming_indextts.speech.pauses import pause_after
from wyoming_indextts.speech.script import Phrase

SHORT = "早上好。"
TWO = "早上好，客厅的灯已经打开了。"
LONG = "今天多云转小雨最高气温二十五度最低气温十七度出门请带伞并且记得关好门窗"

IDS = itertools.count(1)


def job(*texts: str, style: Style | None = None, deadline: float = 0.0) -> Job:
    phrases = tuple(Phrase(text) for text in texts)
    return Job(next(IDS), phrases, style or Style("lan"), deadline)


def finish(engine: KokoroEngine, *jobs: Job) -> Iterator[Produced]:
    """Begin the jobs and step until nothing more comes."""
    for one in jobs:
        engine.begin(one)
    while produced := engine.step():
        yield from produced


def heard(produced: Sequence[Produced]) -> list[Pcm]:
    return [item.pcm for item in produced if isinstance(item, Audio)]


def seconds(engine: KokoroEngine, *texts: str, style: Style | None = None) -> float:
    return sum(pcm.seconds for pcm in heard(list(finish(engine, job(*texts, style=style)))))


def test_a_sentence_is_sound_and_then_finished(engine: KokoroEngine) -> None:
    said = job(SHORT)
    sound, end = finish(engine, said)
    assert isinstance(sound, Audio) and sound.job_id == said.id
    assert sound.pcm.rate == engine.rate == 24_000
    assert 0.5 < sound.pcm.seconds < 1.5
    assert end == Finished(said.id)


def test_a_prepared_voice_is_loaded_without_the_model_it_was_made_of(
    engine: KokoroEngine, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.rate  # it is prepared
    (tmp_path / PARTS[0]).mkdir()
    (tmp_path / PARTS[0] / "__init__.py").write_text("", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(WeightsMissingError):
        find_model(None).read()
    again = load(KokoroOptions(kept))
    assert seconds(again, SHORT) > 0.5
    again.close()


def test_its_first_clause_comes_by_itself(engine: KokoroEngine) -> None:
    engine.begin(job(TWO))
    (first,) = engine.step()
    assert isinstance(first, Audio)
    assert first.pcm.seconds < 1.5
    assert [type(item) for item in engine.step()] == [Audio, Finished]


def test_there_is_a_silence_between_clauses_and_none_at_the_end(engine: KokoroEngine) -> None:
    first, last = heard(list(finish(engine, job(TWO))))
    samples = np.frombuffer(first.data, "<i2")
    quiet = (len(samples) - np.flatnonzero(np.abs(samples) > 330)[-1]) / 24_000
    assert quiet == pytest.approx(pause_after("，") + 0.03, abs=0.02)
    assert np.abs(np.frombuffer(last.data, "<i2"))[-2400:].max() > 330


def test_a_style_stretches_the_silences(engine: KokoroEngine) -> None:
    plain, drawn = (
        heard(list(finish(engine, job(TWO, style=Style("lan", pause=pause))))) for pause in (1, 3)
    )
    assert drawn[0].seconds - plain[0].seconds > 2 * pause_after("，") - 0.05


@pytest.mark.parametrize("text", ["", "……", "？！", "Привет", "🎉"])
def test_nothing_to_say_is_finished_without_sound(engine: KokoroEngine, text: str) -> None:
    said = job(text)
    assert list(finish(engine, said)) == [Finished(said.id)]
    assert list(engine.step()) == []


def test_speed_is_the_voices_times_the_emotions(engine: KokoroEngine) -> None:
    plain = seconds(engine, LONG)
    fast = Style("lan", Emotion(prosody=Prosody(speed=1.2)), speed=1.2)
    assert seconds(engine, LONG, style=fast) / plain == pytest.approx(1 / 1.44, abs=0.08)


def test_an_emotion_to_be_read_from_the_text_is_heard_as_neutral(engine: KokoroEngine) -> None:
    auto = Style("lan", Emotion(from_text=1.0))
    sounds = [heard(list(finish(engine, job(SHORT, style=style)))) for style in (None, auto)]
    assert sounds[0] == sounds[1]


def test_an_impossible_speed_is_brought_within_reason(engine: KokoroEngine) -> None:
    assert seconds(engine, SHORT, style=Style("lan", speed=50.0)) > 0.25


def test_a_gain_is_heard_in_decibels_and_never_clips(engine: KokoroEngine) -> None:
    plain, soft, loud = (
        np.frombuffer(
            b"".join(
                pcm.data
                for pcm in heard(list(finish(engine, job(SHORT, style=Style("yun", gain=gain)))))
            ),
            "<i2",
        ).astype(float)
        for gain in (0.0, -6.0, 24.0)
    )
    assert 20 * np.log10(np.abs(soft).max() / np.abs(plain).max()) == pytest.approx(-6.0, abs=0.1)
    assert np.abs(loud).max() <= np.ceil(Limiter.CEILING * FULL_SCALE)
    assert len(loud) == len(plain)


def test_the_job_whose_sound_is_needed_first_comes_first(engine: KokoroEngine) -> None:
    later, sooner = job(TWO, deadline=10.2), job(TWO, deadline=10.0)
    order = [item.job_id for item in finish(engine, later, sooner) if isinstance(item, Audio)]
    # After its first clause, a second of sound, the sooner one can wait for the other.
    assert order == [sooner.id, later.id, sooner.id, later.id]


def test_an_urgent_job_does_not_wait_for_the_rest_of_another(engine: KokoroEngine) -> None:
    patient, urgent = job("，".join([LONG] * 3), deadline=100.0), job(SHORT, deadline=0.0)
    engine.begin(patient)
    engine.step()
    engine.begin(urgent)
    assert {item.job_id for item in engine.step()} == {urgent.id}
    engine.cancel(patient.id)


def test_a_cancelled_job_yields_nothing_more(engine: KokoroEngine) -> None:
    dropped, kept = job(TWO), job(SHORT, deadline=100.0)
    engine.begin(dropped)
    engine.begin(kept)
    assert {item.job_id for item in engine.step()} == {dropped.id}
    engine.cancel(dropped.id)
    rest = list(engine.step())
    assert {item.job_id for item in rest} == {kept.id}
    assert engine.step() == ()


def test_cancelling_from_another_thread_ends_a_run_that_is_under_way(engine: KokoroEngine) -> None:
    dropped = job(LONG)
    engine.begin(dropped)
    cancelled: list[float] = []

    def cancel() -> None:
        cancelled.append(time.monotonic())
        engine.cancel(dropped.id)

    start = time.monotonic()
    Timer(0.1, cancel).start()
    assert engine.step() == ()
    ended = time.monotonic()
    assert cancelled and start < cancelled[0] < ended
    assert ended - cancelled[0] < 0.5  # the promise is 0.05 on an idle machine
    assert heard(list(finish(engine, job(SHORT))))


def test_cancelling_what_is_not_there_does_nothing(engine: KokoroEngine) -> None:
    engine.cancel(next(IDS))
    assert engine.step() == ()


def test_one_job_that_fails_takes_no_other_with_it(engine: KokoroEngine) -> None:
    nonsense = Style("lan", Emotion(prosody=Prosody(shift=float("nan"))))
    bad, good = job(SHORT, style=nonsense), job(SHORT, deadline=1.0)
    failed, *rest = finish(engine, bad, good)
    assert isinstance(failed, Failed) and failed.job_id == bad.id
    assert isinstance(failed.error, SynthesisFailedError)
    assert [(type(item), item.job_id) for item in rest] == [(Audio, good.id), (Finished, good.id)]


def test_a_voice_that_is_not_there_fails_its_job(engine: KokoroEngine) -> None:
    (failed,) = finish(engine, job(SHORT, style=Style("nobody")))
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, VoiceNotFoundError)


def test_english_chinese_and_both_are_spoken_in_one_breath(engine: KokoroEngine) -> None:
    assert seconds(engine, "打开 living room 的灯") > seconds(engine, "打开灯") + 0.3


def test_its_speed_on_this_machine_was_measured(engine: KokoroEngine) -> None:
    assert 0.01 < engine.real_time_factor < 20
