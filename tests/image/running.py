"""Runs an image: as compose.yaml does, read-only, without capabilities, as nobody, or plainly."""

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from tests.image.building import Store

LIMITS: Final = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=1024:1024")
"""Podman's own may be more than this machine allows."""

HARDENED: Final = (
    "--read-only",
    "--tmpfs=/tmp:size=256m,mode=1777",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--pids-limit=512",
    *LIMITS,
)
"""What compose.yaml says, as podman is told."""

ENDED: Final = 5.0
"""Seconds that ending in order may take."""

USER: Final = 10001
"""Who runs in it."""


@dataclass
class Container:
    """One that runs; `port` is its Wyoming server's, at 127.0.0.1, `http` its page's."""

    store: Store
    name: str
    port: int
    http: int

    @property
    def age(self) -> float:
        """Seconds since its first process was started."""
        (about,) = json.loads(self.store.podman("inspect", self.name))
        return time.time() - datetime.fromisoformat(about["State"]["StartedAt"]).timestamp()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside it."""
        return self._podman("exec", self.name, *command)

    def health(self) -> int:
        """Run the image's health check; return its exit status."""
        return self._podman("healthcheck", "run", self.name).returncode

    def log(self) -> str:
        """Return what it said."""
        done = self._podman("logs", self.name)
        return done.stdout + done.stderr

    def stop(self) -> tuple[int, float]:
        """End it by SIGTERM; return its exit status, and the seconds that it took."""
        began = time.monotonic()
        self._podman("stop", "--time", "30", self.name)
        took = time.monotonic() - began
        return int(self.store.podman("inspect", "--format", "{{.State.ExitCode}}", self.name)), took

    def processes(self) -> list[dict[str, str]]:
        """Return what Linux says of each of its processes, tini's first."""
        first = int(self.store.podman("inspect", "--format", "{{.State.Pid}}", self.name))
        return [_status(pid) for pid in _family(first)]

    def _podman(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own
            self.store.podman_command(*arguments), check=False, capture_output=True, text=True
        )


@contextmanager
def hardened(store: Store, image: str, folder: Path, *, memory: str) -> Iterator[Container]:
    """Give a container as compose.yaml runs it, whose /data and /cache_hub lie in `folder`."""
    for name in ("data", "cache_hub"):
        (folder / name).mkdir(exist_ok=True)
        run_as = folder / name
        run_as.chmod(0o777)  # as a volume made of the image is its user's
    volumes = (f"--volume={folder / name}:/{name}" for name in ("data", "cache_hub"))
    with container(store, image, *HARDENED, *volumes, memory=memory) as one:
        yield one


@contextmanager
def container(store: Store, image: str, *arguments: str, memory: str) -> Iterator[Container]:
    """Give a container that has just been started, with ports of loopback that were free."""
    one = Container(store, f"wyoming-indextts-{uuid4().hex[:8]}", _free_port(), _free_port())
    store.podman(
        *("run", "--detach", "--name", one.name, "--network=host", f"--memory={memory}"),
        *("--env", f"WYOMING_INDEXTTS_WYOMING__URI=tcp://127.0.0.1:{one.port}"),
        *("--env", f"WYOMING_INDEXTTS_HTTP__LISTEN=127.0.0.1:{one.http}"),
        *(*arguments, image),
    )
    try:
        yield one
    finally:
        store.podman("rm", "--force", "--time", "1", one.name)


def _status(pid: int) -> dict[str, str]:
    text = Path(f"/proc/{pid}/status").read_text("utf-8")
    return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("ascii").split():
            yield from _family(int(child))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
