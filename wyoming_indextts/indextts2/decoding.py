"""Decoding: a segment of text to speech codes and their latents, one code a step.

A token's position in the speech is counted in two ways. The reference draws codes with a model
that gives code k the position k + 2, then reads all codes again with the positions it was trained
with, k + 1, for the latents. Here both are read at once, as two rows of one batch:

    row     positions           used for
    drawn   0, 2, 3, 4, ...     the logits that the next code is drawn by
    heard   0, 1, 2, 3, ...     the latents: latent i is the state that predicts code i

The first position is the start code's. The weights are read once for both rows, which is most of
a step's time; with the positions of training for both uses, one row does.

Source: the reference's behaviour, measured; Zhou et al. 2025, "IndexTTS2", for the latents.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Generator, Tensor

from wyoming_indextts.errors import SynthesisFailedError, TooLargeError
from wyoming_indextts.indextts2.sampler import Sampling, draw
from wyoming_indextts.indextts2.voice_lm import Cache, VoiceLanguageModel

ALWAYS_SEEN: Final = 1
"""Code that the penalty takes as seen from the start, beside the start code, as the reference."""

GRAIN: Final = 64
"""Attention looks at a multiple of this many places of the cache, so that few sizes occur."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What is said, by whom: text ids, the speaker's latents (1, 32, D), the emotion (1, D).

    `prefix` is what the model's `prefix` made of these two, where it is known already.
    """

    text: Sequence[int]
    latents: Tensor
    emotion: Tensor
    prefix: Cache | None = None


def decode(
    model: VoiceLanguageModel,
    segment: Segment,
    *,
    max_codes: int,
    sampling: Sampling,
    generator: Generator,
    training_positions: bool = False,
) -> Iterator[tuple[int, Tensor]]:
    """Yield each code with its latent (1, 1, D), float32; the stop code is not among them.

    Args:
        model: Its device and dtype are those of the segment.
        segment: What is said.
        max_codes: Draws at most, that of the stop code included; the model's positions are a
            second limit.
        sampling: How codes are drawn.
        generator: Of any device, whereto the logits go; one draw of it makes one code.
        training_positions: Draw by the positions of training too, which takes one row.

    Raises:
        TooLargeError: The text has more tokens than the model has positions.
        SynthesisFailedError: The model gave values that are not numbers.
    """
    sizes = model.sizes
    draws = max(0, min(max_codes, sizes.code_places - 1))
    reader = _Reader(model, segment, codes=draws, training_positions=training_positions)
    seen = torch.zeros(1, sizes.codes, dtype=torch.bool, device=generator.device)
    seen[0, [ALWAYS_SEEN, sizes.start_code]] = True
    code = sizes.start_code
    for drawn in range(draws):
        states = reader.read_code(code) if drawn else reader.read_text()
        logits = model.logits(states[:1, -1]).float().to(generator.device)
        if not logits.isfinite().all():
            raise SynthesisFailedError("the voice language model gave values that are not numbers")
        code = int(draw(logits, seen, sampling, generator))
        if code == sizes.stop_code:
            return
        seen[0, code] = True
        yield code, states[-1:].float()


class _Reader:
    """The rows of one segment: the same text and codes, at different positions."""

    def __init__(
        self, model: VoiceLanguageModel, segment: Segment, *, codes: int, training_positions: bool
    ) -> None:
        sizes = model.sizes
        heard = (sizes.start_text, *segment.text, sizes.stop_text)
        if len(heard) > sizes.text_places:
            raise TooLargeError(f"a segment of {len(segment.text)} tokens is too long to be spoken")
        # the reference draws without the marks inside a text, and listens with them
        words = (token for token in segment.text if token not in {heard[0], heard[-1]})
        drawn = (sizes.start_text, *words, sizes.stop_text)
        texts, first = ((heard,), (1,)) if training_positions else ((drawn, heard), (2, 1))
        device = segment.latents.device
        self._model = model
        self._prefix = segment.prefix
        self._known = 0 if segment.prefix is None else segment.prefix.places
        prompts = {
            text: model.prompt(
                segment.latents, segment.emotion, torch.tensor([text], device=device)
            )[:, self._known :]
            for text in texts
        }
        lengths = [self._known + prompts[text].shape[1] for text in texts]
        self._prompts = list(prompts.values())
        self._places = torch.tensor(lengths, device=device).unsqueeze(1)
        self._positions = torch.tensor(first, device=device).unsqueeze(1)
        self._used = max(lengths)
        self._cache = model.cache(len(texts), self._used + codes)

    def read_text(self) -> Tensor:
        """Return the states (rows, 1, D) after the prompts, each of which ends with the start."""
        states = [self._read_prompt(row, prompt) for row, prompt in enumerate(self._prompts)]
        if len(states) < len(self._places):
            self._cache.spread(self._used)
        return torch.cat(states).expand(len(self._places), -1, -1)

    def read_code(self, code: int) -> Tensor:
        """Return the states (rows, 1, D) after one more code."""
        codes = torch.full_like(self._places, code)
        self._used += 1
        seen = self._cache.first(-(-self._used // GRAIN) * GRAIN)
        states: Tensor = self._model(self._model.spoken(codes, self._positions), seen, self._places)
        self._places = self._places + 1
        self._positions = self._positions + 1
        return states

    def _read_prompt(self, row: int, prompt: Tensor) -> Tensor:
        end = self._known + prompt.shape[1]
        cache = self._cache.row(row).first(end)
        if self._prefix is not None:
            cache.begin(self._prefix)
        places = torch.arange(self._known, end, device=prompt.device).unsqueeze(0)
        states: Tensor = self._model(prompt, cache, places)
        return states[:, -1:]
