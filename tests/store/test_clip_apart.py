"""A stranger's file is read in a process that may not do much, whatever becomes of it there."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.store.test_clip import packed, spoken
from wyoming_indextts.errors import BadRequestError, TooLargeError, UnsupportedError
from wyoming_indextts.store.clip import LARGEST, read_clip
from wyoming_indextts.store.clip_apart import read_clip_apart

FILE = packed(spoken(), 24_000)


async def test_a_clip_is_the_same_as_if_it_were_read_here() -> None:
    apart, here = await read_clip_apart(FILE), read_clip(FILE)
    assert apart.rate == here.rate == 24_000
    assert np.array_equal(apart.wave, here.wave)


async def test_the_longest_clip_has_memory_enough() -> None:
    noise = 0.1 * np.random.default_rng(2).standard_normal((29 * 192_000, 2), np.float32)
    assert (await read_clip_apart(packed(noise[:, 0], 192_000, "FLAC"))).seconds == 29


async def test_what_is_no_clip_is_refused_in_the_same_sentence() -> None:
    with pytest.raises(BadRequestError, match="the file is empty"):
        await read_clip_apart(b"")
    with pytest.raises(BadRequestError, match="at least 3"):
        await read_clip_apart(packed(spoken(2.0), 24_000))
    with pytest.raises(TooLargeError, match="32 MiB"):
        await read_clip_apart(bytes(LARGEST + 1))


Decoder = Callable[[str], None]


@pytest.fixture
def decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Decoder:
    """Put another decoder in the place of the library."""
    monkeypatch.syspath_prepend(tmp_path)

    def put(program: str) -> None:
        (tmp_path / "soundfile.py").write_text(textwrap.dedent(program), "utf-8")

    return put


@pytest.mark.parametrize(
    "does",
    [
        "import os; os.kill(os.getpid(), 11)",
        "import os; os._exit(0)",
        "raise MemoryError",
        "import sys; sys.stdout.buffer.write(b'x' * 90_000_000); sys.stdout.flush()",
        "import os; os.write(1, b'{\"rate\": 1}'); os._exit(0)",
        "import os; os.write(1, b'{\"rate\": 1}\\nabc'); os._exit(0)",
        'import os; os.write(1, b\'{"rate": "a"}\\nabcd\'); os._exit(0)',
        'import os; os.write(1, b\'{"code": "shutdown", "message": "a"}\\n\'); os._exit(0)',
        "import os; os.write(1, b'[' * 5000 + b'\\n'); os._exit(0)",
    ],
)
async def test_whatever_a_decoder_does_is_a_file_that_cannot_be_read(
    decoder: Decoder, does: str
) -> None:
    decoder(does)
    with pytest.raises(BadRequestError, match="the file cannot be read"):
        await read_clip_apart(FILE)


async def test_a_decoder_that_hangs_is_ended(decoder: Decoder, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    decoder(f"""
        import os, time
        open({str(told)!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    """)
    with pytest.raises(BadRequestError, match="the file cannot be read"):
        await read_clip_apart(FILE, patience=1.0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(await asyncio.to_thread(told.read_text, "ascii")), 0)


async def test_a_decoder_is_told_no_secret(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WYOMING_INDEXTTS_MQTT__PASSWORD", "secret")
    decoder("""
        import os
        if not any("secret" in value for value in os.environ.values()):
            raise ImportError
    """)
    with pytest.raises(UnsupportedError):
        await read_clip_apart(FILE)


LIMITED = """
import errno, sys
from wyoming_indextts.store.clip_apart import limit
limit()
try:
    bytearray(2**30)
except MemoryError:
    print("no memory")
try:
    with open("file", "wb", buffering=0) as file:
        file.write(b"a")
except OSError as error:
    print(errno.errorcode[error.errno])
held = []
try:
    while True:
        held.append(open("/dev/null"))
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def test_the_process_has_little(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"
         + LIMITED],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert (done.stdout.split("\n"), done.stderr) == (["no memory", "EFBIG", "EMFILE", ""], "")
