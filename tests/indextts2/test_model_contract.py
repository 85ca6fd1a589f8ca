"""What the methods of the reference path promise beyond the oracle's numbers."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.golden.make_chain import OTHER_RATE, OTHER_SECONDS, TOKENS
from tests.golden.small_model import Kind, configs_of
from tests.golden.speech_like import speech_like
from tests.indextts2.chain import Case, drawn, noise_for
from tests.indextts2.golden import largest_error
from wyoming_indextts.errors import BadRequestError, SynthesisFailedError, TooLargeError
from wyoming_indextts.indextts2 import VoicePrompt

LIVELY: Final = (0.3, 0.0, 0.1, 0.0, 0.0, 0.2, 0.0, 0.1)


def test_segments_are_long_the_first_too_and_hold_the_whole_text(plain: Case) -> None:
    (once,) = plain.model.tokenize("The door is open, and it is five o'clock.")
    segments = plain.model.tokenize("The door is open, and it is five o'clock. " * 20)
    assert [token for segment in segments for token in segment] == once * 20
    assert len(segments) >= 3
    assert all(120 - len(once) < len(segment) <= 120 for segment in segments[:-1])


def test_segments_are_no_longer_than_the_model_has_positions(cases: Mapping[Kind, Case]) -> None:
    case = cases["unlike"]
    segments = case.model.tokenize("hello " * 400)
    assert max(len(segment) for segment in segments) == 90
    codes, _ = case.model.decode(segments[0], case.prompt, case.prompt.emotion, max_codes=2)
    assert codes.numel()
    with pytest.raises(TooLargeError, match="91 tokens"):
        case.model.decode(segments[0] + [5], case.prompt, case.prompt.emotion, max_codes=2)


@pytest.mark.parametrize("text", ["", "  \n", "\ud800"])
def test_where_nothing_can_be_spoken_there_are_no_segments(plain: Case, text: str) -> None:
    assert plain.model.tokenize(text) == []


def test_neither_weights_nor_clip_is_the_voices_own_emotion(plain: Case) -> None:
    own = plain.model.emotion_vector(plain.prompt)
    assert torch.equal(own, plain.prompt.emotion)
    own += 1  # it is the caller's
    assert not torch.equal(own, plain.prompt.emotion)


def test_a_strength_of_weights_is_clamped(plain: Case) -> None:
    def vector(strength: float) -> Tensor:
        return plain.model.emotion_vector(plain.prompt, LIVELY, strength=strength)

    assert torch.equal(vector(3.0), vector(1.0))
    assert torch.equal(vector(-1.0), plain.prompt.emotion)
    assert largest_error(vector(0.5), vector(1.0)) > 1e-2


def test_weights_are_neither_biased_nor_capped_but_cut_by_a_strength(plain: Case) -> None:
    own = plain.prompt.emotion
    alone = [
        plain.model.emotion_vector(plain.prompt, [float(i == n) for i in range(8)])
        for n in range(8)
    ]

    def sum_of(weights: list[float]) -> Tensor:
        parts = [weight * vector for weight, vector in zip(weights, alone, strict=True)]
        return torch.stack(parts).sum(0) + (1 - sum(weights)) * own

    heavy = [0.77777, 0.9, 0.0, 0.44444, 0.0, 0.1, 0.0, 0.3]
    raw = plain.model.emotion_vector(plain.prompt, heavy)
    assert largest_error(raw, sum_of(heavy)) <= 1e-5
    faded = plain.model.emotion_vector(plain.prompt, heavy, strength=0.333)
    assert largest_error(
        faded, sum_of([0.2589, 0.2997, 0.0, 0.1479, 0.0, 0.0333, 0.0, 0.0999])
    ) <= (1e-5)


def test_a_strength_of_a_clip_goes_along_a_line_and_beyond(plain: Case) -> None:
    other = speech_like(OTHER_SECONDS, OTHER_RATE, seed=77)

    def vector(strength: float) -> Tensor:
        return plain.model.emotion_vector(
            plain.prompt, clip=other, rate=OTHER_RATE, strength=strength
        )

    near, far = vector(0.0), vector(1.0)
    assert largest_error(near, plain.golden.tensor("base")) <= 1e-4
    assert largest_error(vector(1.5), near + 1.5 * (far - near)) <= 1e-6
    assert largest_error(vector(-0.5), near - 0.5 * (far - near)) <= 1e-6


@pytest.mark.parametrize(
    "given",
    [
        {"weights": LIVELY, "clip": np.ones(9, np.float32), "rate": 16_000},
        {"clip": np.ones(9, np.float32)},
        {"weights": (0.5, 0.5)},
    ],
)
def test_an_emotion_that_cannot_be_meant_is_refused(plain: Case, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"weights|rate"):
        plain.model.emotion_vector(plain.prompt, **given)


def short_mel(case: Case, prompt: VoicePrompt) -> Tensor:
    codes, latents = case.golden.tensor("drawn_codes"), case.golden.tensor("drawn_latents")
    return case.model.mel(codes[:, :5], latents[:, :5], prompt, noise=noise_for(case, 5), steps=2)


USES: Mapping[str, Callable[[Case, VoicePrompt], Tensor]] = {
    "features": lambda case, prompt: case.model.emotion_vector(
        prompt, clip=speech_like(0.5, 16_000, seed=1), rate=16_000, strength=0.5
    ),
    "style": short_mel,
    "mel": short_mel,
    "condition": short_mel,
    "latents": lambda case, prompt: drawn(case, prompt, longest=3, greedy=True)[1],
    "emotion": lambda case, prompt: case.model.emotion_vector(prompt, LIVELY),
}
"""A method that looks at each field of a prompt."""


@pytest.mark.parametrize("name", USES)
def test_what_is_replaced_in_a_prompt_is_what_counts(plain: Case, name: str) -> None:
    use = USES[name]
    other = replace(plain.prompt, **{name: getattr(plain.prompt, name).flip(-1)})
    before = use(plain, plain.prompt)
    assert largest_error(use(plain, other), before) > 1e-3
    assert torch.equal(use(plain, plain.prompt), before)


def test_the_style_chooses_among_the_examples_of_an_emotion(plain: Case) -> None:
    vectors = {
        tuple(plain.model.emotion_vector(other, [0, 1, 0, 0, 0, 0, 0, 0]).flatten().tolist())
        for other in (
            replace(plain.prompt, style=torch.randn(1, 192, generator=torch.manual_seed(n)))
            for n in range(20)
        )
    }
    assert len(vectors) == configs_of("plain").model["emo_num"][1]


def test_draws_are_counted_the_last_of_all_may_be_the_stop(plain: Case) -> None:
    settings = {"seed": 3, "temperature": 1.5, "top_k": 0, "top_p": 1.0}
    whole, _ = drawn(plain, plain.prompt, longest=150, **settings)
    length = whole.shape[1]
    assert 3 < length < 149
    for draws, wanted in ((length + 1, length), (length, length), (length - 1, length - 1), (0, 0)):
        codes, latents = drawn(plain, plain.prompt, longest=draws, **settings)
        assert torch.equal(codes, whole[:, :wanted])
        assert latents.shape == (1, wanted, plain.width)


def test_a_seed_decides_what_is_drawn_and_nothing_else_does(plain: Case) -> None:
    before = torch.get_rng_state()
    first, _ = drawn(plain, plain.prompt, longest=20, seed=1)
    torch.manual_seed(5)
    again, _ = drawn(plain, plain.prompt, longest=20, seed=1)
    other, _ = drawn(plain, plain.prompt, longest=20, seed=2)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    torch.set_rng_state(before)
    drawn(plain, plain.prompt, longest=3)
    assert torch.equal(torch.get_rng_state(), before)


def test_no_codes_make_no_sound(plain: Case) -> None:
    codes, latents = drawn(plain, plain.prompt, longest=0)
    mel = plain.model.mel(codes, latents, plain.prompt, noise=noise_for(plain, 0))
    assert (codes.shape, codes.dtype) == ((1, 0), torch.int64)
    assert mel.shape == (1, 80, 0)
    assert plain.model.vocode(mel).shape == (1, 0)


def test_one_code_makes_one_frame(plain: Case) -> None:
    codes, latents = drawn(plain, plain.prompt, longest=1, greedy=True)
    mel = plain.model.mel(codes, latents, plain.prompt, noise=noise_for(plain, 1), steps=3)
    assert plain.model.vocode(mel).shape == (1, 256)


def test_noise_before_what_is_said_is_ignored(plain: Case) -> None:
    codes, latents = drawn(plain, plain.prompt, longest=5, greedy=True)
    given = noise_for(plain, 5)
    other = given.clone()
    other[:, :, : plain.prompt.mel.shape[2]] = torch.nan
    mels = [plain.model.mel(codes, latents, plain.prompt, noise=n, steps=2) for n in (given, other)]
    assert torch.equal(*mels)


def test_noise_of_another_length_is_refused(plain: Case) -> None:
    codes, latents = drawn(plain, plain.prompt, longest=5, greedy=True)
    with pytest.raises(ValueError, match="expected"):
        plain.model.mel(codes, latents, plain.prompt, noise=noise_for(plain, 6))


def test_what_is_no_number_is_told_with_its_stage(plain: Case) -> None:
    nowhere = torch.full((1, plain.width), torch.nan)
    with pytest.raises(SynthesisFailedError, match="voice language model"):
        plain.model.decode(TOKENS, plain.prompt, nowhere, max_codes=5)
    codes, latents = drawn(plain, plain.prompt, longest=5, greedy=True)
    with pytest.raises(SynthesisFailedError, match="flow"):
        plain.model.mel(codes, latents * torch.nan, plain.prompt, noise=noise_for(plain, 5))
    with pytest.raises(SynthesisFailedError, match="vocoder"):
        plain.model.vocode(torch.full((1, 80, 9), torch.nan))


def test_a_code_that_means_nothing_is_told(plain: Case) -> None:
    codes, latents = torch.tensor([[5, plain.stop]]), torch.zeros(1, 2, plain.width)
    with pytest.raises(SynthesisFailedError, match="means nothing"):
        plain.model.mel(codes, latents, plain.prompt, noise=noise_for(plain, 2))


def test_results_are_ordinary_tensors_without_gradients(plain: Case) -> None:
    assert torch.is_grad_enabled()
    codes, latents = drawn(plain, plain.prompt, longest=5, greedy=True)
    mel = plain.model.mel(codes, latents, plain.prompt, noise=noise_for(plain, 5), steps=2)
    results = [
        *(getattr(plain.prompt, field.name) for field in fields(plain.prompt)),
        plain.model.emotion_vector(plain.prompt, LIVELY),
        codes,
        latents,
        mel,
        plain.model.vocode(mel),
    ]
    for result in results:
        assert not result.requires_grad
        assert not result.is_inference()
        result.clone().add_(1)
    grown = torch.ones(1, requires_grad=True)
    (latents * grown).sum().backward()
    assert grown.grad is not None


def test_a_clip_may_have_one_channel_or_be_a_tensor(plain: Case) -> None:
    wave = speech_like(0.3, 22_050, seed=4)
    prompts = [plain.model.enrol(given, 22_050) for given in (wave, torch.from_numpy(wave))]
    assert torch.equal(prompts[0].features, prompts[1].features)


@pytest.mark.parametrize("wave", [np.zeros(16_000), np.full(16_000, np.nan), np.ones(100)])
def test_a_clip_without_a_voice_is_refused(plain: Case, wave: np.ndarray[Any, Any]) -> None:
    with pytest.raises(BadRequestError):
        plain.model.enrol(wave, 16_000)
    with pytest.raises(BadRequestError):
        plain.model.emotion_vector(plain.prompt, clip=wave, rate=16_000)
