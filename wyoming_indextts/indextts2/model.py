"""The reference path: each stage of IndexTTS2 by itself, as the reference package computes it.

    tokenize -> segments of text ids     enrol          -> VoicePrompt
    decode   -> codes, latents           emotion_vector -> emotion
    mel      -> log-mel spectrogram
    vocode   -> wave

What a server adds - trimming a clip, biasing and capping weights, caches, streaming - is not here.
"""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Generator, Tensor

from wyoming_indextts.indextts2.config import EMOTIONS
from wyoming_indextts.indextts2.decoding import decode
from wyoming_indextts.indextts2.emotion import between, mixed, scaled
from wyoming_indextts.indextts2.enrolment import emotion_of, emotion_of_features, enrol
from wyoming_indextts.indextts2.flow import advance
from wyoming_indextts.indextts2.length_regulator import frames_of
from wyoming_indextts.indextts2.loading import Model, load_model
from wyoming_indextts.indextts2.mel import BINS
from wyoming_indextts.indextts2.precision import DTYPES, Dtypes
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.speaking import finite

REFERENCE: Final = Sampling()
"""How the reference draws codes."""


class IndexTTS2:
    """A loaded model. What the methods take may be on any device; what they return is on the CPU.

    No method needs gradients to be off, and none trains; several threads may call them.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    @classmethod
    def load(
        cls,
        folder: str | PathLike[str],
        *,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> Self:
        """Load the official files, all sizes being as their configuration says.

        The first time, pickled files are converted to safetensors beside them.

        Args:
            folder: As the official downloads lay it out, `config.yaml` in it.
            device: Of torch.
            dtype: float32, float16 or bfloat16, of the nets that do most of the work: voice
                language model, flow, and unless it is bfloat16, vocoder. The others are float32
                whatever it is.

        Raises:
            WeightsMissingError: A file is not there.
            WeightsCorruptError: A file is damaged, of another model, or does not fit the others.
            UnsupportedError: The model is an IndexTTS 2.5.
            StorageFullError: There is no room for the converted files.
            ValueError: The dtype is another.
        """
        if dtype not in DTYPES.values():
            raise ValueError(f"dtype is {dtype}, expected one of {tuple(DTYPES.values())}")
        return cls(load_model(Path(folder), device=torch.device(device), dtypes=Dtypes.of(dtype)))

    def tokenize(self, text: str) -> list[list[int]]:
        """Return text ids of at most 120 a segment, without start and stop.

        There are no segments where nothing in the text can be spoken. Never raises.
        """
        return self._model.text.tokenize(text)

    def enrol(self, wave: ArrayLike, rate: int) -> VoicePrompt:
        """Return all that is to be known of a voice, heard in the first 15 seconds of a clip.

        Args:
            wave: Mono samples (N,) in [-1, 1]; they are neither trimmed nor levelled.
            rate: In Hz, 8,000 to 192,000.

        Raises:
            BadRequestError: The clip has no sound, or lasts less than 0.1 seconds.
        """
        return enrol(_samples(wave), rate, self._model.enrolment)

    @torch.no_grad()
    def emotion_vector(
        self,
        prompt: VoicePrompt,
        weights: Sequence[float] | None = None,
        *,
        clip: ArrayLike | None = None,
        rate: int | None = None,
        strength: float = 1.0,
    ) -> Tensor:
        """Return an emotion (1, D) of the voice: of weights, of a clip, or else the voice's own.

        Args:
            prompt: The voice.
            weights: Of happy, angry, sad, afraid, disgusted, melancholic, surprised and calm,
                neither biased nor capped here. What they leave of one is the voice's own.
            clip: Mono samples (N,) in [-1, 1] of anybody's voice in that emotion.
            rate: The clip's, in Hz.
            strength: With weights, their factor, clamped to 0..1. With a clip, 0 is the emotion
                of the prompt's features, 1 the clip's, and any other lies on their line.

        Raises:
            BadRequestError: The clip has no sound, or lasts less than 0.1 seconds.
            ValueError: There are weights as well as a clip, not eight weights, or a clip without
                a rate.
        """
        if clip is not None:
            if weights is not None or rate is None:
                raise ValueError("a clip is given with its rate and without weights")
            nets = self._model.enrolment
            base = emotion_of_features(prompt.features, nets)
            return between(base, emotion_of(_samples(clip), rate, nets), strength)
        if weights is None:
            return prompt.emotion.cpu().clone()
        if len(weights) != EMOTIONS:
            raise ValueError(f"{len(weights)} weights are given, expected {EMOTIONS}")
        return mixed(
            scaled(weights, strength),
            self._model.examples,
            style=prompt.style.cpu(),
            own=prompt.emotion.cpu(),
        )

    @torch.no_grad()
    def decode(  # noqa: PLR0913 - the reference's settings
        self,
        tokens: Sequence[int],
        prompt: VoicePrompt,
        emotion: Tensor,
        *,
        max_codes: int,
        greedy: bool = REFERENCE.greedy,
        seed: int = 0,
        temperature: float = REFERENCE.temperature,
        top_k: int = REFERENCE.top_k,
        top_p: float = REFERENCE.top_p,
        repetition_penalty: float = REFERENCE.repetition_penalty,
    ) -> tuple[Tensor, Tensor]:
        """Return the codes (1, L) int64 of one segment and their latents (1, L, D) float32.

        Args:
            tokens: Text ids, without start and stop.
            prompt: The voice; only its latents are looked at.
            emotion: (1, D).
            max_codes: Draws at most; that of the stop code, which is not returned, is one too.
                The model's positions are a second limit. L may be 0.
            greedy: Take the best code after the penalty; all settings below are then idle.
            seed: Of the one generator, on the CPU, of which each code takes one draw.
            temperature: Above 0.
            top_k: So many codes may be drawn at most; 0 for any number.
            top_p: The best codes that have this much of the probability may be drawn; 1 for all.
            repetition_penalty: From 1 on; in force for greedy decoding too.

        Raises:
            TooLargeError: The text has more tokens than the model has positions.
            SynthesisFailedError: The model gave values that are not numbers.
            IndexError: A text id is beyond the model's.
        """
        nets = self._model.speaking
        pairs = decode(
            nets.voice,
            nets.segment(list(tokens), prompt.latents, emotion),
            max_codes=max_codes,
            sampling=Sampling(
                greedy=greedy,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                repetition_penalty=repetition_penalty,
            ),
            generator=Generator("cpu").manual_seed(seed),
        )
        codes, latents = [], [torch.zeros(1, 0, prompt.latents.shape[-1])]
        for code, latent in pairs:
            codes.append(code)
            latents.append(latent.cpu())
        return torch.tensor([codes], dtype=torch.int64), torch.cat(latents, dim=1)

    @torch.no_grad()
    def mel(
        self,
        codes: Tensor,
        latents: Tensor,
        prompt: VoicePrompt,
        *,
        noise: Tensor,
        steps: int = 25,
        guidance: float = 0.7,
    ) -> Tensor:
        """Return the log-mel spectrogram (1, 80, T) of codes, T = 172 * L // 100.

        Args:
            codes: (1, L).
            latents: (1, L, D).
            prompt: The voice; its condition, mel and style are looked at.
            noise: Standard normal (1, 80, P + T), P being the frames of the prompt's mel; the
                first P columns are ignored.
            steps: Of Euler, at least 1.
            guidance: Not below 0, which is none.

        Raises:
            SynthesisFailedError: A code stands for nothing, or the flow gave values that are not
                numbers.
            ValueError: The noise has another shape.
        """
        nets = self._model.speaking
        frames = frames_of(codes.shape[1])
        wanted = (1, BINS, prompt.mel.shape[-1] + frames)
        if noise.shape != wanted:
            raise ValueError(f"noise has the shape {tuple(noise.shape)}, expected {wanted}")
        if not frames:
            return torch.zeros(1, BINS, 0)
        condition = nets.regulator(nets.features(codes, latents), frames)
        walk, schedule = nets.walk(noise, condition, prompt), nets.schedule(steps)
        for _ in range(steps):
            walk = advance(nets.dit, walk, schedule, guidance=guidance)
        return finite(walk.mel, "flow").cpu().contiguous()

    @torch.no_grad()
    def vocode(self, mel: Tensor) -> Tensor:
        """Return the wave (1, 256 T) in [-1, 1], 22,050 Hz, of a log-mel spectrogram (1, 80, T).

        Raises:
            SynthesisFailedError: The vocoder gave values that are not numbers.
        """
        if not mel.shape[-1]:
            return torch.zeros(1, 0)
        vocoder = self._model.speaking.vocoder
        wave: Tensor = vocoder(mel.to(vocoder.leave.weight))
        return finite(wave, "vocoder").cpu()


def _samples(wave: ArrayLike) -> NDArray[np.float32]:
    return np.asarray(wave, np.float32)
