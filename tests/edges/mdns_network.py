"""Two machines and a cable between them: two network namespaces of this system and a veth pair.

Nothing in them reaches this system's own network, and both are gone after the block.
"""

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final

import pytest

PATIENCE: Final = 10.0
"""Seconds that a test waits for anything."""


def run(*command: str) -> None:
    """Run a command that must not fail."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603 - the tests' own
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: {done.stderr}")


@dataclass(frozen=True, slots=True)
class Program:
    """A Python module of the tests that runs on a machine; its output is read line by line."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    async def until(self, *parts: str) -> str:
        """Return the next line that has all of `parts` in it."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE):
                while line := (await self.process.stdout.readline()).decode():
                    self.lines.append(line.rstrip())
                    if all(part in line for part in parts):
                        return line
        except TimeoutError:
            pytest.fail(f"nothing like {parts} came; only {self.lines}")
        pytest.fail(f"it ended without {parts}: {self.lines}")

    async def end(self, by: signal.Signals = signal.SIGTERM) -> str:
        """End it and return all it has said."""
        assert self.process.stdout is not None
        self.process.send_signal(by)
        async with asyncio.timeout(PATIENCE):
            self.lines.extend((await self.process.stdout.read()).decode().splitlines())
            await self.process.wait()
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Found:
    """What a browser learned of a server."""

    event: str
    instance: str
    addresses: list[str] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    port: int = 0
    host: str = ""
    txt: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser for Wyoming servers."""

    program: Program

    async def next(self, event: str) -> Found:
        """Return what comes with the next event of that kind."""
        return Found(**json.loads(await self.program.until(f'"event": "{event}"')))


@dataclass(frozen=True, slots=True)
class Machine:
    """One of the two."""

    namespace: str

    def ip(self, *arguments: str) -> None:
        """Change the machine's network."""
        run("ip", "-n", self.namespace, *arguments)

    @asynccontextmanager
    async def running(self, module: str, *arguments: str) -> AsyncGenerator[Program, None]:
        """Run a module of the tests until the block ends."""
        process = await asyncio.create_subprocess_exec(
            *("ip", "netns", "exec", self.namespace, sys.executable, "-m", module, *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            yield Program(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    @asynccontextmanager
    async def browsing(self) -> AsyncGenerator[Browser, None]:
        """Look for servers until the block ends."""
        async with self.running("tests.edges.mdns_browser") as program:
            await program.until("browsing")
            yield Browser(program)


@contextmanager
def cabled(ours: Iterable[str], theirs: Iterable[str]) -> Generator[tuple[Machine, Machine], None]:
    """Build the two machines with their addresses on `eth0`, and take them away afterwards."""
    if os.geteuid() != 0:
        pytest.fail("network namespaces need root: run the tests as root")
    if shutil.which("ip") is None:
        pytest.fail("the program `ip` is missing: apt-get install iproute2")
    mark = secrets.token_hex(4)
    left, right = Machine(f"mdns-{mark}-left"), Machine(f"mdns-{mark}-right")
    try:
        for machine in (left, right):
            run("ip", "netns", "add", machine.namespace)
            machine.ip("link", "set", "lo", "up")
        run(
            *("ip", "-n", left.namespace, "link", "add", "eth0", "type", "veth"),
            *("peer", "name", "eth0", "netns", right.namespace),
        )
        for machine, addresses in ((left, ours), (right, theirs)):
            machine.ip("link", "set", "eth0", "up")
            for address in addresses:
                machine.ip("address", "add", address, "dev", "eth0", *_at_once(address))
        yield left, right
    finally:
        for machine in (left, right):
            subprocess.run(  # noqa: S603 - the tests' own command
                ("ip", "netns", "delete", machine.namespace),  # noqa: S607 - found above
                check=False,
                capture_output=True,
                timeout=PATIENCE,
            )


def _at_once(address: str) -> tuple[str, ...]:
    return ("nodad",) if ":" in address else ()
