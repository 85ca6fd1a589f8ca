"""Builds the images that are named, or all, and looks at each as a user would."""

import argparse
import asyncio
import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.image.app import examine_app
from tests.image.asking import described, heard
from tests.image.building import Store, unpacked
from tests.image.fresh import is_of_this_tree
from tests.image.running import ENDED, USER, Container, hardened
from tests.image.telling import tell

MEGA: Final = 1_000_000

UNPACKED: Final = 800 * MEGA
COMPRESSED: Final = 300 * MEGA
"""Bytes that the gateway's image may have at most."""

ANSWERED: Final = 3.0
"""Seconds from its start until a container says what it can."""

SUITES: Final = {"gateway": "trixie", "engine": "bookworm"}
"""On which Debian each is built here: the one of the Dockerfile; where only a CPU build of torch
for Python 3.11 may be at hand, the one before."""

CPU: Final = "TORCH=torch==2.13.0"
"""Instead of gigabytes of CUDA, whatever build pip takes here."""

MEMORY: Final = {"gateway": "1536m", "engine": "3g"}


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="script/test-image")
    choices = [*SUITES, "app"]
    parser.add_argument("targets", nargs="*", choices=[*choices, []], metavar="|".join(choices))
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path("/var/cache/wyoming-indextts-tests/images"),
        help="folder that images are kept in (10 GB); default: %(default)s",
    )
    parsed = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("buildah and podman are used as root here: run this as root")
    parsed.cache.mkdir(parents=True, exist_ok=True)
    store = Store(parsed.cache.resolve())
    for target in parsed.targets or choices:
        began = time.monotonic()
        image = built(store, target)
        tell(f"{target}: built in {time.monotonic() - began:.0f} s")
        measure(store, image, target)
        if target == "app":
            asyncio.run(examine_app(store, image))
            continue
        with TemporaryDirectory(dir=store.folder) as made:
            examine(store, image, target, Path(made))
    return 0


def built(store: Store, target: str) -> str:
    """Return the image's name."""
    if target == "app":
        return store.build_app()
    other = ("--build-arg", CPU) if target == "engine" else ()
    return store.build(target, SUITES[target], *other)


def measure(store: Store, image: str, target: str) -> None:
    """Say how large an image is, and hold the gateway's against its limits."""
    with store.mounted(image) as files:
        size = unpacked(files)
        assert not (files / "etc/pip.conf").exists() or not (files / "etc/pip.conf").read_bytes()
    tell(f"{target}: {size / MEGA:.0f} MB unpacked")
    if target == "gateway":
        packed = store.compressed(image)
        tell(f"{target}: {packed / MEGA:.0f} MB compressed")
        assert size <= UNPACKED, f"more than {UNPACKED / MEGA:.0f} MB unpacked"
        assert packed <= COMPRESSED, f"more than {COMPRESSED / MEGA:.0f} MB compressed"


def examine(store: Store, image: str, target: str, folder: Path) -> None:
    """Start it, hear it, look at what it may do, and end it; then once more with its old data."""
    with hardened(store, image, folder, memory=MEMORY[target]) as one:
        info, answered = asyncio.run(described(one))
        tell(f"{target}: {len(info.tts[0].voices)} voices, told {answered:.1f} s after its start")
        assert target != "gateway" or answered <= ANSWERED, "that is too long"
        seconds = asyncio.run(heard(one))
        tell(f"{target}: had spoken {seconds:.1f} s of sound {one.age:.1f} s after its start")
        is_of_this_tree(one)
        confined(one)
        assert one.health() == 0, one.log()
        answers(one, target)
        assert "preparing" not in one.log() or target == "engine", one.log()
        status, took = one.stop()
        tell(f"{target}: ended by SIGTERM in {took:.2f} s with {status}")
        assert (status, took < ENDED) == (0, True), one.log()
    with hardened(store, image, folder, memory=MEMORY[target]) as again:
        asyncio.run(heard(again))
        assert "preparing" not in again.log(), again.log()
        assert "shown once" not in again.log(), "the token was made anew"
        again.stop()


def confined(one: Container) -> None:
    """Make sure that every process in it may do nothing but what it is there for."""
    for process in one.processes():
        assert process["Uid"].split() == [str(USER)] * 4, process
        assert int(process["CapEff"], 16) == int(process["CapBnd"], 16) == 0, process
        assert process["NoNewPrivs"] == "1", process
    names = [process["Name"] for process in one.processes()]
    assert names[0] == "tini", names
    for place in ("/etc/x", "/opt/x", "/usr/local/x"):
        refused = one.run("sh", "-c", f": >{place}")
        assert refused.returncode and "Read-only" in refused.stderr, refused
    tell(f"  confined: {', '.join(names)}")


def answers(one: Container, target: str) -> None:
    """Make sure that its other doors are open, and that all parts are there."""
    with urllib.request.urlopen(f"http://127.0.0.1:{one.http}/healthz", timeout=10) as answer:
        assert answer.status == 200
    parts = "aiortc, av, soundfile, soxr" + (", torch, transformers" * (target == "engine"))
    imported = one.run("/opt/venv/bin/python", "-c", f"import {parts}")
    assert imported.returncode == 0, imported.stderr
    if target == "gateway":
        missing = one.run("/opt/venv/bin/python", "-c", "import torch")
        assert missing.returncode == 1, "torch is in it"
    found = json.loads(one.run("wyoming-indextts", "doctor", "--json").stdout)
    # its port is taken, by the server itself
    broken = [it for it in found if it["state"] == "error" and it["topic"] != "port"]
    assert len(found) > 10
    assert not broken, broken


if __name__ == "__main__":
    sys.exit(main())
