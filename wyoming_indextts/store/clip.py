"""Files of clips: wav, flac, mp3 or ogg to mono samples fit to be enrolled, and to wav again."""

from collections.abc import Mapping
from io import BytesIO
from typing import Final

import numpy as np
import soundfile

from wyoming_indextts.errors import BadRequestError, TooLargeError
from wyoming_indextts.speech.clip import HIGHEST_RATE, LONGEST, LOWEST_RATE, Clip, check_clip

LARGEST: Final = 32 * 2**20
"""Bytes: half a minute in stereo at 96 kHz and 32 bits has 22 MiB."""

FORMATS: Final = frozenset({"WAV", "WAVEX", "RF64", "FLAC", "MP3", "OGG"})
"""What libsndfile calls the kinds of file that are read."""

CHANNELS: Final = 2
"""Mono or stereo, which is mixed."""

VIDEOS: Final[Mapping[bytes, int]] = {
    b"ftyp": 4,  # MP4, MOV
    b"moov": 4,  # MOV
    b"\x1aE\xdf\xa3": 0,  # Matroska, WebM
    b"AVI ": 8,
    b"FLV": 0,
    b"\x00\x00\x01\xba": 0,  # MPEG
    b"\x80theora": 28,  # in Ogg
}
"""How files of moving pictures begin, and where."""

M4A: Final = (b"M4A ", b"M4B ")
"""After `ftyp`: only sound."""

SOUNDS: Final = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3")
"""How files that are read begin, unless it is an MP3 that begins with its sound."""

SYNC: Final = 0xFFE0
"""The bits that are set in the first two bytes of an MP3's sound."""

ACCEPTED: Final = "send a wav, flac, mp3 or ogg file"


def read_clip(content: bytes) -> Clip:
    """Return the clip that an uploaded file holds.

    Raises:
        TooLargeError: The file is larger than any clip that would do.
        BadRequestError: It is not audio, a video, or no clip that can be enrolled.
    """
    if len(content) > LARGEST:
        raise TooLargeError(f"the file is larger than {LARGEST // 2**20} MiB; {ACCEPTED}")
    if not content:
        raise BadRequestError(f"the file is empty; {ACCEPTED}")
    if any(content.startswith(mark, place) for mark, place in VIDEOS.items()):
        kind = "an M4A file" if content[8:12] in M4A else "a video"
        raise BadRequestError(f"the file is {kind}; {ACCEPTED}")
    if not _begins_like_sound(content):  # the library would try some twenty other formats
        raise BadRequestError(f"the file is not audio, or damaged; {ACCEPTED}")
    clip = _decoded(content)
    check_clip(clip)
    return clip


def wav_of(clip: Clip) -> bytes:
    """Return the clip as a WAV file of floats, which loses nothing of it."""
    file = BytesIO()
    soundfile.write(file, clip.wave, clip.rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


def _begins_like_sound(content: bytes) -> bool:
    """Return whether a file begins as those do that are read."""
    return content.startswith(SOUNDS) or int.from_bytes(content[:2]) & SYNC == SYNC


def _decoded(content: bytes) -> Clip:
    try:
        with soundfile.SoundFile(BytesIO(content)) as sound:
            rate = sound.samplerate
            if sound.format not in FORMATS:
                raise BadRequestError(f"the file is of the kind {sound.format}; {ACCEPTED}")
            if sound.channels > CHANNELS:
                raise BadRequestError(
                    f"the file has {sound.channels} channels; send it in mono or stereo"
                )
            if not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise BadRequestError(
                    f"the file has {rate} samples a second; send one that has between "
                    f"{LOWEST_RATE} and {HIGHEST_RATE}"
                )
            # A second more than allowed tells a clip that is too long.
            samples = sound.read(int(LONGEST + 1) * rate, dtype="float32", always_2d=True)
    except soundfile.SoundFileError:
        raise BadRequestError(f"the file is not audio, or damaged; {ACCEPTED}") from None
    return Clip(np.asarray(samples.mean(1), np.float32), rate)
