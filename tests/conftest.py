"""What is slow to make and shared by many tests: the embedded voice, loaded once."""

import logging
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import onnxruntime as ort
import pytest
from hypothesis import settings
from onnx import TensorProto, helper

from tests.house import PRESETS
from wyoming_indextts.cli.log import PACKAGE
from wyoming_indextts.kokoro.engine import KokoroEngine, load
from wyoming_indextts.kokoro.options import KokoroOptions
from wyoming_indextts.kokoro.voices import VOICES
from wyoming_indextts.speech.voices import Voices

settings.register_profile("any machine", deadline=None)  # it may be slow, or busy with others
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Let SIGINT end what tests start; a job in a shell's background would hand on its deafness."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _small_numbers() -> None:
    """Keep denormal numbers in the thread of the tests, where hypothesis wants them.

    onnxruntime switches them off once, for whoever makes the first session.
    """
    made = Thread(target=_make_a_session)
    made.start()
    made.join()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Leave our loggers as they were: a command that a test runs sets how much they tell."""
    ours = logging.getLogger(PACKAGE)
    level = ours.level
    yield
    ours.setLevel(level)


def _make_a_session() -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    same = helper.make_node("Identity", ["x"], ["y"])
    graph = helper.make_graph([same], "same", [value], [helper.make_tensor_value_info("y", 1, [1])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = ort.SessionOptions()
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


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
