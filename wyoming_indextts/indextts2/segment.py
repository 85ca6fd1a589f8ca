"""A segment of text as the voice language model is given it.

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

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from wyoming_indextts.errors import TooLargeError
from wyoming_indextts.indextts2.voice_lm import Cache, VoiceLanguageModel


@dataclass(frozen=True, slots=True)
class Segment:
    """What is said, by whom: text ids, the speaker's latents (1, 32, D), the emotion (1, D).

    `prefix` is what the model's `prefix` made of these two, where it is known already.
    """

    text: Sequence[int]
    latents: Tensor
    emotion: Tensor
    prefix: Cache | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What the rows of a segment read before its first code.

    `prompts` (1, S, D) follow `prefix`, if there is one; there is one prompt if all rows read the
    same. `lengths` are what each row has read then, `first` each row's position of the first code.
    """

    prompts: tuple[Tensor, ...]
    prefix: Cache | None
    lengths: tuple[int, ...]
    first: tuple[int, ...]

    @property
    def used(self) -> int:
        """Places of the cache that are in use when all is read."""
        return max(self.lengths)

    @property
    def known(self) -> int:
        """Places that the prefix takes."""
        return 0 if self.prefix is None else self.prefix.places


def opening(model: VoiceLanguageModel, segment: Segment, *, training_positions: bool) -> Opening:
    """Return what is read of a segment before its first code.

    Raises:
        TooLargeError: The text has more tokens than the model has positions.
    """
    sizes = model.sizes
    heard = (sizes.start_text, *segment.text, sizes.stop_text)
    if len(heard) > sizes.text_places:
        raise TooLargeError(f"a segment of {len(segment.text)} tokens is too long to be spoken")
    # the reference draws without the marks inside a text, and listens with them
    words = (token for token in segment.text if token not in {heard[0], heard[-1]})
    drawn = (sizes.start_text, *words, sizes.stop_text)
    texts, first = ((heard,), (1,)) if training_positions else ((drawn, heard), (2, 1))
    known = 0 if segment.prefix is None else segment.prefix.places
    device = segment.latents.device
    prompts = {
        text: model.prompt(segment.latents, segment.emotion, torch.tensor([text], device=device))[
            :, known:
        ]
        for text in texts
    }
    lengths = tuple(known + prompts[text].shape[1] for text in texts)
    return Opening(tuple(prompts.values()), segment.prefix, lengths, first)
