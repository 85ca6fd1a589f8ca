"""What holds on a card: each test runs on the CPU in script/test, on a card in script/test-gpu.

**No card was at hand when these were written** (2026-11-28): on one they have never run.
"""

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.indextts2 import patched
from tests.indextts2.narrow_vocoder import NARROW, filtering
from tests.indextts2.test_engine import HELLO, job, sound, speak, started
from tests.process.house import until
from tests.store.newcomers import add
from wyoming_indextts.indextts2 import IndexTTS2
from wyoming_indextts.indextts2.config import read_config
from wyoming_indextts.indextts2.engine import IndexTTS2Engine
from wyoming_indextts.indextts2.memory import need
from wyoming_indextts.indextts2.options import Exercise, IndexTTS2Options
from wyoming_indextts.indextts2.plan import CONTEXT
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.indextts2.snake_choice import settled
from wyoming_indextts.indextts2.vocoding import VocoderStream
from wyoming_indextts.process.options import ProcessOptions
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.runners import INDEXTTS2

SECOND = "The door is open."

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = patched.well_behaved(tmp_path_factory.mktemp("model"))
    add(folder / "voices", "mum")
    return folder


@pytest.fixture(scope="module", params=DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    device: str = request.param
    return device


@pytest.fixture(scope="module")
def engine(folder: Path, device: str) -> IndexTTS2Engine:
    return started(folder, folder / "voices", device=device, precision="float32")


def test_the_same_words_sound_the_same_again(engine: IndexTTS2Engine) -> None:
    np.testing.assert_array_equal(sound(engine, job(1)), sound(engine, job(2)))


def test_a_neighbour_changes_nothing(engine: IndexTTS2Engine, device: str) -> None:
    """On a card the flow's steps share a run of another size, which rounds otherwise."""
    rounding = 0.0 if device == "cpu" else 1e-3
    alone = [sound(engine, job(1)), sound(engine, job(2, SECOND))]
    both = speak(engine, job(3), job(4, SECOND))
    for number, samples in zip((3, 4), alone, strict=True):
        np.testing.assert_allclose(both[number].samples, samples, rtol=0.0, atol=rounding)


def test_one_that_is_cancelled_is_not_worked_for(engine: IndexTTS2Engine) -> None:
    engine.begin(job(1))
    for _ in range(20):
        engine.step()
    counts = dict(engine.toll.counts)
    engine.cancel(1)
    assert not any(engine.step() for _ in range(20))
    assert engine.toll.counts == counts
    np.testing.assert_array_equal(sound(engine, job(2)), sound(engine, job(3)))


def test_half_precision_gives_the_same_mel(folder: Path, device: str) -> None:
    """The same codes, latents and noise: cosine at least 0.9999."""
    exact, half = (
        IndexTTS2.load(folder, device=device, dtype=dtype)
        for dtype in (torch.float32, torch.float16)
    )
    time_ = np.arange(2 * 22_050) / 22_050
    prompt = exact.enrol(0.1 * np.sin(900 * time_) * (1 + np.sin(20 * time_)), 22_050)
    (tokens,) = exact.tokenize(HELLO)
    codes, latents = exact.decode(tokens, prompt, prompt.emotion, max_codes=40, greedy=True)
    frames = codes.shape[1] * 172 // 100
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(1, 80, prompt.mel.shape[-1] + frames, generator=generator)
    mels = [one.mel(codes, latents, prompt, noise=noise, steps=10) for one in (exact, half)]
    first, second = (mel.float().flatten() for mel in mels)
    likeness = functional.cosine_similarity(first, second, dim=0)
    assert likeness >= 0.9999


def test_recorded_runs_of_the_vocoder_sound_as_those_that_are_called(
    engine: IndexTTS2Engine, device: str
) -> None:
    """The same windows, filled up and replayed, beside one call each; a card rounds in TF32."""
    rounding = 1e-5 if device == "cpu" else 1e-3
    vocoder, graphs = engine.nets.vocoder, engine.nets.graphs
    assert graphs.recording == (device == "cuda")
    chance = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        for sizes in ((33, 60, 20), (33, 61, 7), (37,)):
            mel = torch.randn(1, 80, sum(sizes), generator=chance).to(device)
            recorded, called = (
                VocoderStream(vocoder, CONTEXT, graphs),
                VocoderStream(vocoder, CONTEXT),
            )
            for piece in (pieces := mel.split(list(sizes), dim=-1)):
                found, wanted = (
                    stream.push(piece, last=piece is pieces[-1]) for stream in (recorded, called)
                )
                torch.testing.assert_close(found, wanted, rtol=0.0, atol=rounding)


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_the_kernel_of_the_activation_is_taken(
    dtype: torch.dtype, caplog: pytest.LogCaptureFixture
) -> None:
    """It compiles, is right, and its seconds are printed beside those of the form without it."""
    vocoder = filtering(NARROW).to("cuda", dtype)
    mel = torch.randn(1, 80, 100, generator=torch.Generator().manual_seed(1)).to("cuda", dtype)

    def timed() -> tuple[torch.Tensor, float]:
        for _ in range(3):
            vocoder(mel)
        torch.cuda.synchronize()
        began = time.perf_counter()
        for _ in range(20):
            wave: torch.Tensor = vocoder(mel)
        torch.cuda.synchronize()
        return wave, (time.perf_counter() - began) / 20

    with torch.inference_mode():
        wanted, before = timed()
        settled(vocoder, wanted=True)
        found, after = timed()
    print(f"\nvocoder, {dtype}: {1000 * before:.2f} ms by phases, {1000 * after:.2f} by the kernel")  # noqa: T201
    assert not caplog.records
    likeness = functional.cosine_similarity(found, wanted)
    assert float(likeness) >= 0.9999


def test_no_more_memory_is_taken_than_was_reckoned(
    folder: Path, device: str, engine: IndexTTS2Engine
) -> None:
    needed = need(read_config(folder), Dtypes.of(torch.float32), device=device)
    sound(engine, job(1, HELLO + " The window is not open, and the lights are off."))
    if device == "cuda":
        assert torch.cuda.max_memory_allocated() <= needed.speaking
    nets = engine.nets
    modules = (nets.voice, nets.dit, nets.vocoder, nets.projection, nets.regulator)
    held = sum(tensor.nbytes for net in modules for tensor in (*net.parameters(), *net.buffers()))
    assert held + nets.meanings.nbytes <= needed.weights


async def test_an_idle_engine_gives_the_card_back_and_speaks_on_as_before(
    folder: Path, device: str
) -> None:
    """The seconds of a reload are printed; what they may be is the benchmark's business."""
    options = IndexTTS2Options(
        folder,
        folder / "voices",
        device="cuda" if device == "cuda" else "cpu",
        steps=2,
        exercise=Exercise(codes_per_token=2, eager=True),
    )
    limits = ProcessOptions(step_timeout=8.0, idle_unload=0.2, prepared=True)
    async with asyncio.timeout(100), ProcessRunner(INDEXTTS2, options, limits) as runner:
        first = [pcm.data async for pcm in runner.run(job(1, SECOND))]
        await until(lambda: not runner.ready)
        began = time.perf_counter()
        second = [pcm.data async for pcm in runner.run(job(2, SECOND))]
        print(f"\nreload, and a sentence: {time.perf_counter() - began:.2f} s")  # noqa: T201
    assert b"".join(first)
    assert len(b"".join(second)) == len(b"".join(first))
