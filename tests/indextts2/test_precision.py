"""What the nets compute in follows from what the machine is quick at, and what would be heard."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.indextts2 import config_files
from tests.indextts2.processor import flags, told
from wyoming_indextts.indextts2.config import Config, read_config
from wyoming_indextts.indextts2.options import Precision
from wyoming_indextts.indextts2.precision import DTYPES, Dtypes, dtypes_for

CPU, CARD = torch.device("cpu"), torch.device("cuda")

TOLD = """
import sys, torch
from pathlib import Path
from wyoming_indextts.indextts2.config import read_config
from wyoming_indextts.indextts2.precision import dtypes_for
print(dtypes_for("auto", torch.device("cpu"), read_config(Path(sys.argv[1]))))
"""


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("official")
    return read_config(config_files.write(folder, config_files.shipped()))


def test_a_cpu_with_amx_computes_in_bfloat16_each_time(official: Config) -> None:
    chosen = {dtypes_for("auto", CPU, official) for _ in range(20)}
    assert len(chosen) == 1
    if "amx_bf16" in flags():
        assert chosen == {Dtypes.of(torch.bfloat16)}


def test_a_cpu_without_instructions_for_it_computes_in_float32(tmp_path: Path) -> None:
    """Whatever this machine has, oneDNN may be told to use no more than AVX2 of it."""
    folder = config_files.write(tmp_path, config_files.shipped())
    assert told(TOLD, str(folder), ONEDNN_MAX_CPU_ISA="AVX2") == "float32"


def test_a_small_language_model_has_nothing_to_gain(official: Config) -> None:
    small = replace(official, voice=replace(official.voice, width=64))
    chosen = dtypes_for("auto", CPU, small)
    assert chosen.voice == torch.float32
    assert chosen.flow == dtypes_for("auto", CPU, official).flow


def test_a_card_computes_in_float16(official: Config) -> None:
    assert dtypes_for("auto", CARD, official) == Dtypes.of(torch.float16)


@pytest.mark.parametrize("device", [CPU, CARD], ids=str)
@pytest.mark.parametrize(("wanted", "dtype"), DTYPES.items())
def test_what_is_wanted_is_done(
    wanted: Precision, dtype: torch.dtype, device: torch.device, official: Config
) -> None:
    chosen = dtypes_for(wanted, device, official)
    assert (chosen.voice, chosen.flow) == (dtype, dtype)


@pytest.mark.parametrize("voice", DTYPES.values(), ids=str)
def test_the_vocoder_is_spared_bfloat16(voice: torch.dtype) -> None:
    assert Dtypes.of(voice, torch.bfloat16).vocoder == torch.float32
    assert Dtypes.of(voice, torch.float16).vocoder == torch.float16
    assert Dtypes.of(voice, torch.float32).vocoder == torch.float32


def test_people_are_told_of_both_if_they_differ() -> None:
    assert str(Dtypes.of(torch.float16)) == "float16"
    assert str(Dtypes.of(torch.float32, torch.bfloat16)) == "float32, bfloat16"
