"""Makes sure that what is in an image is the program of this working tree, and no earlier one."""

import hashlib
from pathlib import Path
from typing import Final

from tests.image.building import REPOSITORY
from tests.image.running import Container

PACKAGE: Final = "wyoming_indextts"

SUMS: Final = (
    "import hashlib, pathlib, wyoming_indextts as p; "
    "top = pathlib.Path(p.__file__).parent; "
    "[print(hashlib.sha256(f.read_bytes()).hexdigest(), f.relative_to(top).as_posix()) "
    "for f in top.rglob('*.py')]"
)
"""A program that prints the sum and the name of each file of the package."""


def is_of_this_tree(one: Container) -> None:
    """Compare the package in a container with ours, file by file."""
    told = one.run("/opt/venv/bin/python", "-c", SUMS)
    assert told.returncode == 0, told.stderr
    there = {tuple(line.split(maxsplit=1)) for line in told.stdout.splitlines()}
    top = REPOSITORY / PACKAGE
    here = {(_sum(file), file.relative_to(top).as_posix()) for file in top.rglob("*.py")}
    assert there == here, f"another program is in the image: {sorted(here ^ there)[:4]}"


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
