"""A server under measurement is watched with all its processes, and never outlives the bench."""

import asyncio
import os
import shlex
import sys
import time
from pathlib import Path

import pytest

from bench.processes import Server, describe, free_port, running


def library(port: int, before: str = "") -> tuple[str, ...]:
    """Return the command of a small server; `before` is what its shell runs first."""
    words = (sys.executable, "-m", "bench.protocol.library", "--port", str(port), "--pace", "0")
    return ("sh", "-c", f"{before} exec {shlex.join(words)}")


def lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def resident(pid: int) -> float:
    """Return the megabytes of one process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def test_it_answers_inside_the_block_and_is_gone_after_it(tmp_path: Path) -> None:
    port = free_port()
    async with running(library(port), port, tmp_path / "log") as server:
        await describe(port)
        assert server.started < time.monotonic()
        assert lives(server.pid)
    assert not lives(server.pid)
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await describe(port)


async def test_an_error_in_the_block_ends_it_too(tmp_path: Path) -> None:
    port = free_port()
    seen: list[Server] = []
    with pytest.raises(ZeroDivisionError):
        async with running(library(port), port, tmp_path / "log") as server:
            seen.append(server)
            raise ZeroDivisionError
    assert not lives(seen[0].pid)


async def test_what_it_started_ends_with_it_and_counts(tmp_path: Path) -> None:
    port = free_port()
    child = tmp_path / "child"
    command = library(port, f"sleep 60 & echo $! >{child};")
    async with running(command, port, tmp_path / "log") as server:
        pid = int(child.read_text())
        assert lives(pid)
        alone = resident(server.pid)
        assert server.memory.resident > alone + 0.5 * resident(pid)
        assert server.memory.resident >= server.memory.proportional > 0
    async with asyncio.timeout(5):
        while lives(pid):  # killed, and not yet buried by the system
            await asyncio.sleep(0.005)


async def test_work_is_seen_as_cpu_time(tmp_path: Path) -> None:
    port = free_port()
    async with running(library(port), port, tmp_path / "log") as server:
        before = server.cpu
        assert before > 0
        while server.cpu == before:
            await describe(port)
        await server.still()


async def test_one_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"does not answer.*\nno voice here"):
        async with running(("sh", "-c", "echo no voice here"), free_port(), tmp_path / "log"):
            pass
