"""Segments decoded together: each has the codes and latents that it has alone, bit for bit."""

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import TypeAlias

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor

from tests.indextts2.golden import Golden, read_golden
from tests.indextts2.gpt import VOICE, voice_net, weights_of
from tests.indextts2.test_graphs import Calling
from wyoming_indextts.errors import SynthesisFailedError
from wyoming_indextts.indextts2.decoding import AHEAD, Decoder
from wyoming_indextts.indextts2.graphs import Graphs, Replay, Step
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.segment import Segment
from wyoming_indextts.indextts2.voice_lm import VoiceLanguageModel

TEXTS = ([5, 17, 33], [7, 30, 11, 26, 2, 2, 9], [8, 0, 12, 1, 40], [3])
"""The third holds marks, so that its rows read different texts."""

SLOTS = 3
CODES = 20

Given: TypeAlias = list[tuple[int, Tensor]]
"""Codes and their latents."""


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("gpt")


@pytest.fixture(scope="module")
def nets(golden: Golden) -> dict[torch.dtype, VoiceLanguageModel]:
    weights = weights_of(golden)
    weights["mel_head.bias"][VOICE.stop_code] += 3  # most segments end by themselves, not all
    return {
        dtype: voice_net({name: tensor.to(dtype) for name, tensor in weights.items()})
        for dtype in (torch.float32, torch.bfloat16)
    }


@pytest.fixture(scope="module")
def known() -> dict[tuple[torch.dtype, str, int], Given]:
    """Return what segments give alone, so far."""
    return {}


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@dataclass
class Crowd:
    """Segments of one decoder, by number: what each has given so far."""

    net: VoiceLanguageModel
    golden: Golden
    decoder: Decoder
    under_way: dict[int, Iterator[tuple[int, Tensor]]] = field(default_factory=dict)
    given: dict[int, Given] = field(default_factory=dict)

    def join(self, number: int, *, longest: int = CODES, loud: float = 1.0) -> None:
        emotion = self.golden.tensor("merged") * loud * (1 + number % 3)
        weight = self.net.norm.weight
        text = TEXTS[number % len(TEXTS)]
        self.given[number] = []
        self.under_way[number] = self.decoder.decode(
            Segment(text, self.golden.tensor("latents").to(weight), emotion.to(weight)),
            max_codes=longest,
            generator=Generator().manual_seed(number),
        )

    def ask(self, number: int) -> bool:
        """Have a segment give its next code; return whether there was one."""
        pair = next(self.under_way[number], None)
        if pair is not None:
            self.given[number].append(pair)
        return pair is not None

    def finish(self, number: int) -> None:
        while self.ask(number):
            pass
        del self.under_way[number]

    def codes(self, number: int) -> list[int]:
        return [code for code, _ in self.given[number]]


WAYS = {"as on a CPU": (0, 1), "as on a card": (1, 5), "a step behind": (1, 1)}
"""How a decoder goes on: its lag, and the draws whose noise it makes at once."""


def crowd(
    net: VoiceLanguageModel,
    golden: Golden,
    *,
    way: str = "as on a CPU",
    slots: int = SLOTS,
    graphs: Graphs | None = None,
) -> Crowd:
    lag, block = WAYS[way]
    sampling = Sampling(temperature=1.2)
    decoder = Decoder(net, sampling, slots=slots, graphs=graphs, lag=lag, block=block)
    return Crowd(net, golden, decoder)


def alone(net: VoiceLanguageModel, golden: Golden, number: int, way: str) -> Given:
    one = crowd(net, golden, way=way)
    one.join(number)
    one.finish(number)
    return one.given[number]


def same(found: Given, wanted: Given) -> bool:
    """Return whether codes and latents are the same, bit for bit."""
    return [code for code, _ in found] == [code for code, _ in wanted] and all(
        torch.equal(one, other) for (_, one), (_, other) in zip(found, wanted, strict=True)
    )


MOVES = st.lists(
    st.tuples(st.sampled_from(("ask", "ask", "ask", "ask", "join", "drop")), st.integers(0, 5)),
    min_size=20,
    max_size=60,
)


@pytest.mark.parametrize("way", ["as on a CPU", "as on a card"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@given(moves=MOVES)
@settings(max_examples=8)
def test_whoever_comes_and_goes_a_segments_codes_are_those_it_has_alone(
    golden: Golden,
    nets: dict[torch.dtype, VoiceLanguageModel],
    known: dict[tuple[torch.dtype, str, int], Given],
    dtype: torch.dtype,
    way: str,
    moves: list[tuple[str, int]],
) -> None:
    with torch.inference_mode():
        together = crowd(nets[dtype], golden, way=way)
        joined = 0
        for move, number in moves:
            waiting = sorted(together.under_way)
            if move == "join" or not waiting:
                together.join(joined)
                joined += 1
            elif move == "drop":
                del together.under_way[waiting[number % len(waiting)]]
            else:
                together.ask(waiting[number % len(waiting)])
        for number in sorted(together.under_way):
            together.finish(number)
        for number, given_ in together.given.items():
            key = (dtype, way, number)
            if key not in known:
                known[key] = alone(nets[dtype], golden, number, way)
            assert same(given_, known[key][: len(given_)])


@dataclass
class Counting(Calling):
    """Counts the steps that are replayed."""

    steps: int = 0

    def record(self, step: Step, inputs: Sequence[Tensor]) -> Replay:
        replay = super().record(step, inputs)

        def counted() -> tuple[Tensor, ...]:
            self.steps += 1
            return replay()

        return counted


def test_a_host_that_is_a_step_behind_gets_the_same_codes(
    golden: Golden, nets: dict[torch.dtype, VoiceLanguageModel]
) -> None:
    net = nets[torch.float32]
    lengths = set[int]()
    for number in range(12):
        behind = crowd(net, golden, way="a step behind")
        for one in (number, number + 100):
            behind.join(one)
            behind.ask(one)
        behind.finish(number + 100)
        behind.finish(number)
        assert same(behind.given[number], alone(net, golden, number, "as on a CPU"))
        lengths.add(len(behind.given[number]))
    assert len(lengths) > 3


def test_a_segment_that_grows_out_of_its_places_is_what_it_is_alone(golden: Golden) -> None:
    torch.manual_seed(2)
    net = VoiceLanguageModel(replace(VOICE, code_places=400))
    for table in (net.texts, net.text_places, net.codes, net.code_places, net.speeds):
        torch.nn.init.normal_(table.weight)
    net.head.bias[VOICE.stop_code] = -100
    wanted = {}
    for number in (0, 1):
        one = crowd(net, golden)
        one.join(number, longest=300)
        one.finish(number)
        wanted[number] = one.given[number]
    together = crowd(net, golden)
    for number, codes in ((0, 220), (1, 300)):
        together.join(number, longest=300)
        for _ in range(codes):
            together.ask(number)
    together.finish(0)
    assert len(together.given[0]) == 300
    for number in (0, 1):
        assert same(together.given[number], wanted[number])


@pytest.mark.parametrize("way", ["as on a CPU", "as on a card"])
def test_a_recorded_step_gives_what_the_step_gives(
    golden: Golden, nets: dict[torch.dtype, VoiceLanguageModel], way: str
) -> None:
    net = nets[torch.float32]
    recorder = Counting()
    recorded, called = (
        crowd(net, golden, way=way, graphs=graphs) for graphs in (Graphs(recorder), None)
    )
    for one in (recorded, called):
        for number in range(3):
            one.join(number)
            one.ask(number)
        for number in range(3):
            one.finish(number)
    for number in range(3):
        assert same(recorded.given[number], called.given[number])
    assert recorder.steps
    assert len(recorder.recorded) == 1


def test_what_cannot_be_recorded_is_decoded_all_the_same(
    golden: Golden, nets: dict[torch.dtype, VoiceLanguageModel]
) -> None:
    net = nets[torch.float32]
    one = crowd(net, golden, way="as on a card", graphs=Graphs(Calling(fails=True)))
    one.join(1)
    one.finish(1)
    assert same(one.given[1], alone(net, golden, 1, "as on a card"))


@pytest.mark.parametrize("way", ["as on a CPU", "as on a card"])
def test_one_step_serves_all_who_wait_but_nobody_gets_far_ahead(golden: Golden, way: str) -> None:
    net, recorder = voice_net(weights_of(golden)), Counting()  # none of its segments ends so soon
    together = crowd(net, golden, way=way, graphs=Graphs(recorder))
    for number in (0, 1):
        together.join(number)
        together.ask(number)
    for _ in range(CODES // 2):
        together.ask(0)
    done = recorder.steps
    for _ in range(AHEAD):
        together.ask(1)
    assert recorder.steps == done
    together.ask(1)
    assert recorder.steps == done + 1 + WAYS[way][0]


def test_more_segments_than_slots_are_decoded_in_batches(
    golden: Golden, nets: dict[torch.dtype, VoiceLanguageModel]
) -> None:
    net = nets[torch.float32]
    recorder = Counting()
    together = crowd(net, golden, graphs=Graphs(recorder))
    numbers = range(SLOTS + 1)
    for number in numbers:
        together.join(number)
        together.ask(number)
        together.ask(number)
    assert len(recorder.recorded) == 2
    for number in numbers:
        together.finish(number)
        assert same(together.given[number], alone(net, golden, number, "as on a CPU"))


def test_the_memory_of_those_that_have_ended_is_let_go_of(
    golden: Golden, nets: dict[torch.dtype, VoiceLanguageModel]
) -> None:
    def caches() -> int:
        gc.collect()
        places = {512, 1024, 2048}
        return sum(
            type(held) is Tensor and held.dim() == 6 and held.shape[2] in places
            for held in gc.get_objects()
        )

    together = crowd(nets[torch.float32], golden)
    before = caches()
    for number in range(SLOTS + 1):
        together.join(number)
        together.ask(number)
    assert caches() == before + 2
    del together.under_way[0]
    for number in (1, 2, 3):
        together.finish(number)
    assert caches() == before


def test_what_is_no_number_fails_its_segment_alone_and_leaves_nothing_behind(
    golden: Golden, nets: dict[torch.dtype, VoiceLanguageModel]
) -> None:
    net = nets[torch.float32]
    together = crowd(net, golden)
    together.join(0)
    together.ask(0)
    for _ in range(2):
        together.join(1, loud=torch.nan)
        with pytest.raises(SynthesisFailedError, match="voice language model"):
            together.ask(1)
        together.ask(0)
        together.join(2, longest=4)  # has the slot of the one that failed
        together.finish(2)
        assert same(together.given[2], alone(net, golden, 2, "as on a CPU")[:4])
    together.finish(0)
    assert same(together.given[0], alone(net, golden, 0, "as on a CPU"))


def test_a_segment_may_be_dropped_by_another_thread(
    golden: Golden, nets: dict[torch.dtype, VoiceLanguageModel]
) -> None:
    net = nets[torch.float32]
    together = crowd(net, golden)
    for number in range(SLOTS):
        together.join(number)
        together.ask(number)
    thread = Thread(target=together.under_way.pop, args=(1,))
    thread.start()
    thread.join()
    together.join(3)
    for number in (0, 2, 3):
        together.finish(number)
        assert same(together.given[number], alone(net, golden, number, "as on a CPU"))
