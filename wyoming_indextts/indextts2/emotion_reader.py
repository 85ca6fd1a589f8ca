"""Reads the emotion of texts beside the engine, one after another, in a thread of its own.

    text -> Reading     at once; a text that was read before is ready
         -> Weights     seconds later, or None: then the emotion stays as it was told

The model is loaded when the first text comes. Whatever is wrong with it costs no sentence: the log
says once what mends it.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final

from wyoming_indextts.errors import SpeechError, WeightsCorruptError
from wyoming_indextts.indextts2.emotion_text import EmotionModel, weights_of
from wyoming_indextts.speech.emotion import Weights

log = logging.getLogger(__name__)

TEXTS: Final = 512
"""Texts whose emotion is remembered; of more, those that were asked for last."""

PATIENCE: Final = 15.0
"""Seconds that a sentence waits for its emotion; two slow cores need ten for an answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The emotion of a text, on its way."""

    weights: Future[Weights | None] = field(default_factory=Future)
    dropped: Event = field(default_factory=Event)
    due: float = field(default_factory=lambda: time.monotonic() + PATIENCE)

    @property
    def ready(self) -> bool:
        """Whether it is known by now, or has been waited for long enough."""
        return self.weights.done() or time.monotonic() >= self.due

    def wait(self, seconds: float) -> None:
        """Wait until it is known, but no longer than that."""
        wait([self.weights], timeout=seconds)

    def take(self) -> Weights | None:
        """Return it; None if it is not known, and then it will not be."""
        if self.weights.done():
            return self.weights.result()
        log.warning("a sentence waited %.0f s for its emotion, in vain", PATIENCE)
        self.cancel()
        return None

    def cancel(self) -> None:
        """Have it no longer read; any thread may."""
        self.dropped.set()


class EmotionReader:
    """Reads with the model that `load` gives; it is asked for when the first text comes."""

    def __init__(self, load: Callable[[], EmotionModel]) -> None:
        self._load = load
        self._model: EmotionModel | None = None
        self._corrupt: WeightsCorruptError | None = None
        self._known: OrderedDict[str, Weights] = OrderedDict()
        self._lock = Lock()
        self._said: set[str] = set()
        self._closed = Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="emotion")

    def read(self, text: str) -> Reading:
        """Begin to read a text; returns at once."""
        reading = Reading()
        if known := self._remembered(text):
            reading.weights.set_result(known)
        else:
            self._thread.submit(self._read, text, reading)
        return reading

    def close(self) -> None:
        """Stop reading, within one token of the model, and let go of it."""
        self._closed.set()
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._model = None

    def _read(self, text: str, reading: Reading) -> None:
        weights: Weights | None = None
        try:
            weights = self._remembered(text) or self._weights(text, reading)
        except SpeechError as error:
            self._complain(str(error))
        except Exception as error:  # noqa: BLE001 - this thread's outermost: no sentence fails of it
            self._complain(f"{type(error).__name__}: {error}")
        finally:
            reading.weights.set_result(weights)

    def _weights(self, text: str, reading: Reading) -> Weights | None:
        def dropped() -> bool:
            return reading.dropped.is_set() or self._closed.is_set()

        if dropped():
            return None
        answer = self._loaded().answer(text, dropped)
        if answer is None:
            return None
        weights = weights_of(answer, text)
        log.debug("the emotion of a text: %s", answer)
        with self._lock:
            self._known[text] = weights
            if len(self._known) > TEXTS:
                self._known.popitem(last=False)
        return weights

    def _loaded(self) -> EmotionModel:
        """Return the model; one that is damaged is not tried again."""
        if self._corrupt:
            raise self._corrupt
        if self._model is None:
            began = time.monotonic()
            try:
                self._model = self._load()
            except WeightsCorruptError as error:
                self._corrupt = error
                raise
            log.info("the emotion model is loaded, in %.1f s", time.monotonic() - began)
        return self._model

    def _remembered(self, text: str) -> Weights | None:
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
            return self._known.get(text)

    def _complain(self, fault: str) -> None:
        if fault not in self._said:
            self._said.add(fault)
            log.warning("sentences are spoken without the emotion of their text: %s", fault)
