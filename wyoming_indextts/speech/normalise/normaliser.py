"""Sentences as people write them, become words as people say them.

Sentence --lexicon--> spans --fold--> known characters --English or Chinese--> words --tidy-->
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from wyoming_indextts.speech.language import Language, language_of
from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import english, say_as
from wyoming_indextts.speech.normalise.characters import fold, is_speakable
from wyoming_indextts.speech.normalise.chinese import ChineseReader
from wyoming_indextts.speech.normalise.tidy import tidy
from wyoming_indextts.speech.script import Phrase, Sentence, Span


class Normaliser:
    """Reads sentences of both languages, with the user's own readings first.

    Made at once; `load` takes half a second and belongs in a thread. Any thread may call any of
    it, several at a time.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._chinese = ChineseReader()

    def load(self) -> None:
        """Load what Chinese needs; without it, the first Chinese sentence with a number does."""
        self._chinese.load()

    def normalise(self, sentence: Sentence) -> tuple[Phrase, ...]:
        """Return what is said, in words and punctuation only; () if there is nothing to say.

        Never raises, whatever the text. A sentence with a Chinese character is read in Chinese,
        save for English runs in it; any other in English.
        """
        language = language_of(sentence.text)
        spans = [part for span in sentence.spans for part in self._lexicon.apply(span, language)]
        phrases = tuple(_trimmed(self._phrases(spans, language)))
        return phrases if any(is_speakable(phrase.text) for phrase in phrases) else ()

    def _phrases(self, spans: Sequence[Span], language: Language) -> Iterator[Phrase]:
        """Yield a phrase for each span with pinyin, and one for everything between two."""
        for has_pinyin, group in groupby(spans, lambda span: bool(span.pinyin)):
            if has_pinyin:
                yield from (Phrase(span.text, span.pinyin) for span in group)
            elif text := tidy(self._read_spans(group, language), language):
                yield Phrase(text)

    def _read_spans(self, spans: Iterator[Span], language: Language) -> str:
        """Return the words of spans without pinyin; plain ones are read as one text."""
        return "".join(
            self._read(fold("".join(span.text for span in group)), language)
            if way is None
            else "".join(self._read_as(span, language) for span in group)
            for way, group in groupby(spans, lambda span: span.say_as)
        )

    def _read_as(self, span: Span, language: Language) -> str:
        text = fold(span.text)
        spoken = say_as.read(text, span.say_as, language) if span.say_as else None
        return self._read(text, language) if spoken is None else spoken

    def _read(self, text: str, language: Language) -> str:
        return english.read(text) if language == "en" else self._chinese.read(text)


def _trimmed(phrases: Iterator[Phrase]) -> Iterator[Phrase]:
    """Yield the phrases without space, or a pause, before the first and after the last."""
    whole = list(phrases)
    for index, phrase in enumerate(whole):
        text = phrase.text
        if index == 0:
            text = text.lstrip(" ,，、.。;；:：—")
        if index == len(whole) - 1:
            text = text.rstrip(" ")
        if text:
            yield Phrase(text, phrase.pinyin)
