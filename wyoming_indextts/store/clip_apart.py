"""Reads a stranger's file in a process that may not do much: it is a decoder's bug at worst.

    stdin    the file                     stdout   a line of JSON, then the samples (float32)

The process has no files, no children, little memory and little time, and none of this program's
settings. A file that holds hours in a few bytes is decoded for half a minute of them.
"""

import asyncio
import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from wyoming_indextts.errors import (
    BadRequestError,
    BusyError,
    SpeechError,
    TooLargeError,
    UnsupportedError,
)
from wyoming_indextts.speech.clip import HIGHEST_RATE, LONGEST, Clip

MEMORY: Final = 512 * 2**20
"""Bytes of addresses that it may have; half a minute of stereo at 192 kHz needs 300 MiB."""

WORK: Final = 20
"""Seconds of computing that it may take; a clip takes less than one."""

PATIENCE: Final = 60.0
"""Seconds that it is waited for, on a machine that has more to do."""

FILES: Final = 32
"""What it may have open: its three streams, and what the library keeps."""

HEAD: Final = 4096
"""Bytes of the longest first line."""

MOST: Final = HEAD + int(LONGEST + 1) * HIGHEST_RATE * 4
"""Bytes of the longest answer."""

REFUSALS: Final = {kind.code: kind for kind in (BadRequestError, TooLargeError)}
"""What it may say of a file."""

MEND: Final = 'pip install "wyoming-indextts[formats]"'


async def read_clip_apart(content: bytes) -> Clip:
    """Return the clip that an uploaded file holds, as `read_clip` does.

    Raises:
        TooLargeError, BadRequestError: see `read_clip`; or reading it took too much.
        UnsupportedError: what reads such files is not installed.
        BusyError: the system does not allow another process.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", __name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            process_group=0,  # a terminal's Ctrl-C is for the server alone
            env=_environment(),
        )  # fmt: skip
    except OSError:
        raise BusyError("this machine has no room for reading a recording; try again") from None
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await _exchanged(process, content)
    except TimeoutError:
        answer = b""
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _clip(answer)


async def _exchanged(process: asyncio.subprocess.Process, content: bytes) -> bytes:
    """Give the file to the process; return its answer, never more than is right."""
    if process.stdin is None or process.stdout is None:
        return b""
    with suppress(ConnectionError):
        process.stdin.write(content)
        await process.stdin.drain()
        process.stdin.close()
    answer = bytearray()
    while len(answer) <= MOST and (piece := await process.stdout.read(2**20)):
        answer += piece
    return bytes(answer)


def _clip(answer: bytes) -> Clip:
    """Return what an answer holds, whoever gave it."""
    head, newline, samples = answer.partition(b"\n")
    try:
        told = json.loads(head) if newline and len(answer) <= MOST else {}
    except ValueError:
        told = {}
    match told:
        case {"rate": int(rate)} if samples and len(samples) % 4 == 0:
            return Clip(np.frombuffer(samples, "<f4"), rate)
        case {"code": "unsupported"}:
            raise UnsupportedError(f"recordings cannot be read here; {MEND}")
        case {"code": str(code), "message": str(message)} if code in REFUSALS:
            raise REFUSALS[code](message)
    raise BadRequestError("the file cannot be read: it takes more time or memory than a clip needs")


def _environment() -> dict[str, str]:
    """Return what the process is told: where modules are, and to use one thread."""
    search = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return {"PYTHONPATH": search, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def limit() -> None:
    """Take from this process what it does not need."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, WORK),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(what, (most, most))


def _read() -> tuple[dict[str, object], bytes]:
    """Return what is answered to the file on standard input."""
    try:
        from wyoming_indextts.store.clip import LARGEST, read_clip  # noqa: PLC0415 - of an extra
    except (ImportError, OSError):  # the latter: the package without its library
        return {"code": UnsupportedError.code}, b""
    limit()
    try:
        clip = read_clip(sys.stdin.buffer.read(LARGEST + 1))
    except SpeechError as error:
        return {"code": error.code, "message": str(error)}, b""
    return {"rate": clip.rate}, clip.wave.astype("<f4").tobytes()


def main() -> None:
    """Answer to the file on standard input."""
    head, samples = _read()
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + samples)


if __name__ == "__main__":
    main()
