"""The names of voices: slugs, which are the same in a URL, a file's name, a topic and a log."""

import re
from typing import Final

from wyoming_indextts.errors import BadRequestError

LONGEST: Final = 40
"""Characters; with an emotion behind it a name still fits into a line."""

_SLUG: Final = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


def slug_of(text: str) -> str:
    """Return the slug that is nearest to `text`; an empty one if it has no letter of a to z."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def is_slug(text: str) -> bool:
    """Return whether `text` can be the name of a voice."""
    return len(text) <= LONGEST and _SLUG.fullmatch(text) is not None


def check_slug(text: str) -> None:
    """Make sure that `text` can be the name of a voice.

    Raises:
        BadRequestError: it cannot; the message says what could.
    """
    if is_slug(text):
        return
    nearest = slug_of(text[: 2 * LONGEST])[:LONGEST].strip("-") or "mum"
    raise BadRequestError(
        f"a voice cannot be named {text[:LONGEST]!r}: use small letters, digits and hyphens, "
        f"at most {LONGEST}, such as {nearest!r}"
    )
