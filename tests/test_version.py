"""The version has one source, and whoever tells it tells the same."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wyoming_indextts import __version__

ROOT = Path(__file__).parents[1]

FILES = (
    "wyoming_indextts/__init__.py",
    "addon/config.yaml",
    "addon/Dockerfile",
    "addon/CHANGELOG.md",
    "CHANGELOG.md",
    "script/version",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a repository that only has what tells the version."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def call(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own script
        [root / "script" / "version", *arguments], capture_output=True, text=True, check=False
    )


def told(root: Path) -> list[str]:
    """Return the version as each file tells it."""
    return [
        found
        for name, pattern in (
            ("wyoming_indextts/__init__.py", r'^__version__ = "(.+)"$'),
            ("addon/config.yaml", r"^version: (.+)$"),
            ("addon/Dockerfile", r"^ARG BUILD_VERSION=(.+)$"),
        )
        for found in re.findall(pattern, (root / name).read_text("utf-8"), re.MULTILINE)
    ]


def test_all_files_tell_the_same() -> None:
    assert told(ROOT) == [__version__] * 3
    assert call(ROOT).stdout == f"{__version__}\n"
    (newest, *_) = re.findall(
        r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert newest in {"Unreleased", __version__}
    assert 'path = "wyoming_indextts/__init__.py"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_a_new_one_is_written_everywhere(copy: Path) -> None:
    changes = copy / "addon" / "CHANGELOG.md"
    changes.write_text("# Changelog\n\n## 1.20.0\n\n- More.\n", "utf-8")
    mode = (copy / "addon" / "config.yaml").stat().st_mode
    assert call(copy, "1.20.0").stdout == "1.20.0\n"
    assert told(copy) == ["1.20.0"] * 3
    assert call(copy).stdout == "1.20.0\n"
    log = (copy / "CHANGELOG.md").read_text("utf-8")
    assert re.search(
        r"^## \[Unreleased\]\n\n## \[1\.20\.0\] - \d{4}-\d\d-\d\d\n", log, re.MULTILINE
    )
    assert (copy / "addon" / "config.yaml").stat().st_mode == mode


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        ("1.2", "must be X.Y.Z, not '1.2'"),
        ("v1.2.3", "must be X.Y.Z"),
        ("1.2.3 4", "must be X.Y.Z"),
        ("01.2.3", "must be X.Y.Z"),
        (__version__, f"it is {__version__} already"),
        ("99.0.0", "first say in addon/CHANGELOG.md, under '## 99.0.0'"),
    ],
)
def test_what_is_no_new_version_changes_nothing(new: str, complaint: str, copy: Path) -> None:
    before = told(copy)
    ran = call(copy, new)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"script/version: {complaint}")
    assert told(copy) == before
