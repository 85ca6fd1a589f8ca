"""Builds an image as `docker build` would, on a base of our own making."""

import configparser
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]

SLIM: Final = ("doc", "info", "locale", "man")
"""Folders of /usr/share that Debian's slim images have nothing in either."""

APP_BASE: Final = "ghcr.io/home-assistant/base-debian:trixie"

CONFIG: Final = "/etc/pip.conf"
AUTHORITIES: Final = "/run/authorities.pem"
"""Where the build sees this machine's settings of pip, and whom it believes."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where images are kept, apart from those of the machine's own."""

    folder: Path

    def buildah(self, *arguments: str, quiet: bool = True) -> str:
        """Run buildah; return what it prints."""
        places = ("--root", str(self.folder / "images"), "--runroot", str(self.folder / "run"))
        return run("buildah", *places, *arguments, quiet=quiet)

    def podman(self, *arguments: str) -> str:
        """Run podman; return what it prints."""
        return run(*self.podman_command(*arguments))

    def podman_command(self, *arguments: str) -> tuple[str, ...]:
        """Return the command that podman is run by."""
        places = ("--root", str(self.folder / "images"), "--runroot", str(self.folder / "run"))
        means = ("--runtime", str(shutil.which("runc", path="/usr/sbin:/usr/bin")))
        return ("podman", *places, *means, "--cgroup-manager", "cgroupfs", *arguments)

    def base(self, suite: str) -> str:
        """Return the name of an image of that Debian alone, made if it is not there."""
        name = f"localhost/wyoming-indextts-base:{suite}"
        if name in self.buildah("images", "--format", "{{.Name}}:{{.Tag}}").split():
            return name
        archive = self.folder / f"{suite}.tar"
        excluded = [f"--dpkgopt=path-exclude=/usr/share/{one}/*" for one in SLIM]
        run("mmdebstrap", "--variant=minbase", *excluded, suite, str(archive))
        container = self.buildah("from", "scratch").strip()
        self.buildah("add", container, str(archive), "/")
        self.buildah("commit", "--rm", container, name)
        archive.unlink()
        return name

    def build(self, target: str, suite: str, *arguments: str) -> str:
        """Build a target of our Dockerfile on that Debian; return the image's name."""
        base = ("--build-arg", f"BASE={self.base(suite)}", "--target", target)
        return self._build(target, *base, *arguments)

    def build_app(self) -> str:
        """Build Home Assistant's app on plain Debian under the name of its base; return its name.

        Home Assistant's own base is that Debian with programs that ours does not use.
        """
        self.buildah("tag", self.base("trixie"), APP_BASE)
        return self._build("app", "--file", str(REPOSITORY / "addon/Dockerfile"))

    def _build(self, name: str, *arguments: str) -> str:
        image = f"localhost/wyoming-indextts:{name}"
        with self._surroundings() as mounts:
            self.buildah(
                *("build", "--isolation", "chroot", "--format", "docker", "--layers"),
                *("--pull-never", *arguments, *mounts, "--tag", image, str(REPOSITORY)),
                quiet=False,
            )
        return image

    @contextmanager
    def _surroundings(self) -> Iterator[list[str]]:
        """Give the mounts that let pip in the build reach what pip here reaches.

        Nothing of it gets into the image but an empty file at the place of each.
        """
        with TemporaryDirectory(dir=self.folder) as made:
            file = Path(made) / "pip.conf"
            found = _pip_settings()
            mounts = [(str(file), CONFIG)]
            if cert := found.get("cert"):
                mounts.append((cert, AUTHORITIES))
                found["cert"] = AUTHORITIES
            mounts += [(place, place) for place in sorted(_folders(found))]
            settings = configparser.RawConfigParser()
            settings["global"] = found
            written = io.StringIO()
            settings.write(written)
            file.write_text(written.getvalue(), "utf-8")
            yield [f"--volume={here}:{there}:ro" for here, there in mounts]

    @contextmanager
    def mounted(self, image: str) -> Iterator[Path]:
        """Give the folder that holds all files of an image."""
        container = self.buildah("from", "--pull-never", image).strip()
        try:
            yield Path(self.buildah("mount", container).strip())
        finally:
            self.buildah("rm", container)

    def compressed(self, image: str) -> int:
        """Return the bytes of its layers as a registry keeps them."""
        with TemporaryDirectory(dir=self.folder) as made:
            self.buildah("push", image, f"oci:{made}/oci:image")
            index = json.loads((Path(made) / "oci/index.json").read_text("utf-8"))
            blobs = Path(made) / "oci/blobs/sha256"
            digest = index["manifests"][0]["digest"].removeprefix("sha256:")
            manifest = json.loads((blobs / digest).read_text("utf-8"))
            return sum(layer["size"] for layer in manifest["layers"])


def unpacked(folder: Path) -> int:
    """Return the bytes of all files below a folder; those with two names count once."""
    seen: dict[tuple[int, int], int] = {}
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            about = file.stat()
            seen[about.st_dev, about.st_ino] = about.st_size
    return sum(seen.values())


def run(*arguments: str, quiet: bool = True) -> str:
    """Run a command that must not fail; return what it prints."""
    done = subprocess.run(  # noqa: S603 - our own
        arguments, check=False, text=True, stdout=subprocess.PIPE if quiet else sys.stderr,
        stderr=subprocess.PIPE if quiet else None,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.returncode}\n{done.stderr or ''}")
    return done.stdout or ""


def _folders(settings: dict[str, str]) -> set[str]:
    """Return this machine's own folders that pip takes packages from."""
    links = settings.get("find-links", "").split()
    # what an index on the disk points to lies beside it
    indexes = [url.removeprefix("file://") for url in settings.get("extra-index-url", "").split()]
    places = [*map(Path, links), *(Path(index).parent for index in indexes)]
    return {str(place) for place in places if place.is_absolute() and place.is_dir()}


def _pip_settings() -> dict[str, str]:
    """Return what pip here is set to, by files and by variables; without constraints."""
    listed = run(sys.executable, "-m", "pip", "config", "list")
    found: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        if name.startswith((":env:.", "global.", "install.")) and key != "constraint":
            found.setdefault(key, value.strip("'").replace("\\n", " "))
    return found
