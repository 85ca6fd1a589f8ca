"""A server that is killed takes its engine's process with it; a Ctrl-C goes to the server."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.process.house import is_running, stays, until

ROOT = Path(__file__).parents[2]


@contextmanager
def server(pace: float) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a server in a session of its own; give it and its engine's process."""
    with subprocess.Popen(  # noqa: S603 - a script of ours
        [sys.executable, "-m", "tests.process.server", str(pace)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("pace", [0.05, 2.0])
async def test_no_engine_outlives_a_killed_server(pace: float) -> None:
    with server(pace) as (process, engine):
        process.kill()
        await until(lambda: not is_running(engine), 2.0)


async def test_an_engine_that_is_stopped_does_not_outlive_it_either() -> None:
    with server(0.05) as (process, engine):
        os.kill(engine, signal.SIGSTOP)
        process.kill()
        await until(lambda: not is_running(engine), 2.0)


def test_what_an_engine_prints_stays_out_of_the_server_s_output() -> None:
    with server(0.05) as (process, _):  # the first line was the server's
        process.kill()
        assert process.communicate()[0] == ""


def test_a_process_without_a_server_at_its_pipe_ends() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pipe = theirs.fileno()
        command = [sys.executable, "-m", "wyoming_indextts.process.child", str(pipe)]
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[pipe])  # noqa: S603 - ours
    assert process.wait(5) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_to_everyone_is_the_server_s_business(number: signal.Signals) -> None:
    with server(0.05) as (process, engine):
        os.kill(engine, number)
        await stays(lambda: is_running(engine), 0.3)
        os.killpg(process.pid, number)
        await until(lambda: not is_running(engine) and not is_running(process.pid), 5.0)
