"""What the engines are told of the settings."""

import os
import subprocess
from pathlib import Path

import pytest

from wyoming_indextts.runners import lead_limits, lead_options
from wyoming_indextts.settings import Settings


def test_indextts2_is_told_what_is_set(tmp_path: Path) -> None:
    usual = lead_options(Settings(data_dir=tmp_path))
    assert usual.streaming
    assert not usual.training_positions
    assert (usual.graphs, usual.slots, usual.int8) == (True, None, False)
    told = lead_options(
        Settings.model_validate(
            {
                "data_dir": tmp_path,
                "cache_dir": tmp_path / "weights",
                "indextts2": {
                    "mode": "segment",
                    "positions": "training",
                    "device": "cpu",
                    "precision": "bfloat16",
                    "steps": 9,
                    "guidance": 1.5,
                    "best_seconds": False,
                    "graphs": False,
                    "slots": 3,
                    "weights": "int8",
                    "prompt_seconds": 4.5,
                },
            }
        )
    )
    assert not told.streaming
    assert told.training_positions
    assert (told.graphs, told.slots, told.int8) == (False, 3, True)
    assert told.folder == tmp_path / "weights"
    assert told.voices == tmp_path / "voices"
    assert (told.device, told.precision, told.steps) == ("cpu", "bfloat16", 9)
    assert (told.guidance, told.best, told.prompt) == (1.5, False, 4.5)


@pytest.mark.parametrize(
    ("wishes", "steps"),
    [
        ({}, None),
        ({"quality": "reference"}, 25),
        ({"quality": "balanced"}, 16),
        ({"quality": "fast"}, 10),
        ({"quality": "fast", "steps": 12}, 12),
    ],
)
def test_quality_is_a_number_of_steps_unless_one_is_set(
    tmp_path: Path, wishes: dict[str, object], steps: int | None
) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "indextts2": wishes})
    assert lead_options(settings).steps == steps


@pytest.mark.parametrize(
    ("everybody", "lead", "seconds"),
    [(None, None, None), (600, None, 600), (600, 0, None), (None, 1800, 1800), (600, 30, 30)],
)
def test_the_card_may_be_given_back_sooner_than_other_memory(
    everybody: float | None, lead: float | None, seconds: float | None
) -> None:
    settings = Settings.model_validate(
        {"process": {"idle_unload": everybody}, "indextts2": {"idle_unload": lead}}
    )
    assert lead_limits(settings).idle_unload == seconds


def test_its_process_is_given_more_time_than_others_and_never_less() -> None:
    usual, patient = (
        Settings(),
        Settings.model_validate({"process": {"step_timeout": 500, "load_timeout": 3000}}),
    )
    assert (lead_limits(usual).step_timeout, lead_limits(usual).load_timeout) == (60, 1800)
    assert (lead_limits(patient).step_timeout, lead_limits(patient).load_timeout) == (500, 3000)


def test_its_process_keeps_what_a_step_has_freed() -> None:
    """As glibc itself says that it has understood it; its loader lists what is set."""
    loader = next(Path("/").glob("lib*/ld-linux*.so.*"))
    usual = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    heap = lead_limits(Settings()).environment
    listed = subprocess.run(  # noqa: S603 - the system's own
        [str(loader), "--list-tunables"],
        env={**usual, **heap}, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    found = dict(line.split(": ")[:2] for line in listed.splitlines() if ": " in line)
    wanted = {"hugetlb": 1, "mmap_threshold": 32 << 20, "trim_threshold": 256 << 20}
    for name, value in wanted.items():
        assert int(found[f"glibc.malloc.{name}"].split()[0], 16) == value
