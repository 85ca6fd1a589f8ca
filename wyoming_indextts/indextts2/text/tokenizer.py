"""Words to the vocabulary's pieces: East Asian characters alone, everything in capitals.

The vocabulary is a sentencepiece model; it has its pieces for pinyin and English in capitals.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sentencepiece import SentencePieceProcessor

from wyoming_indextts.indextts2.faults import corrupt, missing

EAST_ASIAN: Final = (
    "\u1100-\u11ff"  # Hangul letters
    "\u2e80-\ua4cf"  # radicals to Yi: Chinese, kana, their punctuation
    "\ua840-\ud7af"  # Phags-pa to Hangul syllables
    "\uf900-\ufaff"  # compatibility ideographs
    "\ufe30-\ufe4f"  # vertical forms
    "\uff65-\uffdc"  # half-width kana and Hangul
    "\U00020000-\U0002ffff"  # the rarer ideographs
)
"""Characters that are tokenized one by one, as the inside of a character class (measured)."""

_ALONE: Final = re.compile(f"([{EAST_ASIAN}])")


def spaced(text: str) -> str:
    """Return `text` in capitals, a space around every East Asian character."""
    runs = (run.strip() for run in _ALONE.split(text))
    return " ".join(run for run in runs if run).upper()


class Tokenizer:
    """A loaded vocabulary."""

    def __init__(self, vocabulary: SentencePieceProcessor) -> None:
        self._vocabulary = vocabulary

    @classmethod
    def load(cls, file: Path) -> "Tokenizer":
        """Load a sentencepiece model.

        Raises:
            WeightsMissingError: there is no such file.
            WeightsCorruptError: it is no sentencepiece model.
        """
        try:
            proto = file.read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            raise missing(file.name) from None
        if not proto:
            raise corrupt(file.name, "is empty")
        try:
            return cls(SentencePieceProcessor(model_proto=proto))
        except RuntimeError:
            raise corrupt(file.name, "is no sentencepiece model") from None

    @property
    def size(self) -> int:
        """Number of pieces; every id is below it."""
        return self._vocabulary.get_piece_size()

    def encode_words(self, text: str) -> list[str]:
        """Return the pieces of normalised text."""
        return self.encode(spaced(text))

    def encode(self, text: str) -> list[str]:
        """Return the pieces of `text` as it stands; what has none becomes a piece of its own."""
        pieces: list[str] = self._vocabulary.encode(text, out_type=str)
        return pieces

    def ids(self, pieces: Sequence[str]) -> list[int]:
        """Return the pieces' ids; what the vocabulary lacks gets the unknown piece's."""
        return [self._vocabulary.piece_to_id(piece) for piece in pieces]
