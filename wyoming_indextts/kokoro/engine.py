"""The embedded voice as an engine: one clause of the most urgent job in each step."""

import logging
import re
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import numpy as np

from wyoming_indextts.errors import SpeechError, VoiceNotFoundError
from wyoming_indextts.kokoro.accent import opened
from wyoming_indextts.kokoro.clauses import Piece, clauses, pieces
from wyoming_indextts.kokoro.conversion import Conversion, conversion
from wyoming_indextts.kokoro.converted import converted
from wyoming_indextts.kokoro.network import Breaker, BrokenOffError, Network, Run
from wyoming_indextts.kokoro.options import RATE, KokoroOptions
from wyoming_indextts.kokoro.pronunciation import Pronunciation
from wyoming_indextts.kokoro.prosody import blend
from wyoming_indextts.kokoro.voices import RECIPES, Timbre, timbres
from wyoming_indextts.kokoro.weights import find_model, read_vocabulary
from wyoming_indextts.speech.audio import Limiter, Samples, decibels, pcm
from wyoming_indextts.speech.engine import Audio, Failed, Finished, Job, Produced, Style
from wyoming_indextts.speech.holdback import HEADROOM
from wyoming_indextts.speech.pauses import pause_after
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.silence import trimmed
from wyoming_indextts.speech.tempo import Tempo

log = logging.getLogger(__name__)

SPEEDS: Final = (0.5, 2.0)
"""The slowest and the fastest that is still speech."""

PAUSES: Final = (0.25, 4.0)
"""The shortest and the longest factor for the silences inside a clause."""

TRIAL: Final = "The living room light is on."
"""What is spoken, unheard, when the engine loads: two seconds, to measure its speed."""

TRIALS: Final = 3
"""Times that a machine which seems too slow for real time is tried: it may just have been busy."""

OTHERS: Final = 1.5
"""How much slower than alone the machine may turn out while clauses are cut for it: it has other
listeners, and other work."""

QUICKEST: Final = 0.1
"""Real-time factor below which clauses are not cut longer still."""

FOLDER: Final = "kokoro"
"""Of the cache, what the embedded voice keeps there."""


@dataclass(slots=True)
class _Speech:
    """A job under way; `given` is the seconds of sound it has given."""

    job: Job
    converting: Conversion
    limiter: Limiter
    breaker: Breaker = field(default_factory=Breaker)
    waiting: deque[Piece] | None = None
    given: float = 0.0

    @property
    def deadline(self) -> float:
        """When its next sound begins to be late."""
        return self.job.deadline + self.given


def load(options: KokoroOptions) -> "KokoroEngine":
    """Load the embedded voice; the first time ever takes some ten seconds more, as the log says.

    Raises:
        WeightsMissingError, WeightsCorruptError: the model, and how to mend it.
        StorageFullError: the cache has no room, or nothing can be written there.
    """
    cache = options.cache_dir / FOLDER
    model = converted(find_model(options.model_file), cache, log.info)
    network = Network(model, threads=options.threads)
    voices = timbres(options.voices_dir)
    return KokoroEngine(network, Pronunciation(cache), voices, rate=options.rate)


class KokoroEngine:
    """Implements `speech.engine.Engine` with Kokoro."""

    def __init__(
        self,
        network: Network,
        pronunciation: Pronunciation,
        timbres: Mapping[str, Timbre],
        *,
        rate: int,
    ) -> None:
        self.rate = rate
        self._network = network
        self._pronunciation = pronunciation
        self._timbres = timbres
        self._vocabulary = read_vocabulary()
        self._speeches: dict[int, _Speech] = {}
        self._lock = Lock()
        self._tempo = Tempo()
        self._measure()

    @property
    def real_time_factor(self) -> float:
        """Seconds of work per second of speech, by the last runs."""
        return self._tempo.real_time_factor

    def begin(self, job: Job) -> None:
        """Accept a job; nothing is even read yet."""
        with self._lock:
            self._speeches[job.id] = _Speech(job, conversion(self.rate), Limiter(self.rate))

    def cancel(self, job_id: int) -> None:
        """Drop a job, known or not, from any thread; a run for it ends within milliseconds."""
        with self._lock:
            speech = self._speeches.pop(job_id, None)
        if speech:
            speech.breaker.break_off()

    def step(self) -> Sequence[Produced]:
        """Speak one clause of the job whose next sound is needed first; empty when idle."""
        with self._lock:
            if not self._speeches:
                return ()
            speech = min(self._speeches.values(), key=lambda speech: speech.deadline)
        try:
            produced = self._advance(speech)
        except BrokenOffError:
            return ()
        except SpeechError as error:
            produced = [Failed(speech.job.id, error)]
        with self._lock:
            if self._speeches.get(speech.job.id) is not speech:
                return ()
            if not isinstance(produced[-1], Audio):
                del self._speeches[speech.job.id]
        return produced

    def close(self) -> None:
        """Give the memory back; nothing else may be called from now on."""
        with self._lock:
            self._speeches.clear()
        del self._network

    def _advance(self, speech: _Speech) -> list[Produced]:
        """Speak the next clause of a job."""
        job = speech.job
        if speech.waiting is None:
            said = self._said(job.phrases, job.style.voice)
            reach = 1.0 / max(OTHERS * self.real_time_factor, QUICKEST)
            speech.waiting = deque(clauses(said, _pace(job.style), reach=reach))
        if not speech.waiting:
            return [Finished(job.id)]
        clause = speech.waiting.popleft()
        sound = self._speak(clause.symbols, job.style, speech.breaker)
        if speech.waiting:
            pause = np.zeros(round(clause.pause * job.style.pause * RATE), np.float32)
            whole = speech.converting.feed(np.concatenate([sound, pause]), last=False)
            given = speech.limiter.feed(whole)
            speech.given += len(given) / self.rate
            return [Audio(job.id, pcm(given, self.rate))]
        whole = speech.converting.feed(sound, last=True)
        given = np.concatenate([speech.limiter.feed(whole), speech.limiter.flush()])
        return [Audio(job.id, pcm(given, self.rate)), Finished(job.id)]

    def _said(self, phrases: Sequence[Phrase], voice: str) -> list[Piece]:
        """Return what is to be said by a voice, in symbols that Kokoro knows."""
        timbre = self._timbres.get(voice)
        said: list[Piece] = []
        for piece in pieces(phrases):
            symbols = self._pronunciation.symbols(piece)
            if timbre is not None and timbre.accented:
                symbols = opened(symbols)
            known = "".join(symbol for symbol in symbols if symbol in self._vocabulary)
            if re.search(r"\w", known):
                said.append(Piece(known, pause_after(piece[-1].text)))
        return said

    def _speak(self, symbols: str, style: Style, breaker: Breaker) -> Samples:
        """Return the sound of a clause, trimmed and as loud as it is to be."""
        if (timbre := self._timbres.get(style.voice)) is None:
            raise VoiceNotFoundError(f"the embedded voice has no {style.voice[:40]!r}")
        prosody = blend(style.emotion)
        speed = _pace(style)
        pause = min(max(style.pause, PAUSES[0]), PAUSES[1])
        run = Run(
            symbols=[self._vocabulary[symbol] for symbol in symbols],
            speeds=[speed / (pause if pause_after(symbol) else 1.0) for symbol in symbols],
            styles=timbre.styles,
            center=timbre.center,
            prosody=prosody,
        )
        gain = timbre.gain + prosody.gain + style.gain
        start = time.perf_counter()
        sound = trimmed(self._network.speak(run, breaker), RATE)
        self._tempo.add(time.perf_counter() - start, len(sound) / RATE)
        return sound * np.float32(decibels(gain))

    def _measure(self) -> None:
        """Speak the trial; the first run, which allocates, does not count, nor busy moments."""
        style = Style(RECIPES[0].voice.name)
        (trial,) = self._said([Phrase(TRIAL)], style.voice)
        self._speak(trial.symbols, style, Breaker())
        for _ in range(TRIALS):
            self._tempo = Tempo()
            self._speak(trial.symbols, style, Breaker())
            if self.real_time_factor < 1.0 / HEADROOM:
                break


def _pace(style: Style) -> float:
    """Return the factor of the voice's pace, within what is still speech."""
    slowest, fastest = SPEEDS
    return min(max(blend(style.emotion).speed * style.speed, slowest), fastest)
