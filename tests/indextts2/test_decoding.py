"""Decoding a segment against the oracle: the same codes, greedy and drawn, and their latents."""

from collections.abc import Sequence

import pytest
import torch
from torch import Generator, Tensor

from tests.golden.spoken import REFERENCE
from tests.indextts2.golden import Golden, largest_error, read_golden
from tests.indextts2.gpt import VOICE, Weights, voice_net, weights_of
from wyoming_indextts.errors import SynthesisFailedError, TooLargeError
from wyoming_indextts.indextts2.decoding import decode
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.segment import Segment
from wyoming_indextts.indextts2.voice_lm import VoiceLanguageModel

TOLERANCE = 1e-5

RUNS = ("greedy", "sampled", "hot", "marked")


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("gpt")


@pytest.fixture(scope="module")
def weights(golden: Golden) -> Weights:
    return weights_of(golden)


@pytest.fixture(scope="module")
def net(weights: Weights) -> VoiceLanguageModel:
    return voice_net(weights)


def segment_of(golden: Golden, text: Sequence[int]) -> Segment:
    return Segment(text, golden.tensor("latents"), golden.tensor("merged"))


def sampling_of(golden: Golden, run: str) -> Sampling:
    facts = golden.facts["runs"][run]
    return Sampling(greedy=facts["greedy"], **{name: facts[name] for name in REFERENCE})


@torch.inference_mode()
def decoded(
    net: VoiceLanguageModel,
    golden: Golden,
    run: str,
    *,
    max_codes: int | None = None,
    training_positions: bool = False,
) -> tuple[list[int], Tensor]:
    facts = golden.facts["runs"][run]
    pairs = decode(
        net,
        segment_of(golden, facts["text"]),
        max_codes=facts["longest"] if max_codes is None else max_codes,
        sampling=sampling_of(golden, run),
        generator=Generator().manual_seed(facts["seed"]),
        training_positions=training_positions,
    )
    codes, latents = [], [torch.zeros(1, 0, VOICE.width)]
    for code, latent in pairs:
        codes.append(code)
        latents.append(latent)
    return codes, torch.cat(latents, dim=1)


@pytest.mark.parametrize("run", RUNS)
def test_codes_are_the_oracles_and_so_are_their_latents(
    golden: Golden, net: VoiceLanguageModel, run: str
) -> None:
    codes, latents = decoded(net, golden, run)
    assert codes == golden.arrays[f"{run}_codes"][0].tolist()
    assert latents.dtype == torch.float32
    assert largest_error(latents, golden.tensor(f"{run}_latents")) <= TOLERANCE


def test_the_goldens_are_long_and_some_end_by_themselves(golden: Golden) -> None:
    lengths = {run: golden.arrays[f"{run}_codes"].shape[1] for run in RUNS}
    assert lengths["greedy"] >= 100
    assert lengths["sampled"] >= 100
    assert lengths["sampled"] < golden.facts["runs"]["sampled"]["longest"]
    assert lengths["hot"] < golden.facts["runs"]["hot"]["longest"]


def test_the_stop_code_counts_as_a_draw(golden: Golden, net: VoiceLanguageModel) -> None:
    whole = golden.arrays["hot_codes"][0].tolist()
    for draws in (len(whole), len(whole) + 1):
        assert decoded(net, golden, "hot", max_codes=draws)[0] == whole
    assert decoded(net, golden, "hot", max_codes=len(whole) - 1)[0] == whole[:-1]


def test_no_draws_give_no_codes(golden: Golden, net: VoiceLanguageModel) -> None:
    for draws in (0, -100):
        assert decoded(net, golden, "greedy", max_codes=draws)[0] == []


def test_a_segment_that_stops_at_once_is_empty(golden: Golden, weights: Weights) -> None:
    bias = weights["mel_head.bias"].clone()
    bias[VOICE.stop_code] = 100
    net = voice_net({**weights, "mel_head.bias": bias})
    assert decoded(net, golden, "greedy")[0] == []


def test_codes_end_where_the_models_positions_do(golden: Golden, weights: Weights) -> None:
    bias = weights["mel_head.bias"].clone()
    bias[VOICE.stop_code] = -100
    net = voice_net({**weights, "mel_head.bias": bias})
    assert len(decoded(net, golden, "greedy", max_codes=1000)[0]) == VOICE.code_places - 1


@torch.inference_mode()
def test_positions_of_training_give_latents_of_one_pass(
    golden: Golden, net: VoiceLanguageModel
) -> None:
    codes, latents = decoded(net, golden, "sampled", training_positions=True)
    assert codes[:1] == golden.arrays["sampled_codes"][0, :1].tolist()
    assert codes != golden.arrays["sampled_codes"][0].tolist()
    text = [VOICE.start_text, *golden.facts["runs"]["sampled"]["text"], VOICE.stop_text]
    prompt = net.prompt(golden.tensor("latents"), golden.tensor("merged"), torch.tensor([text]))
    positions = torch.arange(1, len(codes)).unsqueeze(0)
    read = torch.cat((prompt, net.spoken(torch.tensor([codes[:-1]]), positions)), dim=1)
    states = net(read, net.cache(1, read.shape[1]), torch.arange(read.shape[1]).unsqueeze(0))
    assert largest_error(latents, states[:, -len(codes) :]) <= TOLERANCE


@torch.inference_mode()
def test_segments_may_be_decoded_in_turns(golden: Golden, net: VoiceLanguageModel) -> None:
    facts = golden.facts["runs"]
    under_way = {
        run: decode(
            net,
            segment_of(golden, facts[run]["text"]),
            max_codes=20,
            sampling=sampling_of(golden, run),
            generator=Generator().manual_seed(facts[run]["seed"]),
        )
        for run in RUNS
    }
    codes: dict[str, list[int]] = {run: [] for run in RUNS}
    for _ in range(20):
        for run, pairs in under_way.items():
            codes[run].append(next(pairs)[0])
    assert codes == {run: golden.arrays[f"{run}_codes"][0, :20].tolist() for run in RUNS}


@torch.inference_mode()
def test_a_segment_longer_than_the_models_positions_is_refused(
    golden: Golden, net: VoiceLanguageModel
) -> None:
    def first_code(tokens: int) -> int:
        pairs = decode(
            net,
            segment_of(golden, [5] * tokens),
            max_codes=1,
            sampling=Sampling(greedy=True),
            generator=Generator(),
        )
        return next(pairs)[0]

    assert first_code(VOICE.text_places - 2) < VOICE.codes
    with pytest.raises(TooLargeError, match="31 tokens"):
        first_code(VOICE.text_places - 1)


@torch.inference_mode()
@pytest.mark.parametrize("wrong", [torch.nan, torch.inf])
def test_values_that_are_not_numbers_fail_the_segment(
    golden: Golden, net: VoiceLanguageModel, wrong: float
) -> None:
    segment = Segment([5], golden.tensor("latents"), torch.full((1, VOICE.width), wrong))
    with pytest.raises(SynthesisFailedError, match="voice language model"):
        next(decode(net, segment, max_codes=5, sampling=Sampling(), generator=Generator()))
