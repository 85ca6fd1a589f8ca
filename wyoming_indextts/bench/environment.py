"""The environment of the other package, which ours never imports."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from wyoming_indextts.errors import UnsupportedError

PACKAGES: Final = ("indextts2-inference==2.1.1", "torchaudio==2.11.0")
"""The reference, and a package whose Python parts it uses; without what else they would fetch."""

NEEDED: Final = (
    "einops==0.8.2", "librosa==0.11.0", "munch==4.0.0", "omegaconf==2.4.0", "safetensors==0.8.0",
    "scipy==1.17.1", "sentencepiece==0.2.3", "tqdm==4.70.1", "transformers==5.0.0",
)  # fmt: skip
"""What it needs; later releases of transformers break its decoding."""

DONE: Final = "installed"


def reference_python(folder: Path, torch: str) -> Path:
    """Return the Python of an environment in `folder` with the reference, made if it is not there.

    `torch` is the release that both are to use.

    Raises:
        UnsupportedError: the packages cannot be installed; pip has said why.
    """
    python = folder / "bin" / "python"
    wanted = " ".join((*PACKAGES, *NEEDED, torch))
    if (folder / DONE).is_file() and (folder / DONE).read_text("ascii") == wanted:
        return python
    _run(sys.executable, "-m", "venv", "--clear", str(folder))
    _run(str(python), "-m", "pip", "install", "-qq", f"torch=={torch}", *NEEDED)
    _run(str(python), "-m", "pip", "install", "-qq", "--no-deps", *PACKAGES)
    for compiled in folder.glob("lib/python3.*/site-packages/torchaudio/lib/*.so"):
        compiled.unlink()  # for CUDA and for another torch
    (folder / DONE).write_text(wanted, "ascii")
    return python


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError):
        raise UnsupportedError(
            "the environment of indextts2-inference could not be made: see above"
        ) from None
