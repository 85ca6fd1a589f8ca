"""Sizes come from the configuration files, and what does not fit is named."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tests.indextts2.config_files import SHIPPED, VOCODER, changed, shipped, without, write
from tests.indextts2.golden import official
from wyoming_indextts.errors import (
    UnsupportedError,
    WeightsCorruptError,
    WeightsMissingError,
)
from wyoming_indextts.indextts2.bigvgan import BIGVGAN_TABLE, BigVGAN
from wyoming_indextts.indextts2.conditioning import SPEAKER_PREFIXES, SPEAKER_TABLE, Conditioner
from wyoming_indextts.indextts2.config import Config, read_config
from wyoming_indextts.indextts2.emotion import EMOTION_PREFIXES, EMOTION_TABLE, EmotionListener
from wyoming_indextts.indextts2.section import Section
from wyoming_indextts.indextts2.tensors import Table, adopt
from wyoming_indextts.indextts2.voice_lm import VOICE_TABLE, VoiceLanguageModel

MENDING = "mend it with `wyoming-indextts download indextts2`"


def read(folder: Path, content: object) -> Config:
    return read_config(write(folder, content))


def fault(folder: Path, content: object, **others: Mapping[str, Any]) -> str:
    with pytest.raises(WeightsCorruptError) as raised:
        read_config(write(folder, content, **others))
    assert MENDING in str(raised.value)
    assert str(folder) not in str(raised.value)
    return str(raised.value)


def test_the_shipped_files_give_nets_of_the_official_sizes(tmp_path: Path) -> None:
    (write(tmp_path, {}) / "config.yaml").write_text(SHIPPED, "utf-8")
    config = read_config(tmp_path)
    clip = SPEAKER_PREFIXES + EMOTION_PREFIXES
    with torch.device("meta"):
        gpt = {name: torch.empty(shape) for name, shape in official("gpt").items()}
        sound = {name: torch.empty(shape) for name, shape in official("bigvgan").items()}
        speaker = Conditioner(config.speaker.conformer, config.speaker.perceiver)
        emotion = EmotionListener(
            config.emotion.conformer, config.emotion.perceiver, config.voice.width
        )
        nets: list[tuple[nn.Module, Table, dict[str, torch.Tensor]]] = [
            (speaker, SPEAKER_TABLE, {n: t for n, t in gpt.items() if n.startswith(clip[:2])}),
            (emotion, EMOTION_TABLE, {n: t for n, t in gpt.items() if n.startswith(clip[2:])}),
            (
                VoiceLanguageModel(config.voice),
                VOICE_TABLE,
                {n: t for n, t in gpt.items() if not n.startswith(clip)},
            ),
            (BigVGAN(config.vocoder), BIGVGAN_TABLE, sound),
        ]
    for net, table, tensors in nets:
        adopt(net, table, tensors, file="file")
    assert sum(config.emotion_groups) == 73
    assert (config.flow.depth, config.flow.wavenet.layers) == (13, 8)
    assert (config.regulator.channels, config.regulator.smoothings) == (512, 4)
    assert config.codec.codebook_size == 8192


def test_other_sizes_are_taken_as_they_are(tmp_path: Path) -> None:
    config = read(tmp_path, changed("gpt.condition_module.num_blocks", 2))
    assert (config.speaker.conformer.blocks, config.emotion.conformer.blocks) == (2, 4)


@pytest.mark.parametrize(
    "path",
    [
        "gpt",
        "gpt.model_dim",
        "gpt.stop_mel_token",
        "gpt.emo_condition_module.linear_units",
        "semantic_codec.vocos_dim",
        "s2mel.DiT.depth",
        "s2mel.wavenet.kernel_size",
        "s2mel.length_regulator.sampling_ratios",
        "emo_num",
    ],
)
def test_a_missing_key_is_named(tmp_path: Path, path: str) -> None:
    assert f"config.yaml: the key {path} is missing" in fault(tmp_path, without(path))


@pytest.mark.parametrize(
    "path", ["surprise", "gpt.rotary", "gpt.condition_module.dropout", "s2mel.DiT.mamba"]
)
def test_an_unknown_key_is_named(tmp_path: Path, path: str) -> None:
    assert f"config.yaml: the key {path} is not known" in fault(tmp_path, changed(path, 1))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("gpt.model_dim", "1280"),
        ("gpt.model_dim", 1280.0),
        ("gpt.layers", 0),
        ("gpt.heads", True),
        ("gpt.start_text_token", -1),
        ("gpt.condition_module.perceiver_mult", "2"),
        ("gpt.condition_module.input_layer", "linear"),
        ("gpt.condition_type", "perceiver"),
        ("gpt.train_solo_embeddings", True),
        ("s2mel.DiT.is_causal", True),
        ("s2mel.DiT.final_layer_type", "mlp"),
        ("s2mel.length_regulator.f0_condition", 0),
        ("s2mel.length_regulator.sampling_ratios", []),
        ("s2mel.preprocess_params.sr", 24000),
        ("s2mel.preprocess_params.spect_params.fmax", 8000),
        ("s2mel.style_encoder.dim", 256),
        ("semantic_codec.hidden_size", 768),
        ("emo_num", [3, "17"]),
        ("version", 3.0),
    ],
)
def test_a_value_of_another_kind_is_named(tmp_path: Path, path: str, value: object) -> None:
    assert f"config.yaml: {path}" in fault(tmp_path, changed(path, value))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("gpt.heads", 7, "gpt: model_dim is no multiple of heads"),
        ("gpt.stop_mel_token", 8194, "start_mel_token or stop_mel_token is no mel code"),
        ("gpt.condition_module.attention_heads", 7, "output_size is no multiple"),
        ("s2mel.DiT.content_dim", 256, "DiT.content_dim is not length_regulator.channels"),
        ("s2mel.wavenet.hidden_dim", 256, "DiT.hidden_dim is not wavenet.hidden_dim"),
        ("s2mel.wavenet.kernel_size", 4, "s2mel.wavenet: kernel_size is even"),
        ("emo_num", [3, 17], "emo_num has 2 groups, expected 8"),
    ],
)
def test_sizes_that_contradict_each_other_are_named(
    tmp_path: Path, path: str, value: object, said: str
) -> None:
    assert said in fault(tmp_path, changed(path, value))


@pytest.mark.parametrize("content", [None, [1, 2], "words", {"gpt": 3}])
def test_a_file_without_the_sections_is_refused(tmp_path: Path, content: object) -> None:
    assert "config.yaml: " in fault(tmp_path, content)


@pytest.mark.parametrize("raw", [b"gpt: [", b"\xff\xfe\x00", b"a: 2024-99-99"])
def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path, raw: bytes) -> None:
    (write(tmp_path, {}) / "config.yaml").write_bytes(raw)
    with pytest.raises(WeightsCorruptError, match=r"config\.yaml: it is not"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    "name", ["config.yaml", "hf_cache/bigvgan/config.json", "hf_cache/w2v-bert-2.0/config.json"]
)
def test_a_missing_file_is_named_with_what_fetches_it(tmp_path: Path, name: str) -> None:
    (write(tmp_path, shipped()) / name).unlink()
    with pytest.raises(WeightsMissingError, match=f"{name} is not there; {MENDING}"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("upsample_rates", [4, 4]),
        ("upsample_initial_channel", None),
        ("resblock_dilation_sizes", [1, 3, 5]),
        ("activation", "relu"),
        ("use_tanh_at_final", True),
        ("num_mels", 100),
    ],
)
def test_another_vocoder_is_refused(tmp_path: Path, key: str, value: object) -> None:
    said = fault(tmp_path, shipped(), vocoder={**VOCODER, key: value})
    assert "hf_cache/bigvgan/config.json: " in said


def test_a_vocoder_that_does_not_say_how_it_ends_is_refused(tmp_path: Path) -> None:
    unsaid = {key: value for key, value in VOCODER.items() if key != "use_tanh_at_final"}
    assert "use_tanh_at_final" in fault(tmp_path, shipped(), vocoder=unsaid)


@pytest.mark.parametrize(
    "content", [changed("version", 2.5), changed("gpt.number_text_tokens", 60_509)]
)
def test_indextts_2_5_is_recognised_by_its_config(tmp_path: Path, content: object) -> None:
    with pytest.raises(UnsupportedError, match=r"IndexTTS 2\.5"):
        read(tmp_path, content)


def test_indextts_2_5_is_recognised_by_its_codec(tmp_path: Path) -> None:
    (tmp_path / "codec.pth").touch()
    with pytest.raises(UnsupportedError, match=r"codec\.pth is of IndexTTS 2\.5"):
        read(tmp_path, shipped())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_content_is_read_or_refused(content: object) -> None:
    with suppress(WeightsCorruptError), Section("file", content) as section:
        section.section("a").size("b")
        section.sizes("c")
