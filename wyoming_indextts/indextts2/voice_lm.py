"""Voice language model: a GPT-2 that continues text, heard with a voice in mind, in speech codes.

Shapes (B rows, S tokens, D width, H heads, K = D / H, N layers, M places of the cache):

    prompt    (B, S, D)         32 latents + emotion | 2 speeds | text, started and stopped | start
    cache     (N, B, H, M, K)   keys and values of what each row has read
    places    (B, S)            where in the cache each token of x is kept; it sees no later place
    states    (B, S, D)         after both last norms; such a state is a code's latent
    logits    (B, S, V)         V = 8194 codes, of which one starts and one stops

The cache is an argument of fixed size, and where a token goes is a tensor: so the step of one
token can be recorded once as a CUDA graph and replayed. Source: Radford et al. 2019 (GPT-2);
Zhou et al. 2025, "IndexTTS2".
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.tensors import Entry, Table, affine, transposed

SPARE_TEXT_PLACES: Final = 2
"""Positions of text beyond `max_text_tokens`: start and stop."""

SPARE_CODE_PLACES: Final = 3
"""Positions of codes beyond `max_mel_tokens`: start, stop and one conditioning input."""


@dataclass(frozen=True, slots=True)
class VoiceSizes:
    """Sizes and special ids; `texts` and `codes` count ids, `*_places` positions."""

    width: int
    heads: int
    layers: int
    texts: int
    text_places: int
    codes: int
    code_places: int
    start_text: int
    stop_text: int
    start_code: int
    stop_code: int


@dataclass(frozen=True, slots=True)
class Cache:
    """Keys and values (N, B, H, M, K) of every layer; written in place by the model."""

    keys: Tensor
    values: Tensor

    @property
    def places(self) -> int:
        """Return M."""
        return self.keys.shape[3]

    def first(self, places: int) -> "Cache":
        """Return the first places of this cache, sharing its memory."""
        return Cache(self.keys[:, :, :, :places], self.values[:, :, :, :places])

    def row(self, row: int) -> "Cache":
        """Return one row of this cache, sharing its memory."""
        return Cache(self.keys[:, row : row + 1], self.values[:, row : row + 1])

    def begin(self, other: "Cache") -> None:
        """Copy another cache of as many rows into the first places of this one."""
        self.first(other.places).keys.copy_(other.keys)
        self.first(other.places).values.copy_(other.values)

    def spread(self, places: int) -> None:
        """Copy what the first row holds in its first places into every row."""
        for held in (self.keys, self.values):
            held[:, 1:, :, :places] = held[:, :1, :, :places]


class VoiceLanguageModel(nn.Module):
    """Embeddings, blocks and the head of codes."""

    def __init__(self, sizes: VoiceSizes) -> None:
        super().__init__()
        width = sizes.width
        self.sizes = sizes
        self.texts = nn.Embedding(sizes.texts, width)
        self.text_places = nn.Embedding(sizes.text_places, width)
        self.codes = nn.Embedding(sizes.codes, width)
        self.code_places = nn.Embedding(sizes.code_places, width)
        self.speeds = nn.Embedding(2, width)
        self.blocks = nn.ModuleList(Block(width, sizes.heads) for _ in range(sizes.layers))
        self.norm = nn.LayerNorm(width)
        self.final_norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, sizes.codes)

    def cache(self, rows: int, places: int) -> Cache:
        """Return an empty cache on the device and of the dtype of the weights."""
        width, heads = self.sizes.width, self.sizes.heads
        shape = (self.sizes.layers, rows, heads, places, width // heads)
        weight = self.head.weight
        return Cache(weight.new_zeros(shape), weight.new_zeros(shape))

    def prompt(self, latents: Tensor, emotion: Tensor, text: Tensor) -> Tensor:
        """Embed all that comes before the first code, the start code included.

        Args:
            latents: The speaker's (B, 32, D).
            emotion: (B, D), added to each of the latents.
            text: Ids (B, S) with start and stop.
        """
        words = self.texts(text) + self.text_places.weight[: text.shape[1]]
        start = torch.full_like(text[:, :1], self.sizes.start_code)
        started = self.spoken(start, torch.zeros_like(start))
        return torch.cat((self._prefix(latents, emotion), words, started), dim=1)

    def prefix(self, latents: Tensor, emotion: Tensor) -> Cache:
        """Read what of `prompt` comes before the text (34 places); it fits every text.

        Args:
            latents: The speaker's (1, 32, D).
            emotion: (1, D).
        """
        prefix = self._prefix(latents, emotion)
        cache = self.cache(1, prefix.shape[1])
        self(prefix, cache, torch.arange(prefix.shape[1], device=prefix.device).unsqueeze(0))
        return cache

    def spoken(self, codes: Tensor, places: Tensor) -> Tensor:
        """Embed codes (B, S) at their positions (B, S) in the speech; the start's is 0."""
        embedded: Tensor = self.codes(codes) + self.code_places(places)
        return embedded

    def forward(self, x: Tensor, cache: Cache, places: Tensor) -> Tensor:
        """Read embedded tokens (B, S, D) into the cache at `places` (B, S); return the states.

        Each token sees all places up to and with its own, so those must have been read before
        or be read now.
        """
        seen = torch.arange(cache.places, device=x.device) <= places.unsqueeze(-1)
        mask = seen.unsqueeze(1)
        for block, keys, values in zip(self.blocks, cache.keys, cache.values, strict=True):
            x = block(x, keys, values, places, mask)
        states: Tensor = self.final_norm(self.norm(x))
        return states

    def _prefix(self, latents: Tensor, emotion: Tensor) -> Tensor:
        speeds = self.speeds.weight.flip(0).expand(latents.shape[0], -1, -1)
        return torch.cat((latents + emotion.unsqueeze(1), speeds), dim=1)

    def logits(self, states: Tensor) -> Tensor:
        """Return the logits (..., V) of the code after each state (..., D)."""
        scores: Tensor = self.head(states)
        return scores


class Block(nn.Module):
    """Attention to what was read and a feed-forward, each behind a norm."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)
        self.feedforward_norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(
        self, x: Tensor, keys: Tensor, values: Tensor, places: Tensor, mask: Tensor
    ) -> Tensor:
        """Read (B, S, D) into the layer's keys and values (B, H, M, K), at `places`."""
        projected = self.query_key_value(self.attention_norm(x))
        query, key, value = (part.transpose(1, 2) for part in self._heads(projected))
        where = places[:, None, :, None].expand_as(key)
        keys.scatter_(2, where, key)
        values.scatter_(2, where, value)
        mixed = functional.scaled_dot_product_attention(query, keys, values, attn_mask=mask)
        x = x + self.leave(mixed.transpose(1, 2).flatten(2))
        wide = functional.gelu(self.widen(self.feedforward_norm(x)), approximate="tanh")
        narrowed: Tensor = self.narrow(wide)
        return x + narrowed

    def _heads(self, projected: Tensor) -> tuple[Tensor, ...]:
        """Split (B, S, 3 D) into query, key and value, each (B, S, H, K)."""
        parts: tuple[Tensor, ...] = projected.unflatten(-1, (3, self.heads, -1)).unbind(2)
        return parts


VOICE_TABLE: Final = Table(
    (
        Entry("texts.weight", ("text_embedding.weight",)),
        Entry("text_places.weight", ("text_pos_embedding.emb.weight",)),
        Entry("codes.weight", ("mel_embedding.weight",)),
        Entry("code_places.weight", ("mel_pos_embedding.emb.weight",)),
        Entry("speeds.weight", ("speed_emb.weight",)),
        *affine("blocks.{i}.attention_norm", "gpt.h.{i}.ln_1"),
        Entry("blocks.{i}.query_key_value.weight", ("gpt.h.{i}.attn.c_attn.weight",), transposed),
        Entry("blocks.{i}.query_key_value.bias", ("gpt.h.{i}.attn.c_attn.bias",)),
        Entry("blocks.{i}.leave.weight", ("gpt.h.{i}.attn.c_proj.weight",), transposed),
        Entry("blocks.{i}.leave.bias", ("gpt.h.{i}.attn.c_proj.bias",)),
        *affine("blocks.{i}.feedforward_norm", "gpt.h.{i}.ln_2"),
        Entry("blocks.{i}.widen.weight", ("gpt.h.{i}.mlp.c_fc.weight",), transposed),
        Entry("blocks.{i}.widen.bias", ("gpt.h.{i}.mlp.c_fc.bias",)),
        Entry("blocks.{i}.narrow.weight", ("gpt.h.{i}.mlp.c_proj.weight",), transposed),
        Entry("blocks.{i}.narrow.bias", ("gpt.h.{i}.mlp.c_proj.bias",)),
        *affine("norm", "gpt.ln_f"),
        *affine("final_norm", "final_norm"),
        *affine("head", "mel_head"),
    ),
    unused=(
        r"text_head\.(weight|bias)",  # only training predicts text
        r"inference_model\..*",  # the same tensors under other names, if a file was saved late
        r"gpt\.wte\..*",  # likewise: the codes' embedding
    ),
)
"""The voice language model in gpt.pth."""
