"""What the engines are told of the settings."""

from pathlib import Path

import pytest

from wyoming_indextts.runners import lead_idle_unload, lead_options
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
    assert lead_idle_unload(settings) == seconds
