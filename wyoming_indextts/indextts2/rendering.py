"""Codes to sound, chunk by chunk; a single chunk is the one shot.

    frames of a chunk    | prompt | given before | new ... | held back |
    the flow             | pinned | pinned       | made    | made, and made again by the next |

The noise of a frame depends on its number alone, and what was given never changes: a frame is
certain once it is not held back. The condition is that of all codes so far, so the statistics of
the length regulator come nearer to those of one shot with each chunk. See docs/streaming.md for
what is exact in this and what is not.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from wyoming_indextts.indextts2.clock import Schedule
from wyoming_indextts.indextts2.euler import Euler
from wyoming_indextts.indextts2.length_regulator import frames_of
from wyoming_indextts.indextts2.mel import BINS
from wyoming_indextts.indextts2.noise import noise
from wyoming_indextts.indextts2.plan import CONTEXT, HELD
from wyoming_indextts.indextts2.prompt import VoicePrompt
from wyoming_indextts.indextts2.sampler import Sampling
from wyoming_indextts.indextts2.speaking import SpeakingNets, finite
from wyoming_indextts.indextts2.vocoding import VocoderStream
from wyoming_indextts.indextts2.voice_lm import Cache
from wyoming_indextts.indextts2.work import Work


@dataclass(frozen=True, slots=True)
class Quality:
    """How the sound is made; `schedule` holds the steps of the flow.

    `training_positions` is an argument of `decoding.decode`. For an exercise each token of text
    gets `codes_per_token` codes; None leaves the end to the model.
    """

    schedule: Schedule
    guidance: float
    sampling: Sampling
    training_positions: bool = False
    codes_per_token: int | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How a segment is said: by whom, in which emotion (1, D), how fast, from which seed on.

    `prefix` is the language model's, of voice and emotion, where it is known already.
    """

    prompt: VoicePrompt
    emotion: Tensor
    speed: float
    seed: int
    prefix: Cache | None = None


class Rendering:
    """The sound of one segment.

    `cut` is how many of its codes went into chunks so far; `mel` (1, 80, T) what is certain of it.
    """

    def __init__(self, nets: SpeakingNets, euler: Euler, manner: Manner, work: Work) -> None:
        """Take what is needed; nothing is done yet. `work` counts."""
        self._nets = nets
        self._euler = euler
        self._manner = manner
        self._work = work
        self.mel = torch.zeros(1, BINS, 0, device=nets.device)
        self._vocoder = VocoderStream(nets.vocoder, CONTEXT, nets.graphs)
        self.cut = 0

    def chunk(
        self, codes: Sequence[int], latents: Sequence[Tensor], *, last: bool
    ) -> Generator[None, None, Tensor]:
        """Yield after each step of the flow; return the wave (N,) that is new, float32, CPU.

        Args:
            codes: All codes of the segment by now, L; at least those of the chunk before.
            latents: Of each, (1, 1, D).
            last: No more will follow.

        Raises:
            SynthesisFailedError: a net gives values that are not numbers.
        """
        self.cut = len(codes)
        mel = yield from self._new_frames(
            torch.tensor([codes]), torch.cat([*latents], dim=1), last=last
        )
        wave = self._vocoder.push(mel.to(self._nets.vocoder.leave.weight), last=last)
        self._work.waves = self._vocoder.ran
        self._work.given = self._vocoder.given
        return finite(wave, "vocoder")[0].float().cpu()

    def _new_frames(
        self, codes: Tensor, latents: Tensor, *, last: bool
    ) -> Generator[None, None, Tensor]:
        nets, prompt = self._nets, self._manner.prompt
        frames = max(1, round(frames_of(codes.shape[1]) / self._manner.speed))
        certain, known = frames if last else frames - HELD, self.mel.shape[-1]
        if certain <= known:
            return self.mel[..., :0]
        condition = nets.regulator(nets.features(codes, latents), frames)
        start = functional.pad(noise(self._manner.seed, 0, frames), (prompt.mel.shape[-1], 0))
        walk = nets.walk(start, condition, prompt, given=self.mel)
        for after in self._euler.way(walk):
            walk = after
            self._work.frame_steps += walk.place.shape[-1]
            self._work.frame_pairs += walk.place.shape[-1] ** 2
            self._work.pinned_steps += walk.pinned
            yield
        fresh = finite(walk.mel, "flow")[..., : certain - known]
        self.mel = torch.cat((self.mel, fresh), dim=-1)
        return fresh
