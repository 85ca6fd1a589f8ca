"""The memory that is needed, reckoned by sizes; and what an engine really holds, as a CPU shows."""

import gc
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.indextts2 import config_files, patched
from tests.indextts2.test_engine import ANGRY, HELLO, job, speak, started
from tests.store.newcomers import add
from wyoming_indextts.indextts2.config import SPEAKER_LATENTS, Config, read_config
from wyoming_indextts.indextts2.decoding import PLACES, slots_for
from wyoming_indextts.indextts2.enrolment import EnrolmentNets, enrol
from wyoming_indextts.indextts2.loading import load_model
from wyoming_indextts.indextts2.memory import GIGABYTE, LONGEST, TEXT, need
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.speech.engine import Style

SINGLE, HALF = Dtypes.of(torch.float32), Dtypes.of(torch.float16)


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("official")
    return read_config(config_files.write(folder, config_files.shipped()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = patched.well_behaved(tmp_path_factory.mktemp("model"))
    add(folder / "voices", "mum")
    return folder


def test_one_utterance_fits_a_card_of_four_gigabytes(official: Config) -> None:
    """Issue 8: at most 3.2 GB in half precision."""
    needed = need(official, HALF)
    assert 1.2 * GIGABYTE < needed.weights < 1.6 * GIGABYTE
    assert needed.speaking <= 3.2 * GIGABYTE


def test_the_largest_net_that_enrols_does_not_fit_beside_it(official: Config) -> None:
    """So on a card of 4 GB, of which 3.7 are free, voices are enrolled on the CPU."""
    needed = need(official, HALF)
    assert not needed.enrols_beside(round(3.7 * GIGABYTE))
    assert needed.enrols_beside(round(5.5 * GIGABYTE))


def test_what_is_lacking_is_said_in_words(official: Config) -> None:
    needed = need(official, HALF)
    assert needed.short_of(4 * GIGABYTE) == ""
    assert "1.50 GB are free" in needed.short_of(round(1.5 * GIGABYTE))
    assert not needed.fits(round(1.5 * GIGABYTE))
    assert needed.fits(round(2.2 * GIGABYTE))


def test_more_slots_take_more_cache_and_nothing_else(official: Config) -> None:
    one, four = need(official, HALF), need(official, HALF, slots=4)
    assert four == replace(one, cache=4 * one.cache)
    alone = need(official, HALF, rows=1)
    assert 2 * alone.cache == one.cache


def test_int8_halves_the_language_model(official: Config) -> None:
    half, whole = need(official, HALF, int8=True), need(official, HALF)
    assert 0.5 * whole.language_model < half.language_model < 0.55 * whole.language_model
    assert half == replace(whole, language_model=half.language_model)


@pytest.mark.parametrize(("gigabytes", "slots"), [(4, 1), (8, 2), (12, 3), (24, 6), (141, 16)])
def test_a_card_of_that_size_decodes_so_many_sentences_at_once(
    official: Config, gigabytes: int, slots: int
) -> None:
    memory = gigabytes * 2**30
    assert slots_for(official.voice, torch.float16, memory) == slots
    assert need(official, HALF, slots=slots).speaking <= 0.92 * memory
    assert slots_for(official.voice, torch.float16, None) == 1


def test_the_longest_sentence_has_room_in_the_cache(official: Config) -> None:
    """As the batch of its length has it, which a card keeps beside the usual one."""
    longest = SPEAKER_LATENTS + 2 + TEXT + LONGEST
    assert longest <= PLACES[-1]
    alone = need(official, HALF, rows=1)
    assert alone.cache == sum(PLACES) * official.voice.place_bytes(torch.float16)


def test_the_parts_make_up_the_whole(official: Config) -> None:
    needed = need(official, SINGLE, device="cpu")
    assert (needed.graphs, needed.cuda) == (0, 0)
    assert needed.speaking == needed.weights + needed.cache + needed.activations
    assert f"{needed.speaking / GIGABYTE:.2f} GB" in needed.told()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_nets_that_are_loaded_are_as_large_as_was_reckoned(
    folder: Path, dtype: torch.dtype
) -> None:
    needed = need(read_config(folder), Dtypes.of(dtype), device="cpu")
    speaking = load_model(folder, device=torch.device("cpu"), dtypes=Dtypes.of(dtype)).speaking
    assert _bytes(speaking.voice) == needed.language_model
    assert _bytes(speaking.dit) == needed.flow
    assert _bytes(speaking.vocoder) == needed.vocoder
    small = _bytes(speaking.projection) + _bytes(speaking.regulator)
    assert small + speaking.meanings.nbytes == needed.small_nets


def test_of_the_nets_that_enrol_one_is_there_at_a_time(folder: Path) -> None:
    """Each is loaded when its turn comes, and nobody holds the one before."""
    nets = load_model(folder, device=torch.device("cpu"), dtypes=SINGLE).enrolment
    largest = need(read_config(folder), SINGLE).enrolling
    held: list[int] = []

    def watched(name: str) -> nn.Module:
        gc.collect()
        net: nn.Module = getattr(nets, name)()
        held.append(sum(_bytes(one) for one in _enrolling()))
        return net

    names = ("w2v_bert", "codec", "campplus", "speaker", "emotion", "regulator")
    loaders = {name: (lambda name=name: watched(name)) for name in names}
    wave = 0.1 * np.sin(np.arange(22_050) / 20).astype(np.float32)
    enrol(wave, 22_050, EnrolmentNets(scale=nets.scale, **loaders))  # type: ignore[arg-type] # by name
    assert len(held) == len(names)
    gc.collect()
    assert sum(_bytes(one) for one in _enrolling()) == 0
    assert max(held) <= 1.2 * largest


def test_many_requests_leave_the_memory_as_it_was(folder: Path) -> None:
    """Long and short, in two emotions, finished and cancelled: what they had is given back."""
    engine = started(folder, folder / "voices", steps=1)
    texts = ("Yes.", HELLO, "The door is open, and the window is not.")
    styles = (Style("mum"), Style("mum", ANGRY))
    number, after = 0, list[int]()
    for _ in range(5):
        for _ in range(30):
            number += 1
            one = job(number, texts[number % 3], styles[number % 2])
            if number % 20:
                engine.begin(one)
                for _ in range(number % 7):
                    engine.step()
                engine.cancel(number)
            else:
                assert speak(engine, one)[number].finished
        gc.collect()
        after.append(_resident())
    assert after[-1] - after[1] < 16 * 2**20
    engine.close()


def _bytes(net: nn.Module) -> int:
    return sum(tensor.nbytes for tensor in (*net.parameters(), *net.buffers()))


def _enrolling() -> Iterator[nn.Module]:
    """Yield the nets that enrol and are alive, by their classes."""
    kinds = {"W2vBert", "RepCodec", "CampPlus", "Conditioner", "EmotionListener"}
    inside = set[int]()
    alive = [one for one in gc.get_objects() if issubclass(type(one), nn.Module)]
    named = [one for one in alive if type(one).__name__ in kinds]
    for one in named:
        inside.update(id(part) for part in one.modules() if part is not one)
    yield from (one for one in named if id(one) not in inside)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
