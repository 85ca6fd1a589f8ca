"""The speaker: text to sound as it arrives, taking turns, stopped at once."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator

import pytest

from tests.house import casting, pieces, speaking
from tests.tone import CHARACTER, ToneEngine
from wyoming_indextts.errors import (
    BusyError,
    InterruptedSpeechError,
    ShutdownError,
    SynthesisFailedError,
    VoiceNotFoundError,
)
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.request import Request
from wyoming_indextts.speech.speaker import (
    FRAME,
    MARGIN,
    NOTHING,
    Course,
    Speaker,
    SpeakerOptions,
)
from wyoming_indextts.speech.stage import Delivery

ANY = Request("test")


async def heard(speaker: Speaker, text: AsyncIterable[str], request: Request = ANY) -> list[Pcm]:
    async with asyncio.timeout(10), speaker.speak(text, request) as sound:
        return [pcm async for pcm in sound]


def seconds(frames: list[Pcm]) -> float:
    return sum(pcm.seconds for pcm in frames)


class Typist:
    """Text that somebody is still writing."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()

    def write(self, piece: str | None) -> None:
        """Add a piece; None is the end."""
        self._pieces.put_nowait(piece)

    async def __aiter__(self) -> AsyncIterator[str]:
        while (piece := await self._pieces.get()) is not None:
            yield piece


async def test_a_text_is_spoken_sentence_by_sentence_in_short_runs() -> None:
    engine = ToneEngine()
    async with speaking(engine) as speaker:
        frames = await heard(speaker, pieces("你好。早上好。"))
    assert engine.said == "你好。|早上好。"
    assert max(pcm.seconds for pcm in frames) <= FRAME
    spoken = CHARACTER * len("你好。早上好。")
    assert spoken + 0.1 < seconds(frames) < spoken + 1.0, "a pause stands between sentences"


async def test_the_first_sentence_sounds_before_the_second_is_written() -> None:
    text = Typist()
    async with asyncio.timeout(5), speaking(ToneEngine()) as speaker:
        text.write("你好。")
        async with speaker.speak(text, ANY) as sound:
            await anext(sound)
            text.write("再见。")
            text.write(None)
            assert seconds([pcm async for pcm in sound]) > CHARACTER * 5


@pytest.mark.parametrize("nothing", ["", " ", "...", "🙂", "\u200b", "**", "[happy]", "\n\n"])
async def test_a_text_without_anything_to_say_is_a_moment_of_silence(nothing: str) -> None:
    engine = ToneEngine()
    async with speaking(engine) as speaker:
        frames = await heard(speaker, pieces(nothing))
    assert seconds(frames) == pytest.approx(NOTHING)
    assert not any(b"".join(pcm.data for pcm in frames))
    assert not engine.jobs


async def test_an_emotion_changed_on_the_stage_is_heard_from_the_next_sentence_on() -> None:
    engine, cast, text = ToneEngine(), casting(), Typist()
    async with asyncio.timeout(5), speaking(engine, cast=cast) as speaker:
        async with speaker.speak(text, ANY) as sound:
            text.write("一。")
            await anext(sound)
            cast.stage.change(Delivery(emotion="happy"))
            text.write("二。")
            text.write(None)
            assert [pcm async for pcm in sound]
    happy = [job.style.emotion.weights[0] for job in engine.jobs]
    assert happy == pytest.approx([0.0, 0.8])


async def test_live_speech_is_begun_no_earlier_than_it_must_be() -> None:
    engine, said = ToneEngine(), [ANY]
    sentence = "a" * round((MARGIN + 0.3) / CHARACTER) + ". "
    course = Course(lambda: said[-1], lambda _text, _at: None, live=True)
    async with asyncio.timeout(10), speaking(engine) as speaker:
        async with speaker.speak(pieces(sentence * 3), ANY, course) as sound:
            for _ in range(len(sentence) // 3):
                await anext(sound)
            assert len(engine.jobs) == 1, "however fast the engine is"
            said.append(Request("test", emotion="happy"))
            assert [pcm async for pcm in sound]
    happy = [job.style.emotion.weights[0] for job in engine.jobs]
    assert happy == pytest.approx([0.0, 0.8, 0.8])


async def test_live_speech_waits_without_a_place_in_front_of_the_engine() -> None:
    sentence = "a" * round((MARGIN + 0.5) / CHARACTER) + ". "
    course = Course(lambda: ANY, lambda _text, _at: None, live=True)
    options = SpeakerOptions(speaking=1)
    async with asyncio.timeout(10), speaking(ToneEngine(), options=options) as speaker:
        async with speaker.speak(pieces(sentence * 9), ANY, course) as sound:
            await anext(sound)
            assert await heard(speaker, pieces("b."))


async def test_a_tag_in_the_text_changes_the_emotion_where_it_stands() -> None:
    engine = ToneEngine()
    async with speaking(engine) as speaker:
        await heard(speaker, pieces("你好。[hap", "py]太好了！[/happy]再见。"))
    assert [(job.style.emotion.weights[0] > 0) for job in engine.jobs] == [False, True, False]


async def test_a_break_in_the_text_is_silence_of_its_length() -> None:
    async with speaking(ToneEngine()) as speaker:
        text = pieces('<speak>一二三四<break time="1500ms"/>五六七八</speak>')
        frames = await heard(speaker, text)
    assert seconds(frames) == pytest.approx(8 * CHARACTER + 1.5, abs=0.01)


async def test_a_speaker_that_swallows_the_first_syllable_gets_silence_in_front() -> None:
    options = SpeakerOptions(lead_in={"kitchen": 0.25})
    async with speaking(ToneEngine(), options=options) as speaker:
        plain = seconds(await heard(speaker, pieces("你好")))
        led = seconds(await heard(speaker, pieces("你好"), Request("kitchen")))
    assert led - plain == pytest.approx(0.25)


async def test_one_caller_too_many_is_told_busy_and_the_rest_are_served() -> None:
    options = SpeakerOptions(speaking=1, waiting=1)
    async with speaking(ToneEngine(pace=0.002), options=options) as speaker:
        results = await asyncio.gather(
            *(heard(speaker, pieces("十个字的一句话在这里")) for _ in range(3)),
            return_exceptions=True,
        )
    assert [type(result) for result in results].count(BusyError) == 1
    assert [type(result) for result in results].count(list) == 2


async def test_an_open_stream_without_text_takes_nobodys_place() -> None:
    options = SpeakerOptions(speaking=1, waiting=1)
    stalled = Typist()
    async with asyncio.timeout(5), speaking(ToneEngine(), options=options) as speaker:
        stalled.write("开头。")
        async with speaker.speak(stalled, ANY) as paused:
            await anext(paused)
            assert await heard(speaker, pieces("别人"))
            stalled.write("结尾。")
            stalled.write(None)
            assert [pcm async for pcm in paused]


async def test_a_short_request_is_heard_before_a_long_one_ends() -> None:
    engine = ToneEngine(pace=0.002)
    async with asyncio.timeout(10), speaking(engine) as speaker:
        async with speaker.speak(pieces("很长的一句话。" * 20), ANY) as long_one:
            await anext(long_one)
            assert await heard(speaker, pieces("短"))
            assert len(speaker.live) == 1
            assert len(engine.jobs) < 20


async def test_leaving_stops_the_engine_within_a_step() -> None:
    engine = ToneEngine(pace=0.005)
    async with asyncio.timeout(5), speaking(engine) as speaker:
        async with speaker.speak(pieces("一句很长很长的话" * 10), ANY) as sound:
            await anext(sound)
        steps = engine.steps
        await heard(speaker, pieces("二"))
    assert engine.steps <= steps + 2


async def test_interruption_by_source_leaves_the_others_alone() -> None:
    async with asyncio.timeout(5), speaking(ToneEngine(pace=0.002)) as speaker:
        async with (
            speaker.speak(pieces("第一句话。" * 9), Request("kitchen")) as kitchen,
            speaker.speak(pieces("第一句话。"), Request("bath")) as bath,
        ):
            await anext(kitchen)
            assert speaker.interrupt(source="kitchen") == 1
            with pytest.raises(InterruptedSpeechError):
                await anext(kitchen)
            assert [pcm async for pcm in bath]


async def test_interruption_of_one_utterance_and_of_all() -> None:
    async with asyncio.timeout(5), speaking(ToneEngine(pace=0.002)) as speaker:
        async with (
            speaker.speak(pieces("第一句话。" * 9), Request("a")) as one,
            speaker.speak(pieces("第一句话。" * 9), Request("b")) as other,
        ):
            number = next(number for number, source in speaker.live.items() if source == "a")
            assert speaker.interrupt(utterance=number) == 1
            with pytest.raises(InterruptedSpeechError):
                await anext(one)
            assert speaker.interrupt(reason=ShutdownError("the server is going down")) == 2
            with pytest.raises(ShutdownError):
                await anext(other)


async def test_a_voice_that_is_not_there_is_refused_before_any_text_is_read() -> None:
    async with speaking(ToneEngine()) as speaker:
        with pytest.raises(VoiceNotFoundError):
            await heard(speaker, Typist(), Request("test", voice="carol"))


async def test_what_was_made_before_a_failure_is_heard_and_then_the_error() -> None:
    async with speaking(ToneEngine(fails_on="坏")) as speaker:
        frames: list[Pcm] = []
        with pytest.raises(SynthesisFailedError):
            async with speaker.speak(pieces("好的一句。坏的一句。"), ANY) as sound:
                async for pcm in sound:
                    frames.append(pcm)
        assert seconds(frames) == pytest.approx(CHARACTER * len("好的一句。"))
        assert await heard(speaker, pieces("好"))


async def test_a_machine_slower_than_real_time_leaves_no_gap() -> None:
    engine = ToneEngine(pace=CHARACTER * 1.5)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(20), speaking(engine) as speaker:
        async with speaker.speak(pieces("一句话。" * 6), ANY) as sound:
            begun, ahead, worst = 0.0, 0.0, 0.0
            async for pcm in sound:
                begun = begun or loop.time()
                worst = max(worst, loop.time() - begun - ahead)
                ahead += pcm.seconds
    assert engine.steps == 24
    assert worst < 0.1, "the listener never waited longer than a frame"
