"""Voice language model: a GPT-2 that continues text, heard with a voice in mind, in speech codes.

Shapes (B rows, S tokens, D width, H heads, K = D / H, N layers, M places of the cache):

    prompt    (B, S, D)            32 latents + emotion | 2 speeds | text, started, stopped | start
    cache     (N, B, M, 2, H, K)   key and value of what each row has read
    places    (B, S)               where in the cache each token is kept; it sees no later place
    states    (B, S, D)            after both last norms; such a state is a code's latent
    logits    (B, S, V)            V = 8194 codes, of which one starts and one stops

The cache is an argument of fixed size, and where a token goes is a tensor: so the step of one
token can be recorded once as a CUDA graph and replayed. A small model's step takes as long as
calling its operations, so there are few: key and value are written by one, the mask is made once
for all layers, and what a step looks at (`Window`) is laid out before the first.

Source: Radford et al. 2019 (GPT-2); Zhou et al. 2025, "IndexTTS2".
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from wyoming_indextts.indextts2.attending import attend
from wyoming_indextts.indextts2.int8 import Int8Linear
from wyoming_indextts.indextts2.packed import PackedLinear
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

    def place_bytes(self, dtype: torch.dtype) -> int:
        """Return the memory that a place of one row of the cache takes."""
        return 2 * self.layers * self.width * dtype.itemsize


Matrix: TypeAlias = nn.Linear | Int8Linear | PackedLinear
"""A linear layer, as it is kept."""

Affine: TypeAlias = Callable[[Tensor], Tensor]
"""A matrix and a bias, applied to rows (T, in)."""


@dataclass(frozen=True, slots=True)
class Cache:
    """Keys and values (N, B, M, 2, H, K) of every layer; written in place by the model."""

    held: Tensor

    @property
    def places(self) -> int:
        """Return M."""
        return self.held.shape[2]

    def rows(self, first: int, count: int = 1) -> "Cache":
        """Return some rows of this cache, sharing its memory."""
        return Cache(self.held[:, first : first + count])

    def begin(self, other: "Cache") -> None:
        """Copy another cache of as many rows into the first places of this one."""
        self.held[:, :, : other.places].copy_(other.held)

    def spread(self, places: int) -> None:
        """Copy what the first row holds in its first places into every row."""
        self.held[:, 1:, :places] = self.held[:, :1, :places]


@dataclass(frozen=True, slots=True)
class _Layer:
    """One block, and the part of a cache that it reads and writes.

    `written` (B * M, 2 D) is the whole of that part, `keys` and `values` (B, H, seen, K) its first
    places.
    """

    attention_norm: tuple[Tensor, Tensor]
    query_key_value: Affine
    leave: Affine
    feedforward_norm: tuple[Tensor, Tensor]
    widen: Affine
    narrow: Affine
    written: Tensor
    keys: Tensor
    values: Tensor


@dataclass(frozen=True, slots=True)
class Window:
    """The first places of a cache, laid out for `VoiceLanguageModel.read`.

    `numbers` (seen) are those of its places, `rows` (B, 1) where in the cache each row begins.
    """

    layers: tuple[_Layer, ...]
    numbers: Tensor
    rows: Tensor


class VoiceLanguageModel(nn.Module):
    """Embeddings, blocks and the head of codes."""

    def __init__(self, sizes: VoiceSizes) -> None:
        super().__init__()
        width = sizes.width
        self.sizes = sizes
        self.texts = _table(sizes.texts, width)
        self.text_places = _table(sizes.text_places, width)
        self.codes = _table(sizes.codes, width)
        self.code_places = _table(sizes.code_places, width)
        self.speeds = _table(2, width)
        self.blocks = nn.ModuleList(Block(width, sizes.heads) for _ in range(sizes.layers))
        self.norm = nn.LayerNorm(width)
        self.final_norm = nn.LayerNorm(width)
        self.head: Matrix = nn.Linear(width, sizes.codes)

    @property
    def arithmetic(self) -> str:
        """Return how it computes: the type of its numbers, and that of its matrices if another."""
        kinds = {str(kind.dtype) for kind in (self.norm.weight, self.head.weight)}
        return " ".join(sorted(kinds))

    def quantise(self, dtype: torch.dtype) -> None:
        """Keep the matrices as int8 from now on, for computing in `dtype`; see `int8`.

        Embeddings and norms, a twentieth of the weights, stay as they are.
        """
        self._keep(partial(Int8Linear, dtype=dtype))

    def pack(self) -> None:
        """Keep the matrices packed from now on, but those in int8; see `packed`.

        Only on a CPU, and where the net stays.
        """
        self._keep(PackedLinear)

    def _keep(self, kept: Callable[[nn.Linear], Matrix]) -> None:
        blocks = [block for block in self.blocks if isinstance(block, Block)]
        places: list[tuple[nn.Module, tuple[str, ...]]] = [(block, MATRICES) for block in blocks]
        for owner, names in (*places, (self, ("head",))):
            for name in names:
                if isinstance(linear := getattr(owner, name), nn.Linear):
                    setattr(owner, name, kept(linear))

    def cache(self, rows: int, places: int, *, zeroed: bool = True) -> Cache:
        """Return a cache on the device and of the dtype of the weights.

        It is full of zeros, or else of what was in that memory, which is not touched.
        """
        width, heads = self.sizes.width, self.sizes.heads
        shape = (self.sizes.layers, rows, places, 2, heads, width // heads)
        like = self.norm.weight
        return Cache(like.new_zeros(shape) if zeroed else like.new_empty(shape))

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
        places = torch.arange(prefix.shape[1], device=prefix.device).unsqueeze(0)
        self.read(prefix, self.window(cache), places)
        return cache

    def spoken(self, codes: Tensor, places: Tensor) -> Tensor:
        """Embed codes (B, S) at their positions (B, S) in the speech; the start's is 0."""
        kinds = torch.embedding(self.codes.weight, codes)
        return kinds + torch.embedding(self.code_places.weight, places)

    def window(self, cache: Cache, seen: int | None = None) -> Window:
        """Return what `read` needs to look at the first places of a cache, by default at all.

        It shares the memory of the cache and of the weights, which stay where they are meanwhile.
        """
        rows, places = cache.held.shape[1:3]
        held = cache.held[:, :, :seen]
        numbers = torch.arange(places, device=cache.held.device)
        blocks = [block for block in self.blocks if isinstance(block, Block)]
        layers = zip(blocks, cache.held, held, strict=True)
        return Window(
            tuple(_laid(block, written, read) for block, written, read in layers),
            numbers[:seen],
            (torch.arange(rows, device=numbers.device) * places).unsqueeze(1),
        )

    def read(self, x: Tensor, window: Window, places: Tensor) -> Tensor:
        """Read embedded tokens (B, S, D) into a cache at `places` (B, S); return the states.

        Each token sees all places up to and with its own, so those must have been read before
        or be read now; they must hold numbers, all that are in the window. A token whose place
        is not in the window is kept there all the same, and its state means nothing.
        """
        hidden = window.numbers > places.unsqueeze(-1)
        mask = torch.zeros(1, dtype=x.dtype, device=x.device).masked_fill(hidden, -torch.inf)
        mask = mask.unsqueeze(1)
        where = (places + window.rows).flatten()
        shape = (*x.shape[:2], self.sizes.heads, -1)
        rows = x.flatten(0, 1)
        for layer in window.layers:
            rows = _read(rows, layer, where, mask, shape)
        for norm in (self.norm, self.final_norm):
            rows = _normed(rows, (norm.weight, norm.bias))
        return rows.view(x.shape)

    def forward(self, x: Tensor, cache: Cache, places: Tensor) -> Tensor:
        """Read as `read` does, looking at the whole of a cache."""
        return self.read(x, self.window(cache), places)

    def _prefix(self, latents: Tensor, emotion: Tensor) -> Tensor:
        speeds = self.speeds.weight.flip(0).expand(latents.shape[0], -1, -1)
        return torch.cat((latents + emotion.unsqueeze(1), speeds), dim=1)

    def logits(self, states: Tensor) -> Tensor:
        """Return the logits (..., V) of the code after each state (..., D)."""
        scores: Tensor = self.head(states)
        return scores


MATRICES: Final = ("query_key_value", "leave", "widen", "narrow")
"""Of a block."""


class Block(nn.Module):
    """Attention to what was read and a feed-forward, each behind a norm."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value: Matrix = nn.Linear(width, 3 * width)
        self.leave: Matrix = nn.Linear(width, width)
        self.feedforward_norm = nn.LayerNorm(width)
        self.widen: Matrix = nn.Linear(width, 4 * width)
        self.narrow: Matrix = nn.Linear(4 * width, width)


def _laid(block: Block, written: Tensor, read: Tensor) -> _Layer:
    """Return a `Block` beside its part of a cache (B, M, 2, H, K), of which some is read."""
    keys, values = (part.transpose(1, 2) for part in read.unbind(2))
    return _Layer(
        (block.attention_norm.weight, block.attention_norm.bias),
        _affine(block.query_key_value),
        _affine(block.leave),
        (block.feedforward_norm.weight, block.feedforward_norm.bias),
        _affine(block.widen),
        _affine(block.narrow),
        written.flatten(0, 1).flatten(1),
        keys,
        values,
    )


def _table(rows: int, width: int) -> nn.Embedding:
    """Return an embedding whose numbers are to be read: drawing some imports a compiler (1.2 s)."""
    table: nn.Embedding = nn.Embedding.from_pretrained(torch.empty(rows, width), freeze=False)
    return table


def _affine(linear: Matrix) -> Affine:
    """Return a layer's function without what a module does around it at each call."""
    if not isinstance(linear, nn.Linear):
        return linear.forward
    weight, bias = linear.weight.t(), linear.bias
    return lambda x: torch.addmm(bias, x, weight)


def _normed(x: Tensor, affine: tuple[Tensor, Tensor]) -> Tensor:
    gain, shift = affine
    return torch.layer_norm(x, gain.shape, gain, shift)


def _read(
    x: Tensor, layer: _Layer, where: Tensor, mask: Tensor, shape: tuple[int, int, int, int]
) -> Tensor:
    """Read tokens (B * S, D) into a layer's part of the cache; `shape` is (B, S, H, K)."""
    width = x.shape[1]
    projected = layer.query_key_value(_normed(x, layer.attention_norm))
    query = projected[:, :width].view(shape).transpose(1, 2)
    layer.written.index_copy_(0, where, projected[:, width:])
    mixed = attend(query, layer.keys, layer.values, mask)
    x = layer.leave(mixed.transpose(1, 2).reshape(x.shape)).add_(x)
    wide = functional.gelu(layer.widen(_normed(x, layer.feedforward_norm)), approximate="tanh")
    return layer.narrow(wide).add_(x)


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
