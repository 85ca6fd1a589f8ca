"""The reference path against the oracle, from text and clip to wave, at two sets of sizes."""

from dataclasses import fields

import pytest
import torch

from tests.golden.make_chain import (
    BORROWED,
    CODES,
    EVERY,
    FADED,
    OTHER_RATE,
    OTHER_SECONDS,
    RUNS,
    SECONDS,
    SEED,
    TEXT,
    TOKENS,
    WEIGHTS,
)
from tests.golden.speech_like import speech_like
from tests.indextts2.chain import Case, drawn, noise_for, settings_of, told
from tests.indextts2.golden import largest_error


def test_what_is_taken_from_a_clip_is_the_oracles(case: Case) -> None:
    assert torch.equal(case.prompt.codes, case.golden.tensor("codes"))
    assert len(case.prompt.codes.unique()) > 10
    tolerances = {"style": 3e-4, "condition": 1e-4, "latents": 1e-4, "emotion": 1e-4}
    for name, tolerance in tolerances.items():
        wanted = case.golden.tensor(name)
        assert largest_error(getattr(case.prompt, name), wanted) <= tolerance, name
    features = case.prompt.features[:, :, :: EVERY["features"]]
    assert largest_error(features, case.golden.tensor("features")) <= 1e-4
    assert largest_error(case.prompt.mel[:, :: EVERY["mel"]], case.golden.tensor("mel")) <= 5e-5


def test_a_prompt_has_the_shapes_and_types_it_is_said_to_have(case: Case) -> None:
    frames, channels = case.prompt.mel.shape[2], case.golden.tensor("condition").shape[2]
    heard = case.prompt.codes.shape[1]
    assert frames == round(SECONDS * 22_050) // 256
    assert {field.name: tuple(getattr(case.prompt, field.name).shape) for field in fields(
        case.prompt)} == {
        "features": (1, heard, 1024),
        "codes": (1, heard),
        "style": (1, 192),
        "mel": (1, 80, frames),
        "condition": (1, frames, channels),
        "latents": (1, 32, case.width),
        "emotion": (1, case.width),
    }  # fmt: skip
    for field in fields(case.prompt):
        tensor = getattr(case.prompt, field.name)
        assert tensor.dtype == (torch.int64 if field.name == "codes" else torch.float32)
        assert tensor.device.type == "cpu"


def test_the_emotion_of_weights_is_the_oracles(case: Case) -> None:
    vector = case.model.emotion_vector(told(case), WEIGHTS, strength=FADED)
    assert largest_error(vector, case.golden.tensor("weighted")) <= 1e-6
    vector = case.model.emotion_vector(case.prompt, WEIGHTS, strength=FADED)
    assert largest_error(vector, case.golden.tensor("weighted")) <= 1e-4


def test_the_emotion_borrowed_from_a_clip_is_the_oracles(case: Case) -> None:
    other = speech_like(OTHER_SECONDS, OTHER_RATE, seed=SEED[case.kind] + 10)
    vector = case.model.emotion_vector(case.prompt, clip=other, rate=OTHER_RATE, strength=BORROWED)
    assert largest_error(vector, case.golden.tensor("borrowed")) <= 1e-4
    assert largest_error(vector, case.golden.tensor("base")) > 1e-2


@pytest.mark.parametrize("run", RUNS)
def test_codes_are_the_oracles_and_so_are_their_latents(case: Case, run: str) -> None:
    facts = RUNS[run]
    codes, latents = drawn(case, told(case), longest=facts["longest"], **settings_of(run))
    assert codes.dtype == torch.int64
    assert torch.equal(codes, case.golden.tensor(f"{run}_codes"))
    assert codes.shape[1] >= 100
    assert largest_error(latents, case.golden.tensor(f"{run}_latents")) <= 1e-5


def test_the_mel_of_given_noise_is_the_oracles(case: Case) -> None:
    mel = case.model.mel(
        case.golden.tensor("drawn_codes")[:, :CODES],
        case.golden.tensor("drawn_latents")[:, :CODES],
        told(case),
        noise=noise_for(case, CODES),
    )
    assert mel.shape[2] == 172 * CODES // 100
    assert largest_error(mel, case.golden.tensor("sound")) <= 1e-4


def test_the_wave_of_a_mel_is_the_oracles(case: Case) -> None:
    mel = case.golden.tensor("sound")
    wave = case.model.vocode(mel)
    assert wave.shape == (1, 256 * mel.shape[2])
    assert largest_error(wave[:, :: EVERY["wave"]], case.golden.tensor("wave")) <= 1e-5
    assert float(wave.abs().max()) < 1.0


def test_the_whole_way_from_text_and_clip_to_wave_is_the_oracles(case: Case) -> None:
    (tokens,) = case.model.tokenize(TEXT)
    assert tokens == list(TOKENS)
    emotion = case.model.emotion_vector(case.prompt, WEIGHTS, strength=FADED)
    codes, latents = case.model.decode(
        tokens, case.prompt, emotion, max_codes=CODES, **settings_of("drawn")
    )
    mel = case.model.mel(codes, latents, case.prompt, noise=noise_for(case, CODES))
    wave = case.model.vocode(mel)
    assert largest_error(wave[:, :: EVERY["wave"]], case.golden.tensor("wave")) <= 1e-3
