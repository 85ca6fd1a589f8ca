"""Runs the converted network: symbols and prosody in, sound out, and a way to break off."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    RuntimeException,
)
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as Unsupported

from wyoming_indextts.errors import SynthesisFailedError, WeightsCorruptError
from wyoming_indextts.kokoro.weights import Styles
from wyoming_indextts.speech.audio import Samples
from wyoming_indextts.speech.emotion import Prosody


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be spoken in one run.

    `symbols` are numbers of the vocabulary, `speeds` a factor for each; `center` is the F0 in Hz
    around which `prosody` widens the voice's.
    """

    symbols: Sequence[int]
    speeds: Sequence[float]
    styles: Styles
    center: float
    prosody: Prosody


class BrokenOffError(Exception):
    """The run was broken off by `Breaker.break_off`."""


class Breaker:
    """Breaks off the run it is given to, from any thread, before or while it is under way."""

    def __init__(self) -> None:
        self.options = ort.RunOptions()

    def break_off(self) -> None:
        """Make the run end within milliseconds with `BrokenOffError`."""
        self.options.terminate = True

    @property
    def broken(self) -> bool:
        """Whether `break_off` was called."""
        return bool(self.options.terminate)


class Network:
    """Kokoro on the CPU. One run at a time."""

    def __init__(self, file: Path, *, threads: int) -> None:
        """Load the file that `converted` gives.

        Raises:
            WeightsCorruptError: it was converted from a model that does not run.
        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads burn a quarter of the CPU time for nothing (0.64 for 0.48, measured).
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Fading activations end in denormal numbers, which cost a CPU 5 % of its time (measured).
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        # Patterns are kept per length of input: 890 MB after 40 clauses, without them 640.
        options.enable_mem_pattern = False
        options.log_severity_level = 4
        try:
            self._session = ort.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
        except (Fail, InvalidArgument, InvalidGraph, Unsupported, RuntimeException):
            raise WeightsCorruptError("the model file is no Kokoro that this CPU can run") from None

    def speak(self, run: Run, breaker: Breaker) -> Samples:
        """Return the sound, with some silence at both ends.

        Raises:
            BrokenOffError: the breaker was used.
            SynthesisFailedError: the network failed, or what it made is no sound.
        """
        row = min(len(run.symbols), len(run.styles)) - 1
        single = {
            "f0_center": run.center,
            "f0_shift": run.prosody.shift,
            "f0_range": run.prosody.range,
            "energy": run.prosody.energy,
        }
        feeds = {name: np.array([value], np.float32) for name, value in single.items()}
        feeds["tokens"] = np.array([[0, *run.symbols, 0]], np.int64)
        feeds["speed"] = np.array([[1.0, *run.speeds, 1.0]], np.float32)
        feeds["style"] = run.styles[row : row + 1]
        try:
            (sound,) = self._session.run(None, feeds, breaker.options)
        except (Fail, InvalidArgument, RuntimeException):
            if breaker.broken:
                raise BrokenOffError from None
            raise SynthesisFailedError("the embedded voice could not say this") from None
        samples: Samples = sound.ravel()
        if not np.isfinite(samples).all():
            raise SynthesisFailedError("the embedded voice made no sound of this")
        return samples
