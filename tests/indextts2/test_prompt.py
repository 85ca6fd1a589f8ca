"""What is kept of a voice comes back as it was, or not at all."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from wyoming_indextts.errors import StorageFullError, VoiceNotFoundError, WeightsCorruptError
from wyoming_indextts.indextts2.prompt import (
    PromptKey,
    VoicePrompt,
    load_prompt,
    save_prompt,
)
from wyoming_indextts.speech.clip import Clip, hash_of_clip

KEY = PromptKey(audio="a" * 64, model="b" * 64)


def made(frames: int = 7, mels: int = 12) -> VoicePrompt:
    generator = torch.Generator().manual_seed(5)
    return VoicePrompt(
        features=torch.randn(1, frames, 1024, generator=generator),
        codes=torch.randint(0, 8192, (1, frames), generator=generator),
        style=torch.randn(1, 192, generator=generator),
        mel=torch.randn(1, 80, mels, generator=generator),
        condition=torch.randn(1, mels, 6, generator=generator),
        latents=torch.randn(1, 32, 10, generator=generator),
        emotion=torch.randn(1, 10, generator=generator),
    )


def same(one: VoicePrompt, other: VoicePrompt) -> bool:
    names = (field.name for field in fields(VoicePrompt))
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in names)


def test_a_prompt_comes_back_as_it_was(tmp_path: Path) -> None:
    save_prompt(tmp_path / "voices", KEY, made())
    assert same(load_prompt(tmp_path / "voices", KEY), made())
    assert [file.name for file in (tmp_path / "voices").iterdir()] == [KEY.file_name]


def test_a_prompt_of_a_voice_that_was_removed_meanwhile_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(VoiceNotFoundError, match="removed while it was enrolled"):
        save_prompt(tmp_path / "mum" / "prompts", KEY, made())
    assert not list(tmp_path.iterdir())


def test_a_prompt_that_is_saved_again_takes_the_place_of_the_old(tmp_path: Path) -> None:
    save_prompt(tmp_path, KEY, made())
    save_prompt(tmp_path, KEY, made(frames=9))
    assert same(load_prompt(tmp_path, KEY), made(frames=9))


@pytest.mark.parametrize("other", [PromptKey("c" * 64, KEY.model), PromptKey(KEY.audio, "c" * 64)])
def test_another_clip_or_model_is_another_prompt(tmp_path: Path, other: PromptKey) -> None:
    save_prompt(tmp_path, KEY, made())
    with pytest.raises(VoiceNotFoundError):
        load_prompt(tmp_path, other)
    (tmp_path / KEY.file_name).rename(tmp_path / other.file_name)
    with pytest.raises(WeightsCorruptError, match="another"):
        load_prompt(tmp_path, other)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("features", torch.zeros(1, 8, 1024)),
        ("features", torch.zeros(1, 7, 1000)),
        ("features", torch.zeros(1, 7, 1024).half()),
        ("codes", torch.zeros(1, 7)),
        ("codes", torch.full((1, 7), -1)),
        ("style", torch.full((1, 192), torch.nan)),
        ("mel", torch.full((1, 80, 12), torch.inf)),
        ("condition", torch.zeros(1, 13, 6)),
        ("condition", torch.zeros(12, 6)),
        ("condition", torch.zeros(1, 12, 0)),
        ("latents", torch.zeros(1, 31, 10)),
        ("emotion", torch.zeros(1, 11)),
    ],
)
def test_an_impossible_tensor_is_named(tmp_path: Path, name: str, tensor: Tensor) -> None:
    save_prompt(tmp_path, KEY, replace(made(), **{name: tensor}))
    # The emotion's length is compared with that of the latents, the condition's with the mel's.
    partners = {"features": "codes", "latents": "emotion"}
    with pytest.raises(WeightsCorruptError, match=f"{name}|{partners.get(name, name)}"):
        load_prompt(tmp_path, KEY)


@given(cut=st.integers(0, 30_000))
def test_a_file_that_is_cut_off_is_never_half_read(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    save_prompt(folder, KEY, made(frames=5))
    file = folder / KEY.file_name
    whole = file.read_bytes()
    file.write_bytes(whole[: min(cut, len(whole) - 1)])
    with pytest.raises(WeightsCorruptError, match="incomplete"):
        load_prompt(folder, KEY)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Make the system refuse to write beyond `size` bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_old_prompt_and_nothing_else(tmp_path: Path) -> None:
    save_prompt(tmp_path, KEY, made())
    with largest_file(20_000), pytest.raises(StorageFullError):
        save_prompt(tmp_path, KEY, made(frames=90))
    assert same(load_prompt(tmp_path, KEY), made())
    assert [file.name for file in tmp_path.iterdir()] == [KEY.file_name]


def test_a_clip_is_known_by_its_samples_and_rate() -> None:
    wave = np.linspace(-0.5, 0.5, 100, dtype=np.float32)
    known = hash_of_clip(Clip(wave, 16_000))
    assert known == hash_of_clip(Clip(wave.copy(), 16_000))
    assert known != hash_of_clip(Clip(wave, 22_050))
    assert known != hash_of_clip(Clip(wave[::-1], 16_000))
    assert len(known) == 64
