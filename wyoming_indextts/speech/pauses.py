"""How long a speaker is silent after a piece of text, by the mark that ends it."""

from typing import Final

SECONDS: Final = {
    "、": 0.12,
    ",": 0.20, "，": 0.20,
    "—": 0.25, "–": 0.25, "~": 0.25, "～": 0.25,
    ";": 0.30, "；": 0.30, ":": 0.30, "：": 0.30,
    ".": 0.40, "。": 0.40, "．": 0.40, "!": 0.40, "！": 0.40, "?": 0.40, "？": 0.40,
    "…": 0.50,
    "\n": 0.60,
}  # fmt: skip
"""Seconds at pause factor 1, from measured pauses of radio news in both languages: about 0.2
within a sentence, 0.4 to 0.6 between two."""

CLOSING: Final = "\"'”’』」》〉）)】］] \t\r\u3000"
"""What may stand between the mark and the end of the text."""


def pause_after(text: str) -> float:
    """Return the seconds of silence after `text`, 0 if no mark ends it.

    A new line counts wherever it stands among the last marks; three dots are an ellipsis.
    """
    end = text.rstrip(CLOSING + "\n")
    if "\n" in text[len(end) :]:
        return SECONDS["\n"]
    if end.endswith(("...", "。。。")):
        return SECONDS["…"]
    return SECONDS.get(end[-1:], 0.0)
