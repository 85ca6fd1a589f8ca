"""The tags, comments and entities of XML and HTML, well formed or not.

Patterns for `scan`, and the reading of what they match. A tag ends at its first `>`; one that
never ends is dropped as far as it certainly is a tag, and the text after it is kept.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wyoming_indextts.speech.markup.characters import clean
from wyoming_indextts.speech.markup.scan import END

_NAME: Final = r"[a-z][a-z0-9_:.-]{0,63}+"

_WORDS: Final = r"(?:\s++[a-z_:][a-z0-9_:-]*+)*+\s*+"
"""Attributes without a value, or the first attribute's name."""

TAG: Final = rf"<(?P<end>/?)(?P<name>{_NAME})(?P<rest>{_WORDS}(?:=[^<>{END}]*+|/)?)>"

TAG_OPEN: Final = rf"</?(?:{_NAME}{_WORDS}(?:=[^<>{END}]*+|/)?)?"
"""Words alone, as in `a <b and c`, are waited for only as long as they are words."""

_ATTRIBUTE_NAME: Final = r"[a-z_:][a-z0-9_:-]*+\s*+"

_QUOTED: Final = rf"\"[^\"<>{END}]*+\"|'[^'<>{END}]*+'|[“”][^“”<>{END}]*+[“”]"

_BARE: Final = rf"[^\s<>\"'“”{END}]*+"

BROKEN_TAG: Final = (
    rf"<{_NAME}(?:\s++{_ATTRIBUTE_NAME}=\s*+(?:{_QUOTED}|[\"'“”]?{_BARE}))++\s*+/?|</{_NAME}"
)
"""What is certainly a tag of one that lacks its `>`: the name, with a value or an end's slash."""

CUT_NAME: Final = rf"<{_NAME}\s*+(?={END})"
"""A tag's beginning at the end of the text."""

CUT_TAG: Final = (
    rf"<{_NAME}(?:\s++{_ATTRIBUTE_NAME}=\s*+(?:{_QUOTED}|{_BARE}(?![\"'“”])))*+"
    rf"\s*+(?:/|{_ATTRIBUTE_NAME}(?:=\s*+(?:[\"'“”][^<>{END}]*+)?)?)?(?={END})"
)
"""The same, inside its attributes."""

ASIDE: Final = (
    rf"<!--(?:[^{END}]*?-->|[^{END}]*+(?={END}))|<[!?][a-z\[][^<>{END}]*+(?:>|(?=[<{END}]))"
    rf"|<!--|</?>|<[/!?\[-]*+(?={END})"
)
"""A comment, a processing instruction or a declaration; an empty tag, too."""

ASIDE_OPEN: Final = rf"<[!?]?|<!-(?:-(?:[^{END}-]++|-(?!->))*+)?|<[!?][a-z\[][^<>{END}]*+"

ENTITY: Final = r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{0,31});"

ENTITY_OPEN: Final = r"&(?:#(?:[0-9]{0,7}|x[0-9a-f]{0,6})|[a-z][a-z0-9]{0,31})?"

LESS_THAN: Final = r"(?<=[a-z0-9])<|<(?=[\s0-9=$€¥£.-])"
"""A sign that means something; elsewhere it is what is left of a tag."""

_ATTRIBUTE: Final = re.compile(
    r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|[“”]([^“”]*)[“”]|([^\s\"'“”/]+))"
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag; names are in lower case and without their namespace, values are decoded."""

    name: str
    attributes: Mapping[str, str]
    closing: bool
    empty: bool
    """Whether it is an element of its own, as in `<break/>`."""


def tag(match: re.Match[str]) -> Tag:
    """Return the tag that a match of `TAG` is."""
    rest = match["rest"]
    return Tag(
        match["name"].rpartition(":")[2].lower(),
        {
            name.rpartition(":")[2].lower(): html.unescape("".join(values)).strip()
            for name, *values in _ATTRIBUTE.findall(rest)
        },
        closing=bool(match["end"]),
        empty=rest.rstrip().endswith("/"),
    )


def decoded(text: str) -> str:
    """Return `text` with what its entities stand for; an unknown one stands for itself."""
    return clean(html.unescape(text))
