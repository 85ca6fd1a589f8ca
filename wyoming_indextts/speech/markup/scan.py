"""Cuts a stream of text into tokens, the same ones however the stream was cut into pieces.

A rule says of the text at one place what `whole` its token is, and in what `open` state it still
is, so that more text must be waited for. It knows nothing of any markup.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Generic, TypeVar

T = TypeVar("T")

Matcher = Callable[[str, int, int], re.Match[str] | None]
"""What `re.Pattern.match` is: the match in a text at a position, looking no further than an end."""

END: Final = "\x03"
"""Stands after the last character of a text; no pattern but its own may take it."""

LONGEST: Final = 1_000
"""Characters a token may have; also the most that is ever held back."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """One kind of token and what it becomes.

    While `open` matches, reaching the end of what has arrived, the token may become longer or
    another one. Once it does not, no further text may change what `whole` matches.
    """

    act: Callable[[re.Match[str]], Iterable[T]]
    whole: Matcher
    open: Matcher | None = None


def rule(
    act: Callable[[re.Match[str]], Iterable[T]], whole: str | Matcher, open_: str | None = None
) -> Rule[T]:
    """Return a rule made of patterns; `open_` need not say that the text ends after it."""
    return Rule(
        act,
        _matcher(whole) if isinstance(whole, str) else whole,
        _matcher(rf"(?:{open_})\Z") if open_ else None,
    )


@cache  # of this program's own patterns: a hundred, wanted anew for every utterance
def _matcher(pattern: str) -> Matcher:
    return re.compile(pattern, re.IGNORECASE).match


class Scanner(Generic[T]):
    """Holds the part of a text that is not certain yet."""

    def __init__(self) -> None:
        self._text = "\n"
        self._at = 1
        # One character before `_at` is kept, for patterns that look behind them.

    def feed(self, text: str, rules: Callable[[], Sequence[Rule[T]]]) -> list[T]:
        """Take more text; return what the certain tokens become.

        `rules` is asked before every token, so an act may change what holds after it. A
        character that no rule takes becomes nothing.
        """
        self._text += text
        made: list[T] = []
        while self._at < len(self._text):
            for candidate in rules():
                if self._may_grow(candidate):
                    self._text, self._at = self._text[self._at - 1 :], 1
                    return made
                if match := candidate.whole(self._text, self._at, self._at + LONGEST):
                    self._at = match.end()
                    made += candidate.act(match)
                    break
            else:
                self._at += 1
        self._text, self._at = self._text[-1], 1
        return made

    def _may_grow(self, candidate: Rule[T]) -> bool:
        end = len(self._text)
        if candidate.open is None or end - self._at >= LONGEST:
            return False
        return candidate.open(self._text, self._at, end) is not None
