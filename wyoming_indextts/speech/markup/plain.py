"""Plain text as people and language models write it: markdown, HTML, links, code, inline tags.

What is for the eye is taken out; what is left is said. It knows nothing of SSML, and keeps to
the text's own order: all that may be held back is the beginning of a possible mark.
"""

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Final

from wyoming_indextts.speech.emotion import Presets
from wyoming_indextts.speech.markup import tags
from wyoming_indextts.speech.markup.brackets import (
    BRACKETS,
    BRACKETS_OPEN,
    Feeling,
    Footnote,
    bracketed,
)
from wyoming_indextts.speech.markup.scan import END, Rule, Scanner, rule
from wyoming_indextts.speech.script import Pause

Item = str | Pause | Feeling
"""Text to be spoken, or what an inline tag asks for."""

_LONGEST_CODE: Final = 60
"""Characters of inline code that is read; longer code is not for the ear."""

_LETTER: Final = rf"(?:[^{END}\n*_~`\[\]【】!|<&\\hfw-]|(?<=[a-z0-9])[hfw])"
"""What no mark begins with; h, f and w may begin an address at the beginning of a word."""

_ADDRESS: Final = r"(?<![a-z0-9])(?:https?://|ftp://|www\.)"

_ADDRESS_OPEN: Final = (
    r"(?<![a-z0-9])(?:h(?:t(?:t(?:p(?:s?(?::/?)?)?)?)?)?|f(?:t(?:p(?::/?)?)?)?|ww?w?)"
)

_HOST: Final = r"(?:[a-z0-9._~%+:-]{1,100}+@)?(?:www\.)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8})"
"""A user's name and password may stand before the host; they are not read out."""

_HOST_OPEN: Final = r"[a-z0-9._~%+:-]{0,253}@?[a-z0-9.-]{0,253}"

_PATH: Final = r"[a-z0-9/_~%&=+#$@-]"

_CODE: Final = rf"`([^`\n{END}]{{1,200}})`|``([^`\n{END}]{{1,200}})``"

_CODE_OPEN: Final = rf"`[^`\n{END}]{{0,200}}|``(?:[^`\n{END}]{{1,200}}`?)?"

_WORDS: Final = re.compile(r"[\w .,'’:%°+/-]+")
"""Code that can be read as words."""

_BRACKETS: Final = re.compile(BRACKETS)

_BLOCKS: Final = frozenset((
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
))  # fmt: skip
"""HTML's elements that stand on lines of their own."""

_HIDDEN: Final = frozenset(("think", "thinking", "script", "style"))
"""Elements whose content nobody is meant to hear: what a language model thinks, and programs."""


class _Mode(Enum):
    LINE = auto()
    """At the beginning of a line."""
    TEXT = auto()
    ROW = auto()
    """In a row of a table."""
    HOST = auto()
    """After `https://`."""
    PATH = auto()
    """In the rest of an address."""
    TARGET = auto()
    """In the round brackets of a link."""
    BACKTICKS = auto()
    """In a block of code."""
    TILDES = auto()
    HIDDEN = auto()
    """In an element that is not for anybody's ears."""


class Plain:
    """Holds where in the text it is, and what of it is not certain yet."""

    def __init__(self, presets: Presets) -> None:
        self._presets = presets
        self._scanner = Scanner[Item]()
        self._mode = _Mode.LINE
        self._after = _Mode.TEXT
        self._depth = 0
        text = self._text_rules()
        self._rules: dict[_Mode, Sequence[Rule[Item]]] = {
            _Mode.LINE: (*self._line_rules(), *text),
            _Mode.TEXT: text,
            _Mode.ROW: (*self._row_rules(), *text),
            _Mode.HOST: self._host_rules(),
            _Mode.PATH: self._path_rules(),
            _Mode.TARGET: self._target_rules(),
            _Mode.BACKTICKS: self._fence_rules("`"),
            _Mode.TILDES: self._fence_rules("~"),
            _Mode.HIDDEN: self._hidden_rules(),
        }

    def feed(self, text: str) -> list[Item]:
        """Take more text; return what is certain."""
        return self._scanner.feed(text, lambda: self._rules[self._mode])

    def flush(self) -> list[Item]:
        """No mark goes on beyond this point: return what was held back."""
        return self.feed(END)

    def _text_rules(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._say, f"{_LETTER}+"),
            rule(self._end_line, r"\n"),
            rule(self._address, _ADDRESS, _ADDRESS_OPEN),
            rule(self._fence, r"`{3,}", "`+"),
            rule(self._code, _CODE, _CODE_OPEN),
            rule(self._say, r"(?<=[0-9])\*{1,2}(?=[0-9])|(?<=\s)\*(?=\s)", r"\*+"),
            rule(self._space, r"(?<=[^\W_])_+(?=[^\W_])", "_+"),
            rule(self._drop, r"~{2,}", "~+"),
            rule(self._dash, "-{2,}", "-+"),
            rule(self._drop, rf"(?<=[\s(\[（:：{END}])!(?=\[)", rf"(?<=[\s(\[（:：{END}])!"),
            rule(self._bracketed, self._known_brackets, BRACKETS_OPEN),
            rule(self._space, r"(?<=[a-z0-9])[\[【](?=[a-z0-9])"),
            rule(self._link, r"\]\(", r"\]"),
            rule(self._space, r"(?<=[a-z0-9])[\]】](?=[a-z0-9])", "】"),
            rule(self._comma, r"\|+", r"\|+"),
            rule(self._escaped, r"\\[!-/:-@\[-`{-~]", r"\\"),
            rule(self._space, r"\\"),
            rule(self._entity, tags.ENTITY, tags.ENTITY_OPEN),
            rule(self._drop, tags.ASIDE, tags.ASIDE_OPEN),
            rule(self._tag, tags.TAG, tags.TAG_OPEN),
            rule(self._drop, rf"{tags.BROKEN_TAG}|(?<![a-z0-9]){tags.CUT_NAME}"),
            rule(self._say, tags.LESS_THAN),
            rule(self._drop, r"[*_`\[\]【】<]"),
            rule(self._skip, END),
            rule(self._say, "."),
        )

    def _line_rules(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._skip, "[ >]+"),
            rule(self._fence, "~{3,}", "~+"),
            rule(self._skip, r"([-*_=])\1{2,}", r"([-*_=])\1*"),
            rule(self._skip, rf"(?:[-*+]|#{{1,6}})(?=[\s{END}])", r"[+]|#{1,6}"),
            rule(self._skip, r"\[[ x]\](?= )", r"\[(?:[ x]\]?)?"),
            rule(self._begin_row, rf"\|(?:[-:| ]*(?=[\n{END}])| *)", r"\|[-:| ]*"),
        )

    def _row_rules(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._drop, rf" *\|[| ]*(?=[\n{END}])", r" *(?:\|[| ]*)?"),
            rule(self._comma_space, r" *\|[| ]*"),
            rule(self._say, f"(?:(?! ){_LETTER})+| +"),
        )

    def _host_rules(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._host, _HOST, _HOST_OPEN),
            rule(self._continue_address, ""),
        )

    def _path_rules(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._drop, rf"{_PATH}+"),
            rule(self._drop, rf"[.,;:?'()\[\]]+(?={_PATH})", r"[.,;:?'()\[\]]+"),
            rule(self._leave, ">?"),
        )

    def _target_rules(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._drop, rf"[^()\n{END}]+"),
            rule(self._target_bracket, r"[()]"),
            rule(self._leave, ""),
        )

    def _fence_rules(self, mark: str) -> tuple[Rule[Item], ...]:
        return (rule(self._leave, f"{mark}{{3,}}", f"{mark}+"),)

    def _hidden_rules(self) -> tuple[Rule[Item], ...]:
        return (
            rule(self._skip, "[^<]+"),
            rule(self._leave, rf"</(?:{'|'.join(sorted(_HIDDEN))})\s*>", r"<(?:/[a-z]{0,8}\s*)?"),
        )

    # --- what a token becomes; whatever is said ends the beginning of a line

    def _said(self, text: str) -> tuple[Item, ...]:
        if self._mode is _Mode.LINE:
            self._mode = _Mode.TEXT
        return (text,)

    def _say(self, match: re.Match[str]) -> Iterable[Item]:
        return self._said(match.group())

    def _space(self, _: re.Match[str]) -> Iterable[Item]:
        return self._said(" ")

    def _comma(self, _: re.Match[str]) -> Iterable[Item]:
        return self._said(",")

    def _comma_space(self, _: re.Match[str]) -> Iterable[Item]:
        return self._said(", ")

    def _dash(self, _: re.Match[str]) -> Iterable[Item]:
        return self._said("—")

    def _escaped(self, match: re.Match[str]) -> Iterable[Item]:
        return self._said(match.group()[1:])

    def _entity(self, match: re.Match[str]) -> Iterable[Item]:
        return self._said(tags.decoded(match.group()))

    def _drop(self, _: re.Match[str]) -> Iterable[Item]:
        if self._mode is _Mode.LINE:
            self._mode = _Mode.TEXT
        return ()

    def _skip(self, _: re.Match[str]) -> Iterable[Item]:
        return ()

    def _end_line(self, _: re.Match[str]) -> Iterable[Item]:
        self._mode = _Mode.LINE
        return ("\n",)

    def _begin_row(self, _: re.Match[str]) -> Iterable[Item]:
        self._mode = _Mode.ROW
        return ()

    def _tag(self, match: re.Match[str]) -> Iterable[Item]:
        tag = tags.tag(match)
        if tag.name in _HIDDEN and not (tag.closing or tag.empty):
            return self._enter(_Mode.HIDDEN)
        return self._end_line(match) if tag.name in _BLOCKS else self._drop(match)

    def _code(self, match: re.Match[str]) -> Iterable[Item]:
        code = match[1] or match[2]
        if len(code) > _LONGEST_CODE or not _WORDS.fullmatch(code):
            return self._drop(match)
        return self._said(code.replace("_", " "))

    def _fence(self, match: re.Match[str]) -> Iterable[Item]:
        return self._enter(_Mode.BACKTICKS if match.group()[0] == "`" else _Mode.TILDES)

    def _known_brackets(self, text: str, at: int, end: int) -> re.Match[str] | None:
        match = _BRACKETS.match(text, at, end)
        return match if match and bracketed(match[1], self._presets) else None

    def _bracketed(self, match: re.Match[str]) -> Iterable[Item]:
        match bracketed(match[1], self._presets):
            case None | Footnote():
                return self._drop(match)
            case item:
                return (item,)

    def _link(self, _: re.Match[str]) -> Iterable[Item]:
        self._depth = 1
        return self._enter(_Mode.TARGET)

    def _target_bracket(self, match: re.Match[str]) -> Iterable[Item]:
        self._depth += 1 if match.group() == "(" else -1
        if not self._depth:
            self._mode = self._after
        return ()

    def _address(self, _: re.Match[str]) -> Iterable[Item]:
        return self._enter(_Mode.HOST)

    def _host(self, match: re.Match[str]) -> Iterable[Item]:
        self._mode = _Mode.PATH
        return (match[1],)

    def _continue_address(self, _: re.Match[str]) -> Iterable[Item]:
        self._mode = _Mode.PATH
        return ()

    def _leave(self, _: re.Match[str]) -> Iterable[Item]:
        self._mode = self._after
        return ()

    def _enter(self, mode: _Mode) -> Iterable[Item]:
        self._after = _Mode.ROW if self._mode is _Mode.ROW else _Mode.TEXT
        self._mode = mode
        return ()
