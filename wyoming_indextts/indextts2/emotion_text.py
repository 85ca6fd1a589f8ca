"""The emotion of a text, as the small language model in the official folder answers it.

    text -> prompt (1, T)     the folder's own chat template, without thinking
         -> answer            greedy, some 77 tokens: {"高兴": 0.1, "愤怒": 0.0, ...}
         -> Weights           raw, one for each of the eight, in [0, 1]

The model is a Qwen3 of 0.6 billion parameters, fine-tuned for this. It runs on the CPU in float32
and needs `transformers`, which is imported only when it is loaded.

Source: Yang et al. 2025 (Qwen3 technical report); the reference for prompt and keys.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from wyoming_indextts.errors import UnsupportedError, WeightsCorruptError, WeightsMissingError
from wyoming_indextts.speech.emotion import AXES, Weights

FILES: Final = (
    "config.json", "generation_config.json", "tokenizer_config.json", "chat_template.jinja",
    "tokenizer.json", "model.safetensors",
)  # fmt: skip
"""What is needed of the folder."""

TASK: Final = "文本情感分类"
"""What the model is told to do; it was trained with these words."""

KEYS: Final = ("高兴", "愤怒", "悲伤", "恐惧", "反感", "低落", "惊讶", "自然")
"""The eight emotions in the model's words, in the order of `AXES`."""

PAIR: Final = re.compile(rf"({'|'.join(KEYS)})\W*?(-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)")
"""A key with its number, in an answer that is good JSON or nearly so."""

GLOOM: Final = re.compile("低落|melanchol(?:y|ic)|depress(?:ion|ed)|gloomy", re.IGNORECASE)
"""Words at which the model takes melancholic for sad; the reference then swaps the two."""

LONGEST: Final = 96
"""Tokens of an answer at most; a whole one has about 77."""

MOST: Final = 400
"""Characters of a text that are read; a sentence's feeling shows by then."""

MENDING: Final = "mend it with `wyoming-indextts download qwen`"
"""The command that fetches each file that is missing or not as it should be."""

INSTALLING: Final = 'mend it with `pip install "wyoming-indextts[qwen]"`'
"""The command that brings the library."""


@dataclass(frozen=True, slots=True)
class EmotionModel:
    """Reads the emotion of texts. Its parts have no types: they are those of `transformers`."""

    tokenizer: Any
    net: Any

    def prompt(self, text: str) -> Tensor:
        """Return the ids (1, T) that the model is to go on from."""
        told = [{"role": "system", "content": TASK}, {"role": "user", "content": text[:MOST]}]
        rendered = self.tokenizer.apply_chat_template(
            told, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return torch.tensor([self.tokenizer(rendered)["input_ids"]])

    @torch.inference_mode()
    def answer(self, text: str, dropped: Callable[[], bool]) -> str | None:
        """Return what the model says of a text; None once nobody wants to know any more."""
        if dropped():
            return None
        given = self.prompt(text)
        ids = self.net.generate(
            given,
            attention_mask=torch.ones_like(given),
            do_sample=False,
            max_new_tokens=LONGEST,
            stopping_criteria=[lambda _ids, _scores: torch.tensor([dropped()])],
        )
        if dropped():
            return None
        said = ids[0, given.shape[1] :]
        answer: str = self.tokenizer.decode(said, skip_special_tokens=True)
        return answer


def weights_of(answer: str, text: str) -> Weights:
    """Return the weights that the model answered for a text.

    An emotion that is not named is 0, and a number counts up to 1 (the reference lets it be 1.2,
    but the sum is capped below 1 afterwards). Where nothing is felt, calm is 1.
    """
    named = {key: min(max(float(number), 0.0), 1.0) for key, number in PAIR.findall(answer)}
    found = dict(zip(AXES, (named.get(key, 0.0) for key in KEYS), strict=True))
    if not any(found.values()):
        found["calm"] = 1.0
    if GLOOM.search(text):
        found["sad"], found["melancholic"] = found["melancholic"], found["sad"]
    h, a, s, f, d, m, u, c = found.values()
    return (h, a, s, f, d, m, u, c)


def load_emotion_model(folder: Path) -> EmotionModel:
    """Load the model from its folder; nothing is fetched, and no code in it is run.

    Raises:
        UnsupportedError: the extra is not installed.
        WeightsMissingError, WeightsCorruptError: a file, and the command that mends it.
    """
    library = _library()
    for name in FILES:
        if not (folder / name).is_file():
            raise WeightsMissingError(f"{folder.name}/{name} is not there; {MENDING}")
    try:
        tokenizer = library.PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
        net, told = library.Qwen3ForCausalLM.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except MemoryError:
        raise
    except Exception as error:  # the tokenizers' errors have no class of their own
        fault = (str(error).splitlines() or [""])[0][:200]
        raise WeightsCorruptError(f"{folder.name}: {fault or repr(error)}; {MENDING}") from error
    for what in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if wrong := sorted(map(str, told[what])):
            fault = f"{what.replace('_', ' ')}, {wrong[0]} the first"
            raise WeightsCorruptError(f"{folder.name}: {fault}; {MENDING}")
    return EmotionModel(tokenizer, net.eval())


def _library() -> Any:  # noqa: ANN401 - the library as it is
    try:
        library = import_module("transformers")
    except ImportError as error:
        raise UnsupportedError(
            f"emotion from text needs {error.name or 'transformers'}; {INSTALLING}"
        ) from None
    library.utils.logging.disable_progress_bar()  # it is in nobody's terminal
    library.utils.logging.set_verbosity_error()  # nor what it thinks of the file's sampling
    return library
