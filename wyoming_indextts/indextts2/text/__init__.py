"""Text to the model's tokens: normalised, spelled in the vocabulary's pieces, cut into segments."""

from wyoming_indextts.indextts2.text.text import Text

__all__ = ["Text"]
