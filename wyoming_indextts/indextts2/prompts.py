"""The voices that the engine knows: their prompts, and how each sounds in an emotion.

    voice's name -> Recording -> VoicePrompt     from memory, from the disk, or by enrolment
    weights      -> emotion (1, D)               once for each voice

A prompt is kept beside the voice, under the hashes of its clip and of the model: one that is
there is used, however it came there. What it says is checked when it is read.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from torch import Tensor

from wyoming_indextts.errors import (
    SpeechError,
    StorageFullError,
    VoiceNotFoundError,
    WeightsCorruptError,
)
from wyoming_indextts.indextts2.emotion import EmotionExamples, mixed
from wyoming_indextts.indextts2.enrolment import EnrolmentNets, enrol
from wyoming_indextts.indextts2.prompt import PromptKey, VoicePrompt, load_prompt, save_prompt
from wyoming_indextts.speech.best_seconds import best_seconds
from wyoming_indextts.speech.clip import Clip, hash_of_clip
from wyoming_indextts.speech.emotion import Weights

log = logging.getLogger(__name__)

VOICES: Final = 32
"""Voices kept in memory, 6 MB each; of more, those that spoke last."""

EMOTIONS: Final = 256
"""Emotions kept for each of them, 5 kB each."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a voice was enrolled with.

    `audio` is the clip's hash; `prompts` the folder for what is derived from it, in one that is
    there; `read` gives the clip, or raises a `SpeechError` that says why it cannot be used.
    """

    audio: str
    prompts: Path
    read: Callable[[], Clip]


class Recordings(Protocol):
    """Where the enrolled voices are."""

    def names(self) -> Sequence[str]:
        """Return the names of all there are now; cheap enough to ask often."""
        ...

    def find(self, name: str) -> Recording:
        """Return what a voice was enrolled with.

        Raises:
            VoiceNotFoundError: there is no voice of that name.
        """
        ...


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """A voice with its prompt, and the emotions it has spoken in; `kept` as in a `Recording`."""

    audio: str
    kept: Path
    prompt: VoicePrompt
    examples: EmotionExamples
    emotions: OrderedDict[Weights, Tensor] = field(default_factory=OrderedDict)

    def emotion(self, weights: Weights) -> Tensor:
        """Return the voice's emotion (1, D) of weights that are biased and capped already."""
        made = self.emotions.pop(weights, None)
        if made is None:
            own, style = self.prompt.emotion, self.prompt.style
            made = mixed(weights, self.examples, style=style, own=own)
        self.emotions[weights] = made
        if len(self.emotions) > EMOTIONS:
            self.emotions.popitem(last=False)
        return made


class Prompts:
    """Knows voices by name. Belongs to the engine's thread."""

    def __init__(
        self,
        recordings: Recordings,
        nets: EnrolmentNets,
        examples: EmotionExamples,
        *,
        model: str,
        longest: float | None,
    ) -> None:
        """Take where voices are, what enrols them, and the model's key.

        Of a longer clip the best `longest` seconds count, of each clip all with None.
        """
        self._recordings = recordings
        self._nets = nets
        self._examples = examples
        self._model = model
        self._longest = longest
        self._known: OrderedDict[str, KnownVoice] = OrderedDict()
        self._prepared: set[tuple[str, str]] = set()

    def find(self, name: str) -> KnownVoice:
        """Return the voice of that name; one that was never enrolled with this model is, now.

        Raises:
            VoiceNotFoundError: there is none.
            BadRequestError, ForbiddenError: its clip cannot be used.
            StorageFullError: a prompt cannot be kept.
        """
        recording = self._recordings.find(name)
        known = self._known.pop(name, None)
        if known is None or known.audio != recording.audio:
            prompt = self._prompt(name, recording)
            known = KnownVoice(recording.audio, recording.prompts, prompt, self._examples)
        self._known[name] = known
        if len(self._known) > VOICES:
            self._known.popitem(last=False)
        return known

    def prepare(self) -> bool:
        """Enrol one voice that is new here; return whether there was one.

        One that cannot be enrolled is passed over from then on, and the log says why.
        """
        for name in self._recordings.names():
            try:
                voice = (name, self._recordings.find(name).audio)
                if voice in self._prepared:
                    continue
                self._prepared.add(voice)
                self.find(name)
            except SpeechError as error:
                log.warning("the voice %s cannot be enrolled: %s", name, error)
            return True
        return False

    def _prompt(self, name: str, recording: Recording) -> VoicePrompt:
        clip = recording.read()
        if self._longest is not None:
            clip = best_seconds(clip, self._longest)
        key = PromptKey(hash_of_clip(clip), self._model)
        try:
            return load_prompt(recording.prompts, key)
        except VoiceNotFoundError:
            log.info("enrolling the voice %s, once", name)
        except WeightsCorruptError as error:
            log.warning("enrolling the voice %s again: %s", name, error)
        prompt = enrol(clip.wave, clip.rate, self._nets)
        try:
            save_prompt(recording.prompts, key, prompt)
        except StorageFullError as error:
            log.warning("the voice %s will be enrolled again next time: %s", name, error)
        return prompt
