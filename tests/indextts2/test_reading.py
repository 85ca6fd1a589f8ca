"""The first pass, filled up and recorded: a prompt's states and keys are those it has by itself."""

from collections.abc import Iterator

import pytest
import torch
from torch import Generator, Tensor

from tests.indextts2.golden import Golden, largest_error, read_golden
from tests.indextts2.gpt import voice_net, weights_of
from tests.indextts2.test_graphs import Calling
from wyoming_indextts.indextts2.decoding import Decoder
from wyoming_indextts.indextts2.graphs import Graphs
from wyoming_indextts.indextts2.reading import LENGTHS, TextReader
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.segment import Segment
from wyoming_indextts.indextts2.voice_lm import Cache, VoiceLanguageModel

TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("gpt")


@pytest.fixture(scope="module")
def net(golden: Golden) -> VoiceLanguageModel:
    return voice_net(weights_of(golden))


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


def prompt_of(net: VoiceLanguageModel, tokens: int, *, loud: float = 1.0) -> Tensor:
    generator = Generator().manual_seed(tokens)
    return loud * torch.randn(1, tokens, net.sizes.width, generator=generator)


def prefix_of(net: VoiceLanguageModel, golden: Golden, *, loud: float = 1.0) -> Cache:
    return net.prefix(golden.tensor("latents"), golden.tensor("merged") * loud)


def read(
    reader: TextReader, net: VoiceLanguageModel, prompt: Tensor, prefix: Cache | None
) -> tuple[Tensor, Cache]:
    """Return the last state, and the cache, which held ones before."""
    cache = net.cache(1, 200)
    cache.held.fill_(1)
    return reader.read(prompt, prefix, cache), cache


def test_a_recorded_prompt_is_read_as_one_that_is_called(
    net: VoiceLanguageModel, golden: Golden
) -> None:
    """Long and short in turn, behind two prefixes: nothing of the one before is left."""
    recorder = Calling()
    recorded, called = TextReader(net, Graphs(recorder)), TextReader(net, Graphs())
    prefixes = [prefix_of(net, golden, loud=loud) for loud in (1.0, 3.0)]
    for turn, tokens in enumerate((16, 3, 33, 60, 17, 3)):
        prompt = prompt_of(net, tokens, loud=1.0 + turn % 3)
        found = read(recorded, net, prompt, prefixes[turn % 2])
        wanted = read(called, net, prompt, prefixes[turn % 2])
        assert found[0].shape == wanted[0].shape == (1, 1, net.sizes.width)
        assert largest_error(found[0], wanted[0]) <= TOLERANCE
        assert largest_error(found[1].held, wanted[1].held) <= TOLERANCE
    assert sorted(inputs[0].shape[1] for inputs in recorder.recorded) == [16, 32, 48, 64]


def test_a_cache_behind_the_prompt_is_not_touched(net: VoiceLanguageModel, golden: Golden) -> None:
    prefix = prefix_of(net, golden)
    _, cache = read(TextReader(net, Graphs(Calling())), net, prompt_of(net, 3), prefix)
    assert bool((cache.held[:, :, prefix.places + 3 :] == 1).all())


@pytest.mark.parametrize("beyond", ["the lengths", "a prefix"])
def test_what_has_no_recording_is_called(
    net: VoiceLanguageModel, golden: Golden, beyond: str
) -> None:
    recorder = Calling()
    tokens = LENGTHS[-1] + 1 if beyond == "the lengths" else 40
    prefix = prefix_of(net, golden) if beyond == "the lengths" else None
    prompt = prompt_of(net, tokens)
    found = read(TextReader(net, Graphs(recorder)), net, prompt, prefix)
    wanted = read(TextReader(net, Graphs()), net, prompt, prefix)
    assert torch.equal(found[0], wanted[0])
    assert torch.equal(found[1].held, wanted[1].held)
    assert not recorder.recorded


def test_codes_are_the_same_with_the_text_recorded(net: VoiceLanguageModel, golden: Golden) -> None:
    """The second text holds marks, so its rows read different ones."""
    recorder = Calling()
    prefix = prefix_of(net, golden)
    decoders = [Decoder(net, Sampling(), slots=2, graphs=Graphs(one)) for one in (recorder, None)]
    for text in ([5, 17, 33], [8, 0, 12, 1, 40]):
        segment = Segment(text, golden.tensor("latents"), golden.tensor("merged"), prefix)
        found, wanted = (
            list(decoder.decode(segment, max_codes=12, generator=Generator().manual_seed(1)))
            for decoder in decoders
        )
        assert [code for code, _ in found] == [code for code, _ in wanted]
        for (_, latent), (_, other) in zip(found, wanted, strict=True):
            assert largest_error(latent, other) <= TOLERANCE
    assert 16 in {inputs[0].shape[1] for inputs in recorder.recorded if inputs[0].dim() == 3}
