"""IndexTTS2 as an engine: a small piece of the most urgent job in each step.

A job is one sentence, spoken segment by segment; a segment's sound is given in chunks while its
codes are still being decoded (see `plan`), or in one shot. The same words in the same voice and
emotion always have the same codes; where a stream is cut depends on the machine's pace.
"""

import gc
import logging
import time
import zlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Final

import numpy as np
import torch

from wyoming_indextts.errors import OutOfMemoryError, SpeechError
from wyoming_indextts.indextts2 import mel
from wyoming_indextts.indextts2.emotion_reader import EmotionReader, Reading
from wyoming_indextts.indextts2.loading import Model
from wyoming_indextts.indextts2.plan import Pace
from wyoming_indextts.indextts2.prefixes import Prefixes
from wyoming_indextts.indextts2.prompts import Prompts
from wyoming_indextts.indextts2.rendering import Manner
from wyoming_indextts.indextts2.speaking import SpeakingNets
from wyoming_indextts.indextts2.utterance import Means, speak
from wyoming_indextts.indextts2.work import Tally, Work, stage_of
from wyoming_indextts.speech.audio import Limiter, Pcm, Samples, decibels, pcm
from wyoming_indextts.speech.emotion import Emotion, Weights
from wyoming_indextts.speech.emotion import emotion as emotion_of
from wyoming_indextts.speech.engine import Audio, Failed, Finished, Job, Produced
from wyoming_indextts.speech.script import Phrase
from wyoming_indextts.speech.silence import Trimmer
from wyoming_indextts.speech.tempo import Tempo
from wyoming_indextts.speech.vitals import Lack, Toll

log = logging.getLogger(__name__)

SPEEDS: Final = (0.5, 2.0)
"""The slowest and the fastest that is still speech."""

BETWEEN: Final = 0.2
"""Seconds of silence between the segments of one sentence, as the reference has it."""

GLANCE: Final = 0.005
"""Seconds of a step in which all jobs wait for the emotion of their text."""

PLENTY: Final = 4.0
"""Seconds of sound with which a listener does not notice that a sentence is made in one shot."""

NO_MEMORY: Final = ("out of memory", "can't allocate memory", "could not create a primitive")
"""How torch and oneDNN say on the CPU that there is none left; for a card there is an error."""

Steps = Generator[Pcm | None, None, None]
"""Gives control back after each step, and sound now and then."""


@dataclass(slots=True)
class _Speech:
    """A job under way: `given` is the seconds of sound it has given, `worked` those it took.

    `work` is that of each of its segments so far.
    """

    job: Job
    steps: Steps
    reading: Reading | None
    work: list[Work]
    given: float = 0.0
    worked: float = 0.0

    @property
    def deadline(self) -> float:
        """When its next sound begins to be late."""
        return self.job.deadline + self.given

    @property
    def waits(self) -> bool:
        """Whether the emotion of its text is not known yet."""
        return self.reading is not None and not self.reading.ready


class IndexTTS2Engine:
    """Implements `speech.engine.Engine` with IndexTTS2."""

    rate: Final = mel.RATE

    def __init__(
        self,
        model: Model,
        prompts: Prompts,
        prefixes: Prefixes,
        means: Means,
        tempo: Tempo,
        reader: EmotionReader,
        *,
        pace: Pace | None,
    ) -> None:
        """Take the parts; `tempo` and `pace` know by now how fast the machine is.

        Without a `pace` segments are made in one shot.
        """
        self._model = model
        self._prompts = prompts
        self._prefixes = prefixes
        self._means = means
        self._tempo = tempo
        self._reader = reader
        self._pace = pace
        self.noted: Callable[[Sequence[Work]], None] | None = None
        """Told the work of each job that has finished, segment by segment, in the engine's
        thread; may be set before the first job."""
        self.lack: Lack | None = None
        """What the machine cannot do; told by whoever has measured it."""
        self._speeches: dict[int, _Speech] = {}
        self._lock = Lock()
        self._tally = Tally()

    @property
    def nets(self) -> SpeakingNets:
        """The nets that speak; whoever looks at them must not change them."""
        return self._means.nets

    @property
    def real_time_factor(self) -> float:
        """Seconds of work per second of speech, by the last sentences."""
        return self._tempo.real_time_factor

    @property
    def toll(self) -> Toll:
        """The work of all sentences that were spoken to their end, and the card's memory."""
        held = torch.cuda.memory_reserved() if torch.cuda.is_available() else 0
        return Toll(asdict(self._tally), held)

    def begin(self, job: Job) -> None:
        """Accept a job; only the emotion of its text, if wanted, is read from now on."""
        text = "".join(phrase.text for phrase in job.phrases).strip()
        wanted = bool(text and job.style.emotion.from_text)
        reading = self._reader.read(text) if wanted else None
        with self._lock:
            work: list[Work] = []
            self._speeches[job.id] = _Speech(job, self._speak(job, reading, work), reading, work)

    def cancel(self, job_id: int) -> None:
        """Drop a job, known or not, from any thread; a step that is under way for it is its last.

        A step is a code, an Euler step or a vocoder run: milliseconds on a card.
        """
        with self._lock:
            speech = self._speeches.pop(job_id, None)
        if speech and speech.reading:
            speech.reading.cancel()

    def step(self) -> Sequence[Produced]:
        """Do one step for the job whose next sound is needed first; empty when idle.

        Where it decodes a code, so may others that will want one soon (see `decoding`).
        One that waits for the emotion of its text lets the others pass.
        An idle engine enrols voices that are new, so that nobody waits for it later, and writes to
        the disk what another start need not read again.
        """
        with self._lock:
            speech = min(self._speeches.values(), key=_urgency, default=None)
        if speech is None:
            with torch.inference_mode():
                _ = self._prompts.prepare() or self._prefixes.save()
            return ()
        if speech.reading and speech.waits:
            speech.reading.wait(GLANCE)
            return ()
        job_id = speech.job.id
        produced: Produced | None = None
        try:
            sound = self._advance(speech)
        except StopIteration:
            produced = Finished(job_id)
            self._tempo.add(speech.worked, speech.given)
            for work in speech.work:
                self._tally.add(work)
            log.debug("job %d: %s", job_id, speech.work)
            if self.noted is not None:
                self.noted(speech.work)
        except SpeechError as error:
            log.warning("a sentence failed: %s", error)
            produced = Failed(job_id, error)
        else:
            produced = Audio(job_id, sound) if sound else None
        with self._lock:
            if self._speeches.get(job_id) is not speech:
                return ()
            if isinstance(produced, Finished | Failed):
                del self._speeches[job_id]
        return (produced,) if produced else ()

    def close(self) -> None:
        """Give the memory back; nothing else may be called from now on."""
        with self._lock:
            self._speeches.clear()
        self._reader.close()
        del self._model, self._prompts, self._prefixes, self._means
        _free()

    @torch.inference_mode()
    def _advance(self, speech: _Speech) -> Pcm | None:
        """Let a job take its next step; return the sound it gives, if any.

        Raises:
            StopIteration: it has given all its sound.
            SpeechError: it failed.
        """
        start, cpu = time.perf_counter(), time.process_time()
        before = speech.work[-1].copy() if speech.work else Work()
        try:
            sound = next(speech.steps)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _is_lack_of_memory(error):
                raise
            speech.steps.close()
        else:
            speech.worked += time.perf_counter() - start
            if speech.work:
                work = speech.work[-1]
                stage = stage_of(before, work)
                spent = time.process_time() - cpu
                work.spent[stage] = work.spent.get(stage, 0.0) + spent
            speech.given += sound.seconds if sound else 0.0
            return sound
        _free()  # outside the handler, which holds on to what the failed step was at
        raise OutOfMemoryError("there is too little memory left for this sentence")

    def _speak(self, job: Job, reading: Reading | None, done: list[Work]) -> Steps:
        style = job.style
        voice = self._prompts.find(style.voice)
        yield None
        weights = _weights(style.emotion, reading)
        slowest, fastest = SPEEDS
        limiter = Limiter(self.rate)
        gain = np.float32(decibels(style.gain))
        pause = np.zeros(round(BETWEEN * style.pause * self.rate), np.float32)
        pace = None if job.deadline - time.monotonic() > PLENTY else self._pace
        segments = self._model.text.tokenize(_written(job.phrases))
        emotion = voice.emotion(weights)
        prefix = self._prefixes.find(voice, weights, emotion)
        for number, tokens in enumerate(segments):
            manner = Manner(
                prompt=voice.prompt,
                emotion=emotion,
                prefix=prefix,
                speed=min(max(style.speed, slowest), fastest),
                seed=zlib.crc32(repr(tokens).encode()),
            )
            done.append(work := Work())
            trimmer = Trimmer(self.rate)
            for wave in speak(self._means, tokens, manner, work=work, pace=pace):
                if wave is not None:
                    yield self._pcm(limiter.feed(trimmer.feed(wave.numpy()) * gain))
                else:
                    yield None
            sound = limiter.feed(trimmer.flush() * gain)
            rest = limiter.flush() if number == len(segments) - 1 else limiter.feed(pause)
            yield self._pcm(np.concatenate([sound, rest]))

    def _pcm(self, samples: Samples) -> Pcm | None:
        return pcm(samples, self.rate) if len(samples) else None


def _urgency(speech: _Speech) -> tuple[bool, float]:
    return speech.waits, speech.deadline


def _weights(told: Emotion, reading: Reading | None) -> Weights:
    """Return the weights that were read, as engines take them; else those that were told."""
    if reading is None or told.from_text is None or (read := reading.take()) is None:
        return told.weights
    return emotion_of(read, intensity=told.from_text).weights


def _written(phrases: Sequence[Phrase]) -> str:
    """Return the text as the model's own front end takes it: given readings as pinyin."""
    return "".join(
        f" {' '.join(phrase.pinyin)} " if phrase.pinyin else phrase.text for phrase in phrases
    )


def _is_lack_of_memory(error: Exception) -> bool:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(said in str(error) for said in NO_MEMORY)


def _free() -> None:
    """Give back to the device what nobody holds."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
