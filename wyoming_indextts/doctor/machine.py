"""Examines the machine: Python and its packages, a GPU, a sound card."""

import asyncio
import os
import platform
import re
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterable, Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.say.player import find_player
from wyoming_indextts.settings.places import CHECKOUT, NAME

OLDEST: Final = (3, 11)
"""The first Python that this program runs on."""

NEWEST: Final = (3, 14)
"""The last Python for which every package it needs has wheels (November 2026)."""

CARDS: Final = Path("/proc/asound/cards")
"""Where Linux lists its sound cards."""

PATIENCE: Final = 5.0
"""Seconds that a program which is asked something may take."""


def python() -> Finding:
    """Say which Python runs."""
    text = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] > NEWEST:
        return Finding("python", "warning", f"{text}: newer than this program was tested on")
    return Finding("python", "ok", text)


def requirements() -> list[str]:
    """Return what this program was installed with, as its metadata tells."""
    try:
        listed = metadata.requires(NAME) or []
    except metadata.PackageNotFoundError:
        return [NAME]
    return [NAME, *(line for line in listed if "extra ==" not in line)]


def packages(required: Iterable[str]) -> Finding:
    """Say whether the required packages are here, in the versions that are pinned."""
    found: list[str] = []
    for line in required:
        name, pinned = _requirement(line)
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            return Finding("packages", "error", f"{name} is not installed", _installing(line))
        if pinned not in (None, version):
            text = f"{name} is {version} and should be {pinned}"
            return Finding("packages", "error", text, _installing(line))
        found.append(f"{name} {version}")
    return Finding("packages", "ok", ", ".join(found))


def _requirement(line: str) -> tuple[str, str | None]:
    """Return name and pinned version of a requirement, None if it is not pinned."""
    match = re.match(r"([\w.-]+)(?:==([\w.]+))?", line)
    return (match[1], match[2]) if match else (line, None)


def _installing(line: str) -> str:
    what = re.sub(r"\s*[;#].*", "", line)
    if what == NAME and CHECKOUT:
        what = str(CHECKOUT)
    return f'{sys.executable} -m pip install "{what}"'


async def gpu(path: str | None = None) -> Finding:
    """Say what there is of NVIDIA; `path` is searched in place of PATH."""
    program = shutil.which("nvidia-smi", path=path)
    if program is None:
        text = "no NVIDIA driver here; the embedded voice needs none"
        return Finding("cuda", "ok", text)
    names = await _answer(program, "--query-gpu=name", "--format=csv,noheader")
    if not names:
        text = "nvidia-smi is here and finds no GPU; the embedded voice needs none"
        return Finding("cuda", "warning", text, "nvidia-smi, and reinstall the driver it names")
    if find_spec("torch"):
        return Finding("cuda", "ok", f"{', '.join(names)}; torch is installed")
    text = f"{', '.join(names)}; torch is not installed, so that IndexTTS2 cannot use it"
    return Finding("cuda", "warning", text, "script/run --extra indextts2")


async def _answer(program: str, *arguments: str) -> list[str]:
    """Return the lines a program prints; none if it fails or does not end in time."""
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE):
            printed, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return []
    return printed.decode("utf-8", "replace").split("\n")[:-1] if process.returncode == 0 else []


def sound(path: str | None = None, cards: Path = CARDS) -> Finding:
    """Say whether `say` can be heard here; `path` is searched in place of PATH."""
    player = find_player(path)
    outlets = list(_outlets(cards))
    recording = "`say -o FILE.wav` records"
    if player is None:
        text = f"no player for `say`; {recording}"
        return Finding("sound", "warning", text, "sudo apt install alsa-utils")
    if not outlets:
        text = f"{player.name} is here, but no sound card; {recording}"
        return Finding("sound", "warning", text, "connect a sound card, or say -o FILE.wav")
    return Finding("sound", "ok", f"{player.name} plays on {', '.join(outlets)}")


def _outlets(cards: Path) -> Iterator[str]:
    """Yield the names of sound cards and of sound servers that run."""
    if cards.is_file():
        yield from re.findall(r"^ *\d+ \[.*?\]: .* - (.+)$", cards.read_text("utf-8"), re.MULTILINE)
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"))
    for name, socket in (("PipeWire", "pipewire-0"), ("PulseAudio", "pulse/native")):
        if (runtime / socket).is_socket():
            yield name
    if server := os.environ.get("PULSE_SERVER"):
        yield f"PulseAudio at {server}"
