"""Has the oracle speak a text: the codes it draws, and what its second pass says of them."""

from collections.abc import Mapping
from typing import Any, Final

import torch

REFERENCE: Final = {"temperature": 0.8, "top_k": 30, "top_p": 0.8, "repetition_penalty": 10.0}
"""How the reference draws codes."""


def spoken(
    model: Any,  # noqa: ANN401 - the oracle has no types
    features: torch.Tensor,
    run: Mapping[str, Any],
    emotion: torch.Tensor,
    *,
    stop: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the codes (1, L) before `stop` and their latents (1, L, D).

    `features` (1, N, 1024) are the speaker's; `run` has `text`, `longest`, `greedy`, `seed` and
    the settings of `REFERENCE`.
    """
    torch.manual_seed(run["seed"])
    text = torch.tensor([run["text"]])
    codes, latents = model.inference_speech(
        features, text, features, cond_lengths=torch.tensor([1024]),
        emo_cond_lengths=torch.tensor([1024]), emo_vec=emotion, num_beams=1,
        num_return_sequences=1, max_generate_length=run["longest"], length_penalty=0.0,
        do_sample=not run["greedy"], **{k: v for k, v in run.items() if k in REFERENCE},
    )  # fmt: skip
    stops = (codes[0] == stop).nonzero()
    if len(stops):
        codes = codes[:, : int(stops[0])]
    second = model(
        latents, text, torch.tensor([text.shape[1]]), codes, torch.tensor([codes.shape[1]]),
        features, cond_mel_lengths=torch.tensor([1024]), emo_cond_mel_lengths=torch.tensor([1024]),
        emo_vec=emotion, use_speed=torch.zeros(1, dtype=torch.long),
    )  # fmt: skip
    return codes, second
