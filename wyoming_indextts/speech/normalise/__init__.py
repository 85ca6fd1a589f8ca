"""Text normalisation: numbers, units, times and symbols in words, in Chinese and English."""

from wyoming_indextts.speech.normalise.characters import unspeakable
from wyoming_indextts.speech.normalise.normaliser import Normaliser

__all__ = ["Normaliser", "unspeakable"]
