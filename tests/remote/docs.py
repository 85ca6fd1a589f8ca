"""The blocks of docs/gateway.md, so that tests run what people are told to run."""

import re
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "gateway.md"


def blocks(language: str, word: str) -> list[str]:
    """Return the blocks in a language that have a word in them, without their indentation."""
    fence = rf"(?ms)^( *)```{language}\n(.*?)^ *```$"
    found = re.findall(fence, PAGE.read_text("utf-8"))
    lines = [re.sub(rf"(?m)^{indent}", "", text) for indent, text in found]
    return [text for text in lines if word in text]
