"""Flow sampler: from noise to mel by Euler steps along the velocity that the DiT gives.

    noise      (1, 80, P + T)   standard normal; what it has in the prompt's place is ignored
    condition  (1, P + T, C)    of the prompt, then of what is to be said
    prompt     (1, 80, P)       the voice's mel, natural log
    mel        (1, 80, T)       natural log

A walk is the state of one utterance and every step makes a new one: between any two steps it may be
dropped, or others may have their turn. Its place is kept in float32 whatever the net's type is.

Source: Lipman et al. 2023 (flow matching); Ho & Salimans 2022 (classifier-free guidance).
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from wyoming_indextts.indextts2.clock import Schedule
from wyoming_indextts.indextts2.dit import DiT


@dataclass(frozen=True, slots=True)
class Walk:
    """One utterance on its way: `step` steps are behind it.

    `ground` (2, P + T, W) is what the DiT is told: all of it, and nothing, for the guidance.
    The first `pinned` (P) frames of `place` are the prompt's; they stay at zero.
    """

    place: Tensor
    ground: Tensor
    rotation: Tensor
    pinned: int
    step: int = 0

    @property
    def mel(self) -> Tensor:
        """The mel (1, 80, T), once all steps are done."""
        return self.place[..., self.pinned :]


def begin(dit: DiT, noise: Tensor, condition: Tensor, *, prompt: Tensor, style: Tensor) -> Walk:
    """Return the walk of one utterance at its start; `style` is (1, 192)."""
    frames, pinned = condition.shape[1], prompt.shape[2]
    place = noise.float().clone()
    place[..., :pinned] = 0.0
    told = (functional.pad(prompt, (0, frames - pinned)), condition, style)
    grounds = (dit.ground(*told), dit.ground(*(torch.zeros_like(part) for part in told)))
    return Walk(place, torch.cat(grounds), dit.rotation(frames), pinned)


def advance(dit: DiT, walk: Walk, schedule: Schedule, *, guidance: float) -> Walk:
    """Return the walk one Euler step further; all of `schedule`'s steps together take time 1.

    `guidance` is as `guided` has it.
    """
    ground = walk.ground if guidance else walk.ground[:1]
    place = walk.place.to(ground.dtype).expand(len(ground), -1, -1)
    moment, pinned = schedule.row(walk.step), walk.pinned
    velocities = dit(place, ground, moment, walk.rotation, first=pinned).float()
    velocity = guided(velocities, guidance)
    place = walk.place.clone()
    place[..., pinned:] += velocity / schedule.steps
    return replace(walk, place=place, step=walk.step + 1)


def guided(velocities: Tensor, guidance: float) -> Tensor:
    """Mix velocities (2 W, ...), of each walk with and without what the DiT is told, to (W, ...).

    `guidance` g: (1 + g) * with - g * without; 0 spares the second, and there are W to begin with.
    """
    if not guidance:
        return velocities
    return (1 + guidance) * velocities[::2] - guidance * velocities[1::2]
