"""What a caller asks of one utterance, before anything is looked up."""

from dataclasses import dataclass

from wyoming_indextts.speech.deeds import Asker
from wyoming_indextts.speech.emotion import Weights


@dataclass(frozen=True, slots=True)
class Request:
    """How one utterance is to be spoken; None leaves the choice to the stage.

    `source` says who asks ("wyoming", "say") and is what an interruption by source names.
    `voice` may be a variant ("lan-happy"); `emotion` is a preset's name in either language,
    `weights` are raw; `intensity` is in [0, 1], `speed` a factor in [0.5, 2], `volume` a factor
    in [0, 2]; `ssml` says that the text is SSML even if it does not begin like it. `asker` is who
    it is recorded for, by default the source.
    """

    source: str
    voice: str | None = None
    emotion: str | None = None
    weights: Weights | None = None
    intensity: float | None = None
    speed: float | None = None
    volume: float | None = None
    ssml: bool = False
    asker: Asker | None = None
