"""What speech is packed in on its way to a client, piece by piece while it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from wyoming_indextts.edges.http.packed import Packed, Resampled
from wyoming_indextts.edges.http.wav import Wav
from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.audio import Pcm
from wyoming_indextts.speech.wav import MARK


class Packer(Protocol):
    """Packs one utterance."""

    def pack(self, pcm: Pcm) -> bytes:
        """Return the next bytes; may be none."""
        ...

    def end(self) -> bytes:
        """Return the last bytes; the packer is done."""
        ...


class Plain:
    """Samples and nothing else."""

    def pack(self, pcm: Pcm) -> bytes:
        """Return the samples."""
        return pcm.data

    def end(self) -> bytes:
        """Return nothing."""
        return b""


@dataclass(frozen=True, slots=True)
class Format:
    """How to pack: `content_type` and `begin` take the samples per second."""

    content_type: Callable[[int], str]
    begin: Callable[[int], Packer]


FORMATS: Final[Mapping[str, Format]] = {
    "pcm": Format(lambda rate: f"audio/x-pcm;rate={rate};channels=1", lambda _: Plain()),
    "wav": Format(lambda _: "audio/wav", Wav),
    "flac": Format(lambda _: "audio/flac", lambda rate: Packed("flac", rate, MARK)),
    "opus": Format(lambda _: "audio/ogg; codecs=opus", lambda rate: Packed("opus", rate, MARK)),
    "mp3": Format(lambda _: "audio/mpeg", lambda rate: Packed("mp3", rate, MARK)),
}
"""Every format, by the name that is asked for."""


def format_named(name: object) -> Format:
    """Return the format.

    Raises:
        BadRequestError: there is none of that name.
    """
    if isinstance(name, str) and (found := FORMATS.get(name)):
        return found
    raise BadRequestError(f"format must be one of {', '.join(FORMATS)}")


def resampled_plain(to: int) -> Format:
    """Return plain samples at `to` a second, whatever the engine's rate is."""
    return Format(partial(_plain_type, to), partial(_plain_at, to))


def _plain_type(to: int, _: int) -> str:
    return f"audio/x-pcm;rate={to};channels=1"


def _plain_at(to: int, rate: int) -> Packer:
    return Plain() if rate == to else Resampled(rate, to)
