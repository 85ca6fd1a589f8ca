"""A machine with little memory computes in integers, and says the same."""

from pathlib import Path

import numpy as np
import pytest

from tests.kokoro.hearing import listen
from wyoming_indextts.kokoro.converted import converted, is_converted
from wyoming_indextts.kokoro.memory import LITTLE, computes_in_integers, total
from wyoming_indextts.kokoro.network import Breaker, Network, Run
from wyoming_indextts.kokoro.options import RATE
from wyoming_indextts.kokoro.weights import find_model, read_styles, read_vocabulary
from wyoming_indextts.speech.audio import Samples, pcm
from wyoming_indextts.speech.emotion import Prosody
from wyoming_indextts.speech.silence import trimmed

SAID = "ðə lˈɪvɪŋ ɹˈum lˈIt ɪz ˌɔn."
"""The living room light is on."""

CENTER = 239.0


def test_what_there_is_decides_unless_somebody_does(tmp_path: Path) -> None:
    model = find_model(None)
    assert computes_in_integers(model, tmp_path, "auto", LITTLE - 1)
    assert not computes_in_integers(model, tmp_path, "auto", LITTLE)
    assert computes_in_integers(model, tmp_path, "integer", 2 * LITTLE)
    assert not computes_in_integers(model, tmp_path, "float", 1)


def test_what_is_prepared_is_used(kept: Path, tmp_path: Path) -> None:
    model = find_model(None)
    prepared = converted(model, kept / "kokoro", print)
    for file in (prepared, prepared.with_suffix(".sha256")):
        (tmp_path / file.name).symlink_to(file)
    assert not computes_in_integers(model, tmp_path, "auto", LITTLE - 1)
    assert computes_in_integers(model, tmp_path, "integer", LITTLE - 1)


@pytest.mark.parametrize(
    ("machine", "limits", "expected"),
    [
        ("MemTotal:        1048576 kB\nMemFree: 3 kB\n", [], 1024**3),
        ("MemTotal:        4194304 kB\n", ["max\n"], 4 * 1024**3),
        ("MemTotal:        4194304 kB\n", ["536870912\n"], 512 * 1024**2),
        ("MemTotal:        1048576 kB\n", ["9223372036854771712\n"], 1024**3),
        ("nonsense", [], LITTLE),
        ("nonsense", ["1000"], 1000),
    ],
)
def test_a_containers_limit_counts_too(
    machine: str, limits: list[str], expected: int, tmp_path: Path
) -> None:
    (tmp_path / "meminfo").write_text(machine, "ascii")
    files = [tmp_path / str(number) for number, _ in enumerate(limits)]
    for file, limit in zip(files, limits, strict=True):
        file.write_text(limit, "ascii")
    assert total(tmp_path / "meminfo", (*files, tmp_path / "none")) == expected


def test_integers_say_what_floats_say_and_do_what_prosody_asks(kept: Path) -> None:
    model, folder = find_model(None), kept / "kokoro"
    symbols = [read_vocabulary()[symbol] for symbol in SAID]
    styles = read_styles()["jf_gongitsune"]

    def speak(network: Network, prosody: Prosody) -> Samples:
        run = Run(symbols, [1.0] * len(symbols), styles, CENTER, prosody)
        return trimmed(network.speak(run, Breaker()), RATE)

    file = converted(model, folder, print, integer=True)
    assert is_converted(model, folder, integer=True)
    floats = Network(converted(model, folder, print), threads=2)
    integers = Network(file, threads=2)
    assert file.stat().st_size < 100_000_000
    theirs, ours = speak(floats, Prosody()), speak(integers, Prosody())
    assert len(ours) == pytest.approx(len(theirs), rel=0.04)
    heard, plain = (listen(pcm(one, RATE), center=CENTER) for one in (theirs, ours))
    assert plain.pitch == pytest.approx(heard.pitch, abs=0.5)
    assert plain.level == pytest.approx(heard.level, abs=1.0)
    higher = listen(pcm(speak(integers, Prosody(shift=1.2)), RATE), center=CENTER)
    assert higher.pitch - plain.pitch == pytest.approx(12 * np.log2(1.2), abs=0.7)
