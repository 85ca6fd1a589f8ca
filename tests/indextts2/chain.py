"""A small model beside what the oracle says of it, from clip to wave."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from tests.golden.make_chain import RATE, RUNS, SECONDS, SEED, TOKENS, noise
from tests.golden.small_model import Kind, configs_of
from tests.golden.speech_like import speech_like
from tests.golden.spoken import REFERENCE
from tests.indextts2.golden import Golden, read_golden
from wyoming_indextts.indextts2 import IndexTTS2, VoicePrompt


@dataclass(frozen=True, slots=True)
class Case:
    """A small model, what the oracle says of it, and a voice enrolled with it."""

    kind: Kind
    golden: Golden
    model: IndexTTS2
    prompt: VoicePrompt

    @property
    def width(self) -> int:
        width: int = configs_of(self.kind).model["gpt"]["model_dim"]
        return width

    @property
    def stop(self) -> int:
        stop: int = configs_of(self.kind).model["gpt"]["stop_mel_token"]
        return stop


def case_of(kind: Kind, model: IndexTTS2) -> Case:
    prompt = model.enrol(speech_like(SECONDS, RATE, seed=SEED[kind]), RATE)
    return Case(kind, read_golden(f"chain_{kind}"), model, prompt)


def told(case: Case) -> VoicePrompt:
    """Return the voice's prompt, in it all that the golden has whole."""
    names = ("codes", "style", "condition", "latents", "emotion")
    return replace(case.prompt, **{name: case.golden.tensor(name) for name in names})


def settings_of(run: str) -> dict[str, Any]:
    facts = RUNS[run]
    return {name: facts[name] for name in ("greedy", "seed", *REFERENCE)}


def drawn(
    case: Case,
    prompt: VoicePrompt,
    *,
    longest: int,
    **settings: Any,  # noqa: ANN401 - as `decode` has them
) -> tuple[Tensor, Tensor]:
    return case.model.decode(
        TOKENS, prompt, case.golden.tensor("weighted"), max_codes=longest, **settings
    )


def noise_for(case: Case, codes: int) -> Tensor:
    return torch.from_numpy(noise(case.prompt.mel.shape[2] + 172 * codes // 100))
