"""Where this program's own files lie: its configuration, the user's additions, its cache."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

NAME: Final = "wyoming-indextts"
"""The program's name; files and folders of its own carry it."""

FILE: Final = f"{NAME}.toml"
"""Name of the settings file, wherever it lies."""

PACKAGE: Final = Path(__file__).parents[1]

CHECKOUT: Final = PACKAGE.parent if (PACKAGE.parent / "pyproject.toml").is_file() else None
"""The repository this program runs from; None where it was installed from a wheel."""

SHIPPED: Final = (CHECKOUT or PACKAGE) / "config"
"""The configuration that comes with the program."""

CACHE_DIR: Final = (CHECKOUT or Path()) / "cache_hub"
"""Where large files that can be made or fetched again are kept."""


def default_data_dir() -> Path:
    """Return the system's folder for what this program's user adds."""
    return user_data_path(NAME, appauthor=False)


def settings_file(data_dir: Path) -> Path | None:
    """Return the settings file that is read where none is named, if there is one."""
    places = (Path("config"), data_dir, SHIPPED)
    return next((folder / FILE for folder in places if (folder / FILE).is_file()), None)


def files_named(name: str, *, beside: Path | None, data_dir: Path) -> Sequence[Path]:
    """Return the files of that name that there are; later ones add to earlier ones.

    They lie in the shipped configuration, in `config` here, `beside` the settings file, and in
    the data folder.
    """
    folders = (SHIPPED, Path("config"), *([beside.parent] if beside else []), data_dir)
    files: dict[Path, Path] = {}
    for folder in folders:
        files.setdefault((folder / name).resolve(), folder / name)
    return [file for file in files.values() if file.exists()]
