"""The language model's first pass: it reads all that comes before a segment's first code.

    prompt   (1, S, D)   behind a prefix of P places

On a card this pass is some three hundred kernels whose calls take longer than they do. So a prompt
is filled up to one of a few lengths and read in a cache that stays where it is, recorded and
replayed, and what was kept of the prompt itself is copied to where its segment goes on. What is
filled up comes behind the prompt, where none of its tokens look. Elsewhere, and without a prefix, a
prompt is read where its segment goes on.
"""

from itertools import count
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from wyoming_indextts.indextts2.graphs import Graphs, fitting
from wyoming_indextts.indextts2.voice_lm import Cache, VoiceLanguageModel, Window

LENGTHS: Final = (16, 32, 48, 64, 96, 128)
"""Tokens of a prompt that is recorded; the longest text of a segment has 123 with its marks."""

NUMBERS: Final = count()
"""Names readers apart for `Graphs`."""


class TextReader:
    """Reads prompts into caches. Belongs to one thread; called in inference mode, all or none."""

    def __init__(self, model: VoiceLanguageModel, graphs: Graphs) -> None:
        """Take the model, which stays as it is; no memory is taken before the first recording."""
        self._model = model
        self._graphs = graphs
        self._key = ("text", next(NUMBERS))
        self._page: Cache | None = None
        self._windows: dict[int, Window] = {}

    def read(self, prompt: Tensor, prefix: Cache | None, cache: Cache) -> Tensor:
        """Read a prompt behind its prefix into the cache of a row; return the last state (1, 1, D).

        All prefixes have as many places. The first places of the cache, so many as prefix and
        prompt have tokens, must hold numbers.
        """
        tokens = prompt.shape[1]
        if prefix is not None:
            if self._graphs.recording and tokens <= LENGTHS[-1]:
                return self._replayed(prompt, prefix, cache)
            cache.begin(prefix)
        known = 0 if prefix is None else prefix.places
        window = self._model.window(cache, known + tokens)
        return self._model.read(prompt, window, _places(prompt, known))[:, -1:]

    def _replayed(self, prompt: Tensor, prefix: Cache, cache: Cache) -> Tensor:
        tokens, known = prompt.shape[1], prefix.places
        if self._page is None:
            self._page = self._model.cache(1, known + LENGTHS[-1])
        page = self._page
        page.begin(prefix)
        filled = functional.pad(prompt, (0, 0, 0, fitting(tokens, LENGTHS) - tokens))
        (states,) = self._graphs.run(
            self._key, lambda ready: (self._read_page(page, ready, known),), (filled,)
        )
        cache.begin(Cache(page.held[:, :, : known + tokens]))
        return states[:, tokens - 1 : tokens]

    def _read_page(self, page: Cache, prompt: Tensor, known: int) -> Tensor:
        """Return the states of all that is read into a page, what is filled up among it."""
        end = known + prompt.shape[1]
        if (window := self._windows.get(end)) is None:
            window = self._windows[end] = self._model.window(page, end)
        return self._model.read(prompt, window, _places(prompt, known))


def _places(prompt: Tensor, known: int) -> Tensor:
    """Return the places (1, S) of a prompt's tokens, which come behind those that are known."""
    return torch.arange(known, known + prompt.shape[1], device=prompt.device).unsqueeze(0)
