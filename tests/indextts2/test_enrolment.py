"""Enrolment, from a wave to all that the model needs to know of a voice, against the oracle's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar
from weakref import ReferenceType, ref

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.golden.speech_like import speech_like
from tests.indextts2.golden import Golden, largest_error, read_golden
from wyoming_indextts.errors import BadRequestError, WeightsCorruptError
from wyoming_indextts.indextts2.campplus import CAMPPLUS_TABLE, CampPlus
from wyoming_indextts.indextts2.conditioning import SPEAKER_TABLE, Conditioner
from wyoming_indextts.indextts2.conformer import ConformerSizes
from wyoming_indextts.indextts2.emotion import EMOTION_TABLE, EmotionListener
from wyoming_indextts.indextts2.enrolment import (
    EnrolmentNets,
    FeatureScale,
    emotion_of,
    emotion_of_features,
    enrol,
)
from wyoming_indextts.indextts2.length_regulator import (
    LENGTH_REGULATOR_TABLE,
    LengthRegulator,
    RegulatorSizes,
)
from wyoming_indextts.indextts2.perceiver import PerceiverSizes
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.repcodec import REPCODEC_TABLE, RepCodec, RepCodecSizes
from wyoming_indextts.indextts2.tensors import Table, adopt
from wyoming_indextts.indextts2.w2v_bert import (
    W2V_BERT_TABLE,
    W2vBert,
    W2vBertSizes,
    read_w2v_bert_sizes,
)

Net = TypeVar("Net", bound=nn.Module)


class Shelf:
    """Loads nets from the golden's checkpoints and watches that one is gone before the next."""

    def __init__(self, golden: Golden) -> None:
        self.loaded: list[str] = []
        self._weights = {part: golden.weights(part) for part in golden.facts["shapes"]}
        self._last: ReferenceType[nn.Module] | None = None

    def loader(
        self, part: str, table: Table, make: Callable[[], Net], *prefixes: str
    ) -> Callable[[], Net]:
        tensors = self._below(part, prefixes)

        def load() -> Net:
            assert self._last is None or self._last() is None, "two nets at a time"
            with torch.device("meta"):
                net = make()
            adopt(net, table, tensors, file=part)
            self.loaded.append(type(net).__name__)
            self._last = ref(net)
            return net

        return load

    def _below(self, part: str, prefixes: tuple[str, ...]) -> Mapping[str, Tensor]:
        found = self._weights[part].items()
        return {name: t for name, t in found if name.startswith(prefixes or ("",))}


def clip_sizes(
    golden: Golden, module: str, width: int, latents: int
) -> tuple[ConformerSizes, PerceiverSizes]:
    told = golden.facts["gpt"][module]
    inner, heads = told["output_size"], told["attention_heads"]
    return (
        ConformerSizes(inner, told["linear_units"], heads, told["num_blocks"]),
        PerceiverSizes(inner, width, heads, latents, told["perceiver_mult"]),
    )


def nets_of(golden: Golden, shelf: Shelf) -> EnrolmentNets:
    facts, width = golden.facts, golden.facts["gpt"]["model_dim"]
    speaker = clip_sizes(golden, "condition_module", width, 32)
    emotion = clip_sizes(golden, "emo_condition_module", 1024, 1)
    return EnrolmentNets(
        w2v_bert=shelf.loader(
            "w2v_bert", W2V_BERT_TABLE, lambda: W2vBert(read_w2v_bert_sizes(facts["w2v_bert"]))
        ),
        scale=FeatureScale.of({"mean": golden.tensor("mean"), "var": golden.tensor("var")}),
        codec=shelf.loader(
            "codec", REPCODEC_TABLE, lambda: RepCodec(RepCodecSizes(**facts["codec"]))
        ),
        campplus=shelf.loader("campplus", CAMPPLUS_TABLE, CampPlus),
        speaker=shelf.loader(
            "gpt",
            SPEAKER_TABLE,
            lambda: Conditioner(*speaker),
            "conditioning_encoder.",
            "perceiver_encoder.",
        ),
        emotion=shelf.loader(
            "gpt", EMOTION_TABLE, lambda: EmotionListener(*emotion, width), "emo_", "emovec_"
        ),
        regulator=shelf.loader(
            "regulator",
            LENGTH_REGULATOR_TABLE,
            lambda: LengthRegulator(RegulatorSizes(facts["channels"], 4)),
        ),
    )


Wave = np.ndarray[tuple[int], np.dtype[np.float32]]


@pytest.fixture(scope="module")
def golden() -> Golden:
    return read_golden("enrol")


@pytest.fixture(scope="module")
def wave(golden: Golden) -> Wave:
    facts = golden.facts
    return speech_like(facts["seconds"], facts["rate"], seed=facts["seed"])


@pytest.fixture(scope="module")
def shelf(golden: Golden) -> Shelf:
    return Shelf(golden)


@pytest.fixture(scope="module")
def nets(golden: Golden, shelf: Shelf) -> EnrolmentNets:
    return nets_of(golden, shelf)


@pytest.fixture(scope="module")
def prompt(golden: Golden, wave: Wave, nets: EnrolmentNets) -> VoicePrompt:
    return enrol(wave, golden.facts["rate"], nets)


def test_the_codes_of_a_clip_are_the_oracles(golden: Golden, prompt: VoicePrompt) -> None:
    assert torch.equal(prompt.codes, golden.tensor("codes"))
    assert len(set(prompt.codes.flatten().tolist())) > 10


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("style", 3e-4),
        ("mel", 5e-5),
        ("condition", 1e-4),
        ("latents", 1e-4),
        ("emotion", 1e-4),
    ],
)
def test_what_is_taken_from_a_clip_is_the_oracles(
    golden: Golden, prompt: VoicePrompt, name: str, tolerance: float
) -> None:
    assert largest_error(getattr(prompt, name), golden.tensor(name)) <= tolerance


def test_the_features_of_a_clip_are_the_oracles(golden: Golden, prompt: VoicePrompt) -> None:
    kept = prompt.features[:, :, :: golden.facts["every"]]
    assert largest_error(kept, golden.tensor("features")) <= 1e-4


def test_the_emotion_of_the_features_is_another_than_the_clips(
    golden: Golden, prompt: VoicePrompt, nets: EnrolmentNets
) -> None:
    base = emotion_of_features(prompt.features, nets)
    assert largest_error(base, golden.tensor("base")) <= 1e-4
    assert largest_error(base, prompt.emotion) > 1e-3


def test_an_emotions_clip_is_heard_as_the_voices_own(
    golden: Golden, wave: Wave, prompt: VoicePrompt, nets: EnrolmentNets
) -> None:
    assert torch.equal(emotion_of(wave, golden.facts["rate"], nets), prompt.emotion)


def test_nets_are_loaded_one_after_the_other(shelf: Shelf, prompt: VoicePrompt) -> None:
    assert prompt.codes.dtype == torch.int64
    assert shelf.loaded[:6] == [
        "W2vBert",
        "RepCodec",
        "CampPlus",
        "LengthRegulator",
        "Conditioner",
        "EmotionListener",
    ]


def test_a_prompt_belongs_to_no_device_and_no_graph(prompt: VoicePrompt) -> None:
    for name in ("features", "style", "mel", "condition", "latents", "emotion"):
        tensor = getattr(prompt, name)
        assert tensor.dtype == torch.float32
        assert tensor.device.type == "cpu"
        assert not tensor.requires_grad


class Deaf(W2vBert):
    """Stands in for w2v-bert, and tells how much it was given to hear."""

    def __init__(self, heard: list[int]) -> None:
        super().__init__(W2vBertSizes(hidden_size=8, num_attention_heads=1, intermediate_size=8))
        self._heard = heard

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        self._heard.append(int(mask.sum()))
        return torch.zeros(*features.shape[:2], 1024)


def test_only_the_first_15_seconds_are_heard(nets: EnrolmentNets) -> None:
    heard: list[int] = []
    rate = 32_000
    wave = speech_like(15.4, rate, seed=6)
    prompt = enrol(wave, rate, replace(nets, w2v_bert=lambda: Deaf(heard)))
    assert heard == [749, 749]
    assert prompt.mel.shape[-1] == prompt.condition.shape[1] == 15 * 22_050 // 256


@pytest.mark.parametrize(
    ("wave", "rate", "complaint"),
    [
        (np.zeros(48_000, np.float32), 16_000, "silent"),
        (np.full(48_000, np.nan, np.float32), 16_000, "not numbers"),
        (np.full(0, 1, np.float32), 16_000, "empty"),
        (np.full(800, 0.1, np.float32), 16_000, "0.05 seconds"),
        (np.full(800, 0.1, np.float32), 16, "16 samples"),
        (np.full((2, 48_000), 0.1, np.float32), 16_000, "empty"),
    ],
)
def test_where_there_is_nothing_to_hear_no_net_is_loaded(
    nets: EnrolmentNets, shelf: Shelf, wave: Wave, rate: int, complaint: str
) -> None:
    before = len(shelf.loaded)
    for listen in (enrol, emotion_of):
        with pytest.raises(BadRequestError, match=complaint):
            listen(wave, rate, nets)
    assert len(shelf.loaded) == before


@pytest.mark.parametrize(
    ("tensors", "complaint"),
    [
        ({"mean": torch.zeros(1024)}, "mean"),
        ({"mean": torch.zeros(1024), "var": torch.ones(1000)}, "1000"),
        ({"mean": torch.zeros(1024), "var": torch.zeros(1024)}, "not above 0"),
        ({"mean": torch.zeros(1024), "var": torch.full((1024,), torch.nan)}, "not above 0"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(tensors: Mapping[str, Tensor], complaint: str) -> None:
    with pytest.raises(WeightsCorruptError, match=complaint):
        FeatureScale.of(tensors)
