"""The documents as a reader meets them: their blocks, their links, their headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Final

ROOT: Final = Path(__file__).parents[1]

DOCUMENTS: Final = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "addon").glob("*.md")]
)
"""All that is written for people."""

BLOCK: Final = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)

LINK: Final = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A block between fences: where it stands, in which language, and what it says."""

    document: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}: {self.text.splitlines()[0][:40]}"


def blocks(language: str) -> list[Block]:
    """Return all blocks of a language."""
    return [block for file in DOCUMENTS for block in blocks_of(file) if block.language == language]


def blocks_of(document: Path) -> Iterator[Block]:
    """Yield the blocks of a document, in order."""
    for _, language, text in BLOCK.findall(document.read_text("utf-8")):
        yield Block(document, language, dedent(text))


def links(document: Path) -> list[str]:
    """Return where a document points to within the repository."""
    text = BLOCK.sub("", document.read_text("utf-8"))
    return [link for link in LINK.findall(text) if "://" not in link]


def anchors(document: Path) -> set[str]:
    """Return what a heading of a document is called in a link, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", document.read_text("utf-8")), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}
