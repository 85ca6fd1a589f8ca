"""Markup of every kind, taken out of a text: what is left is what is to be spoken, and how."""

from wyoming_indextts.speech.markup.markup import Markup

__all__ = ["Markup"]
