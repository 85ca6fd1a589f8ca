"""A Debian with Home Assistant in it, in a folder: made once, in some minutes and 2 GB.

Home Assistant needs a newer Python than Debian's stable release has, and no container engine.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

VERSION: Final = "2026.11.0"

SUITE: Final = "forky"
"""The release of Debian that has Home Assistant's Python (3.14.2 or newer)."""

PACKAGES: Final = "ca-certificates,ffmpeg,g++,libturbojpeg0,python3-dev,python3-venv"

PYTHON: Final = "/srv/venv/bin/python"
"""Home Assistant's, inside the folder."""

AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"
"""Who signs certificates: this machine's word, so that its package index is believed there too."""

HERE: Final = Path(__file__).parent


def installed(cache: Path) -> Path:
    """Return the folder that is the root of that system, made if it is not there."""
    root = cache / f"home-assistant-{VERSION}"
    done = cache / f"{root.name}.done"
    if done.exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    _say(f"installing Debian {SUITE} in {root}")
    _run(
        "mmdebstrap",
        "--variant=minbase",
        '--aptopt=Acquire::Check-Valid-Until "false"',
        f"--include={PACKAGES}",
        SUITE,
        str(root),
    )
    shutil.copy(AUTHORITIES, root / AUTHORITIES[1:])
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    _say(f"installing Home Assistant {VERSION}")
    _inside(root, "python3", "-m", "venv", "/srv/venv")
    _pip(root, f"homeassistant=={VERSION}")
    shutil.copy(HERE / "requirements.py", root / "srv")
    wanted = _inside(root, PYTHON, "/srv/requirements.py")
    (root / "srv/requirements.txt").write_text(wanted, "utf-8")
    within = _inside(root, PYTHON, "-c", "import homeassistant as h; print(h.__path__[0])").strip()
    _pip(root, "-r", "/srv/requirements.txt", "-c", f"{within}/package_constraints.txt")
    done.touch()
    return root


def command(root: Path, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs another one inside `root`, as the same process.

    What it mounts there is seen by that command alone, and gone with it.
    """
    script = f'mount -t proc proc "{root}/proc" && mount --rbind /dev "{root}/dev" && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", script, "sh", "chroot", str(root), *arguments)


def _pip(root: Path, *arguments: str) -> None:
    env = ("env", f"PIP_CERT={AUTHORITIES}", "HOME=/root")
    _inside(root, *env, PYTHON, "-m", "pip", "install", "-qq", *arguments)


def _inside(root: Path, *arguments: str) -> str:
    return _run(*command(root, *arguments))


def _run(*arguments: str) -> str:
    done = subprocess.run(arguments, check=False, capture_output=True, text=True)  # noqa: S603 - our own
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
