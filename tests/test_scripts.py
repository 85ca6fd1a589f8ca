"""`script/run` sets itself up once and hands its arguments over, wherever it is called from.

Python and the package index are stand-ins here; everything else is the script's own doing.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]

TOOLS = ("sh", "cat", "chmod", "cksum", "cp", "dirname", "flock", "mkdir", "mv", "readlink", "rm")
"""All that the scripts and the stand-in use of a machine."""

PYTHON = """\
#!/bin/sh
echo "$0 $*" >>"$CALLS"
case "$*" in
*ensurepip*) [ -z "${NO_ENSUREPIP:-}" ] ;;
*version_info*) [ -z "${TOO_OLD:-}" ] ;;
"-m venv --clear "*)
    rm -rf "$4"
    mkdir -p "$4/bin"
    cp "$0" "$4/bin/python" ;;
"-c import pip") ;;
"-m pip install "*download.pytorch.org*)
    [ -z "${NO_TORCH_INDEX:-}" ] || { echo "no index of torch" >&2; exit 1; } ;;
"-m pip install "*)
    [ -z "${NO_INDEX:-}" ] || { echo "no index" >&2; exit 1; }
    printf '#!/bin/sh\\necho "$PWD: $*"\\n' >"${0%/*}/wyoming-indextts"
    chmod +x "${0%/*}/wyoming-indextts" ;;
esac
"""
"""A Python that writes down what it is asked, and makes what the real one would make."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A fresh machine with a copy of the repository's scripts."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "a repository"

    def call(self, script: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a script outside the repository, with nothing but `TOOLS` and the stand-in."""
        return subprocess.run(  # noqa: S603 - our own script
            [script, *arguments],
            cwd=self.folder,
            env={"PATH": str(self.folder / "bin"), "CALLS": str(self.folder / "calls"), **env},
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self.call(self.root / "script" / "run", *arguments, **env)

    def calls(self) -> str:
        """Return all that Python was asked, line by line."""
        return (self.folder / "calls").read_text("utf-8")

    def installs(self) -> int:
        """Return how often packages were installed."""
        return self.calls().count("-m pip install")


@pytest.fixture
def fresh(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    shutil.copytree(REPOSITORY / "script", machine.root / "script")
    shutil.copy(REPOSITORY / "pyproject.toml", machine.root)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"this machine has no {tool}"
        (tmp_path / "bin" / tool).symlink_to(found)
    python = tmp_path / "bin" / "python3"
    python.write_text(PYTHON, "utf-8")
    python.chmod(0o755)
    return machine


def test_the_first_run_sets_up_and_hands_over(fresh: Machine) -> None:
    ran = fresh.run("say", "two words")
    assert (ran.returncode, ran.stdout) == (0, f"{fresh.folder}: say two words\n")
    assert ran.stderr == "script/run: setting up .venv; this takes a minute or two, once\n"


def test_later_runs_install_nothing(fresh: Machine) -> None:
    fresh.run()
    ran = fresh.run("--version")
    assert (ran.stdout, ran.stderr) == (f"{fresh.folder}: --version\n", "")
    assert fresh.installs() == 1


def test_an_extra_is_installed_once_and_stays(fresh: Machine) -> None:
    assert fresh.run("--extra", "indextts2", "--version").stdout == f"{fresh.folder}: --version\n"
    assert "[indextts2]" in fresh.calls()
    assert "pip install -qq torch --index-url https://download.pytorch.org/whl/cpu" in fresh.calls()
    installs = fresh.installs()
    assert fresh.run("--version").returncode == 0
    assert fresh.run("--extra", "indextts2", "say", "hello").returncode == 0
    assert fresh.installs() == installs
    fresh.run("--extra", "qwen")
    assert "[indextts2,qwen]" in fresh.calls()


def test_a_machine_with_a_card_gets_the_build_of_the_package_index(fresh: Machine) -> None:
    assert fresh.run("--extra", "indextts2", NVIDIA_CARD="/dev/null").returncode == 0
    assert "pytorch.org" not in fresh.calls()


def test_where_the_smaller_build_is_out_of_reach_the_larger_one_does(fresh: Machine) -> None:
    ran = fresh.run("--extra", "indextts2", NO_TORCH_INDEX="1")
    assert ran.returncode == 0
    assert "going on with the package index's own build" in ran.stderr


def test_an_extra_that_there_is_not_is_refused(fresh: Machine) -> None:
    ran = fresh.run("--extra", "gpu")
    assert (ran.returncode, ran.stderr) == (
        1, "script/run: --extra must be indextts2, qwen, webrtc or formats, not 'gpu'\n",
    )  # fmt: skip


def test_a_changed_project_is_installed_again(fresh: Machine) -> None:
    fresh.run()
    with (fresh.root / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write("# changed\n")
    fresh.run()
    assert fresh.installs() == 2


def test_a_moved_repository_is_installed_again(fresh: Machine) -> None:
    fresh.run()
    moved = fresh.folder / "moved"
    fresh.root.rename(moved)
    assert fresh.call(moved / "script" / "run").returncode == 0
    assert fresh.installs() == 2


def test_a_link_and_another_folder_make_no_difference(fresh: Machine) -> None:
    away = fresh.folder / "away"
    away.mkdir()
    (away / "one").symlink_to(os.path.relpath(fresh.root / "script" / "run", away))
    (away / "two").symlink_to(away / "one")
    ran = fresh.call(away / "two", "doctor")
    assert ran.stdout == f"{fresh.folder}: doctor\n"
    assert (fresh.root / ".venv").is_dir()


def test_without_an_index_it_says_so_and_tries_again_next_time(fresh: Machine) -> None:
    ran = fresh.run(NO_INDEX="1")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[1:] == [
        "no index",
        "script/run: the packages could not be installed: see above; is the package index reached?",
    ]
    assert fresh.run().returncode == 0


def test_without_a_python_it_says_which_it_wants(fresh: Machine) -> None:
    old = fresh.run(TOO_OLD="1")
    (fresh.folder / "bin" / "python3").unlink()
    none = fresh.run()
    for ran in (old, none):
        assert ran.returncode == 1
        assert "no Python from 3.11 to 3.14 found" in ran.stderr


def test_without_venv_it_says_what_to_install(fresh: Machine) -> None:
    ran = fresh.run(NO_ENSUREPIP="1")
    assert ran.returncode == 1
    assert "sudo apt install python3-venv" in ran.stderr


def test_a_half_made_environment_is_made_anew(fresh: Machine) -> None:
    (fresh.root / ".venv" / "bin").mkdir(parents=True)
    (fresh.root / ".venv" / "bin" / "python").symlink_to("/nonexistent/python")
    assert fresh.run().returncode == 0
