"""What clips tell the voice language model, against the oracle: latents and emotion vectors."""

import pytest
import torch

from tests.indextts2.golden import Golden, largest_error, official, read_golden, unnoticed
from tests.indextts2.gpt import (
    EMOTION,
    SPEAKER,
    Weights,
    emotion_net,
    features,
    speaker_net,
    starting,
    weights_of,
)
from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.conditioning import SPEAKER_PREFIXES, SPEAKER_TABLE
from wyoming_indextts.indextts2.conformer import ConformerSizes
from wyoming_indextts.indextts2.emotion import EMOTION_PREFIXES, EMOTION_TABLE, between
from wyoming_indextts.indextts2.perceiver import PerceiverSizes

TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("gpt")


@pytest.fixture(scope="module")
def weights(golden: Golden) -> Weights:
    return weights_of(golden)


@torch.inference_mode()
def test_the_speakers_latents_are_the_oracles(golden: Golden, weights: Weights) -> None:
    found = speaker_net(weights, SPEAKER)(features(golden, "speaker", 57))
    assert largest_error(found, golden.tensor("latents")) <= TOLERANCE


@torch.inference_mode()
def test_the_emotion_heard_in_a_clip_is_the_oracles(golden: Golden, weights: Weights) -> None:
    net = emotion_net(weights, EMOTION)
    own, other = (net(features(golden, *clip)) for clip in (("speaker", 57), ("emotional", 44)))
    assert largest_error(own, golden.tensor("own")) <= TOLERANCE
    assert largest_error(other, golden.tensor("other")) <= TOLERANCE
    assert largest_error(between(own, other, 0.6), golden.tensor("merged")) <= TOLERANCE


@torch.inference_mode()
def test_a_change_of_any_tensor_of_the_speakers_net_is_noticed(
    golden: Golden, weights: Weights
) -> None:
    net, clip = speaker_net(weights, SPEAKER), features(golden, "speaker", 57)
    wanted = golden.tensor("latents")
    missed = unnoticed(
        net,
        SPEAKER_TABLE,
        starting(weights, SPEAKER_PREFIXES),
        lambda: largest_error(net(clip), wanted) > TOLERANCE,
    )
    assert missed == without_meaning("conditioning_encoder", blocks=2)


@torch.inference_mode()
def test_a_change_of_any_tensor_of_the_emotion_net_is_noticed(
    golden: Golden, weights: Weights
) -> None:
    net, clip = emotion_net(weights, EMOTION), features(golden, "emotional", 44)
    wanted = golden.tensor("other")
    missed = unnoticed(
        net,
        EMOTION_TABLE,
        starting(weights, EMOTION_PREFIXES),
        lambda: largest_error(net(clip), wanted) > TOLERANCE,
    )
    assert missed == without_meaning("emo_conditioning_encoder", blocks=1)


def without_meaning(encoder: str, *, blocks: int) -> set[str]:
    """Return the biases of keys: they raise all scores of a query alike, which softmax undoes."""
    return {f"{encoder}.encoders.{block}.self_attn.linear_k.bias" for block in range(blocks)}


@torch.inference_mode()
def test_clips_of_a_batch_do_not_know_of_each_other(golden: Golden, weights: Weights) -> None:
    clip = features(golden, "speaker", 57)
    clips = torch.cat((clip, clip.flip(1)))
    for net in (speaker_net(weights, SPEAKER), emotion_net(weights, EMOTION)):
        alone = torch.cat([net(one.unsqueeze(0)) for one in clips])
        assert largest_error(net(clips), alone) <= TOLERANCE


def test_the_official_file_is_accepted() -> None:
    with torch.device("meta"):
        tensors = {name: torch.empty(shape) for name, shape in official("gpt").items()}
    speaker_net(tensors, (ConformerSizes(512, 2048, 8, 6), PerceiverSizes(512, 1280, 8, 32, 2)))
    emotion_net(
        tensors, (ConformerSizes(512, 1024, 4, 4), PerceiverSizes(512, 1024, 4, 1, 2), 1280)
    )


@pytest.mark.parametrize(
    "name",
    [
        "conditioning_encoder.embed.pos_enc.pe",
        "conditioning_encoder.encoders.1.self_attn.pos_bias_u",
        "perceiver_encoder.norm.gamma",
    ],
)
def test_a_tensor_that_is_missing_renamed_or_misshapen_is_named(
    weights: Weights, name: str
) -> None:
    missing = {n: t for n, t in weights.items() if n != name}
    for wrong in (
        missing,
        missing | {f"{name}s": weights[name]},
        {**weights, name: weights[name][..., :-1]},
        {**weights, f"{name}.more": weights[name]},
    ):
        with pytest.raises(WeightsCorruptError, match=name):
            speaker_net(wrong, SPEAKER)
