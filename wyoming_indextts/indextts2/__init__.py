"""IndexTTS2, our own and exact; `IndexTTS2` is its reference path, stage by stage.

The names are loaded when they are asked for: the options of the engine, which lie in this room
as well, have to be read where there is no torch.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wyoming_indextts.indextts2.model import IndexTTS2
    from wyoming_indextts.indextts2.prompt import VoicePrompt

__all__ = ["IndexTTS2", "VoicePrompt"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wyoming_indextts.indextts2 import model  # noqa: PLC0415 - see above

    return getattr(model, name)
