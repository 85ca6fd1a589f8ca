"""Text as the language model takes it: segments of token ids.

text --Normaliser--> words --Tokenizer--> pieces --cut--> segments of pieces --Tokenizer--> ids
"""

from pathlib import Path
from typing import Final

from wyoming_indextts.indextts2.text.glossary import Glossary
from wyoming_indextts.indextts2.text.normaliser import Normaliser
from wyoming_indextts.indextts2.text.segments import LONGEST, cut
from wyoming_indextts.indextts2.text.tokenizer import Tokenizer
from wyoming_indextts.indextts2.text.transducer import Transducer

GLOSSARY: Final = "glossary.yaml"
"""The file beside the vocabulary that may hold the user's own readings of terms."""

_LONE_SURROGATES: Final = dict.fromkeys(range(0xD800, 0xE000), " ")
"""What is no character, though Python lets it stand in a text."""


class Text:
    """Reads any text in Chinese, English or both; any thread may call it, several at a time."""

    def __init__(self, normaliser: Normaliser, tokenizer: Tokenizer, *, longest: int) -> None:
        self._normaliser = normaliser
        self._tokenizer = tokenizer
        self._longest = longest

    @classmethod
    def load(cls, bpe_model: Path, *, longest: int = LONGEST) -> "Text":
        """Load the vocabulary, the glossary beside it if there is one, and the transducers.

        Takes about a second. No segment will have more than `longest` tokens.

        Raises:
            WeightsMissingError: there is no vocabulary.
            WeightsCorruptError: the vocabulary or the glossary cannot be read.
        """
        tokenizer = Tokenizer.load(bpe_model)
        glossary = Glossary.load(bpe_model.with_name(GLOSSARY))
        return cls(Normaliser(Transducer().read, glossary), tokenizer, longest=longest)

    @property
    def size(self) -> int:
        """Number of pieces in the vocabulary; every id is below it."""
        return self._tokenizer.size

    def tokenize(self, text: str) -> list[list[int]]:
        """Return the segments of `text`, without start and stop; none if nothing is left of it.

        Never raises, whatever the text and however long.
        """
        written = text.translate(_LONE_SURROGATES).strip()
        if len(written) == 1:
            pieces = self._tokenizer.encode(written)
        else:
            pieces = self._tokenizer.encode_words(self._normaliser.normalise(written))
        return [self._tokenizer.ids(segment) for segment in cut(pieces, longest=self._longest)]
