"""Small emotion models in the official folder's layout, written by `transformers` itself.

Nothing in them is trained. One kind is random; the other was wired by hand so that each token has
one successor, and its answer is any that is asked for.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

END: Final = "<|endoftext|>"

TEMPLATE: Final = (
    "{% for message in messages %}"
    "{% if message.role == 'system' %}{{ 'System: ' + message.content }}"
    "{% else %}{{ '\\nHuman: ' + message.content }}{% endif %}"
    "{{ '<|endoftext|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}"
    "{{ '\\nAssistant:' + ('<think>' if enable_thinking | default(true) else '') }}"
    "{% endif %}"
)
"""What the official template renders, as far as it is known (the specification, 2.11)."""

LAST: Final = ":"
"""The last token of a prompt."""


def write_answering(folder: Path, answer: Sequence[str], *, endless: bool = False) -> Path:
    """Write a model that answers these pieces, all different, to whatever it is asked."""
    tokenizer = _tokenizer(answer)
    words = len(tokenizer)
    net = _net(words, tied=False, width=words + words % 2)
    chain = [LAST, *answer, answer[-1] if endless else END]
    with torch.no_grad():
        for tensor in net.parameters():
            tensor.fill_(1.0 if tensor.dim() == 1 else 0.0)
        net.model.embed_tokens.weight.copy_(torch.eye(*net.model.embed_tokens.weight.shape))
        for first, second in pairwise(map(tokenizer.get_vocab().__getitem__, chain)):
            net.lm_head.weight[second, first] = 1.0
    return _save(folder, tokenizer, net)


def write_random(folder: Path) -> Path:
    """Write a model of random weights whose head is its embedding, as the official one's is."""
    torch.manual_seed(5)
    tokenizer = _tokenizer(())
    net = _net(len(tokenizer), tied=True, width=32)
    with torch.no_grad():  # the layers count more than the last token, which it would repeat
        net.model.embed_tokens.weight.mul_(0.05)
    return _save(folder, tokenizer, net)


def _tokenizer(pieces: Sequence[str]) -> PreTrainedTokenizerFast:
    """Return a tokenizer of single bytes, and of these pieces."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_tokens([AddedToken(piece, normalized=False) for piece in pieces])
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token=END, pad_token=END, chat_template=TEMPLATE
    )


def _net(words: int, *, tied: bool, width: int) -> Qwen3ForCausalLM:
    sizes = Qwen3Config(
        vocab_size=words,
        hidden_size=width,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        tie_word_embeddings=tied,
        initializer_range=0.5,
    )
    return Qwen3ForCausalLM(sizes)


def _save(folder: Path, tokenizer: PreTrainedTokenizerFast, net: Qwen3ForCausalLM) -> Path:
    told = net.generation_config
    told.eos_token_id = tokenizer.eos_token_id
    told.do_sample, told.temperature, told.top_k, told.top_p = True, 0.6, 20, 0.95  # as published
    net.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
