"""What is slow to make and shared by many tests: the embedded voice, loaded once."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import PRESETS
from wyoming_indextts.kokoro.engine import KokoroEngine, load
from wyoming_indextts.kokoro.options import KokoroOptions
from wyoming_indextts.kokoro.voices import VOICES
from wyoming_indextts.speech.voices import Voices


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Let SIGINT end what tests start; a job in a shell's background would hand on its deafness."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def kept(pytestconfig: pytest.Config) -> Path:
    """Return a folder that outlives the test run, for models made from packages."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("models")


@pytest.fixture(scope="session")
def bundled() -> Voices:
    """Return the bundled voices."""
    return Voices(VOICES, PRESETS, default=VOICES[0].name)


@pytest.fixture(scope="session")
def engine(kept: Path) -> Iterator[KokoroEngine]:
    """Return the embedded voice; only one test at a time may use it, and none may close it."""
    engine = load(KokoroOptions(kept))
    yield engine
    engine.close()
