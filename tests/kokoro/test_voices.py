"""The bundled voices, and those a user adds."""

from pathlib import Path

import numpy as np
import pytest

from wyoming_indextts.kokoro.voices import VOICES, known_voices, timbres
from wyoming_indextts.kokoro.weights import STYLE_SHAPE, read_styles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("af_heart", "zm_yunxi", "Grandma 2"):
        np.save(tmp_path / f"{name}.npy", np.ones(STYLE_SHAPE, np.float32))
    return tmp_path


def test_five_voices_come_with_the_program_and_keep_their_names() -> None:
    assert [voice.name for voice in VOICES] == ["lan", "mei", "ning", "tong", "yun"]
    assert {voice.sex for voice in VOICES} == {"female", "male"}
    assert all(voice.languages == ("zh-CN", "en-US") for voice in VOICES)


def test_a_folders_voices_come_after_the_bundled_ones(folder: Path) -> None:
    added = known_voices(folder)[len(VOICES) :]
    assert [(voice.name, voice.sex) for voice in added] == [
        ("grandma-2", "female"),
        ("af-heart", "female"),
        ("zm-yunxi", "male"),
    ]
    assert added[1].description == "Heart · female (af_heart)"


def test_every_known_voice_has_a_timbre(folder: Path) -> None:
    assert {voice.name for voice in known_voices(folder)} == timbres(folder).keys()


def test_the_default_is_half_way_between_two_speakers() -> None:
    styles = read_styles()
    middle = (styles["jf_gongitsune"] + styles["jf_nezumi"]) / 2
    np.testing.assert_allclose(timbres(None)["lan"].styles, middle, atol=1e-6)


def test_nobody_can_take_a_bundled_voices_name(tmp_path: Path) -> None:
    np.save(tmp_path / "lan.npy", np.ones(STYLE_SHAPE, np.float32))
    assert [voice.name for voice in known_voices(tmp_path)].count("lan") == 1
    assert timbres(tmp_path)["lan"].styles.std() > 0.0


def test_an_added_voice_has_no_accent_that_is_written_for(folder: Path) -> None:
    accented = {name for name, timbre in timbres(folder).items() if timbre.accented}
    assert accented == {"lan", "mei", "ning", "yun"}
