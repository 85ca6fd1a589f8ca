"""A folder is loaded whole or not at all: a file that will not do is named, and what mends it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.golden.make_chain import SEED, TOKENS
from tests.golden.small_model import KINDS, Kind
from tests.golden.speech_like import speech_like
from tests.indextts2.golden import largest_error
from tests.indextts2.official_folder import write_official_folder
from wyoming_indextts import indextts2
from wyoming_indextts.errors import (
    SpeechError,
    UnsupportedError,
    WeightsCorruptError,
    WeightsMissingError,
)
from wyoming_indextts.indextts2 import IndexTTS2, VoicePrompt, layout
from wyoming_indextts.indextts2.loading import load_model
from wyoming_indextts.indextts2.precision import Dtypes

MENDING: Final = "mend it with `wyoming-indextts download indextts2`"

PICKLED: Final = (
    layout.GPT,
    layout.S2MEL,
    layout.BIGVGAN,
    layout.CAMPPLUS,
    layout.EXAMPLE_SPEAKERS,
    layout.EXAMPLE_EMOTIONS,
    layout.FEATURE_STATISTICS,
)

SAFETENSORS: Final = (layout.W2V_BERT, layout.REPCODEC)

CONFIGS: Final = (layout.CONFIG, layout.W2V_BERT_CONFIG, layout.BIGVGAN_CONFIG)

FILES: Final = (*PICKLED, *SAFETENSORS, *CONFIGS, layout.TOKENIZER)

SIZED: Final = tuple(
    name
    for name in (*PICKLED, *SAFETENSORS)
    if name not in {layout.CAMPPLUS, layout.FEATURE_STATISTICS}
)
"""Files of tensors whose sizes the configuration decides."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Kind, Path]:
    """Return a folder of each kind that was loaded before: its files are converted."""
    made = {kind: tmp_path_factory.mktemp(kind) for kind in KINDS}
    for kind, folder in made.items():
        write_official_folder(folder, seed=SEED[kind], kind=kind)
        IndexTTS2.load(folder)
    return made


@pytest.fixture
def folder(tmp_path: Path, folders: Mapping[Kind, Path]) -> Path:
    """Return a folder of the plain kind whose files may be replaced, but not written into."""
    copy = tmp_path / "model"
    shutil.copytree(folders["plain"], copy, copy_function=os.link)
    return copy


def replaced(file: Path, write: Callable[[Path], object]) -> None:
    file.unlink()
    write(file)


def pickled(file: Path, change: Callable[[Any], object]) -> None:
    """Replace a pickled file by what `change` makes of its content."""
    content = torch.load(file, weights_only=True)
    replaced(file, lambda there: torch.save(change(content), there))


def refusal(folder: Path) -> SpeechError:
    with pytest.raises(SpeechError) as raised:
        IndexTTS2.load(folder)
    assert str(folder) not in str(raised.value)
    return raised.value


def said(model: IndexTTS2, prompt: VoicePrompt) -> tuple[Tensor, Tensor]:
    """Return the latents and the mel of a short run."""
    codes, latents = model.decode(
        TOKENS, prompt, prompt.emotion, max_codes=10, repetition_penalty=2.0, seed=1
    )
    noise = torch.randn(1, 80, prompt.mel.shape[2] + 17, generator=torch.Generator().manual_seed(4))
    return latents, model.mel(codes, latents, prompt, noise=noise, steps=3)


@pytest.fixture(scope="module")
def voice(models: Mapping[Kind, IndexTTS2]) -> VoicePrompt:
    return models["plain"].enrol(speech_like(0.8, 24_000, seed=8), 24_000)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    error = refusal(folder)
    assert isinstance(error, WeightsMissingError)
    assert str(error) == f"{name} is not there; {MENDING}"


@pytest.mark.parametrize("name", [*PICKLED, *SAFETENSORS, layout.W2V_BERT_CONFIG])
@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_named(folder: Path, name: str, part: float) -> None:
    size = (folder / name).stat().st_size
    with (folder / name).open("rb") as stream:
        content = stream.read(min(int(part * size), 30_000_000))
    replaced(folder / name, lambda file: file.write_bytes(content))
    error = refusal(folder)
    assert isinstance(error, WeightsCorruptError)
    assert str(error).startswith(f"{name}: ")
    assert str(error).endswith(MENDING)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_something_else_is_named(folder: Path, name: str) -> None:
    page = "<html><head>\n<title>404: Not Found</title>"
    replaced(folder / name, lambda file: file.write_text(page, "utf-8"))
    error = refusal(folder)
    assert isinstance(error, WeightsCorruptError)
    assert str(error).startswith(f"{name}: ")
    assert str(error).endswith(MENDING)


@pytest.mark.parametrize("name", SIZED)
def test_a_file_of_another_model_is_named(
    folder: Path, folders: Mapping[Kind, Path], name: str
) -> None:
    replaced(folder / name, lambda file: os.link(folders["unlike"] / name, file))
    error = refusal(folder)
    assert isinstance(error, WeightsCorruptError)
    assert str(error).startswith(f"{name}: ")


def renamed(tensors: dict[str, Tensor], wanted: str) -> dict[str, Tensor]:
    assert wanted in tensors
    return {f"other.{name}" if name == wanted else name: t for name, t in tensors.items()}


@pytest.mark.parametrize(
    ("name", "inside", "tensor"),
    [
        (layout.GPT, [], "conditioning_encoder.embed.conv.0.bias"),
        (layout.GPT, [], "emovec_layer.weight"),
        (layout.GPT, [], "gpt.h.1.mlp.c_fc.bias"),
        (layout.S2MEL, ["net", "cfm"], "module.estimator.conv1.bias"),
        (layout.S2MEL, ["net", "length_regulator"], "model.0.weight"),
        (layout.S2MEL, ["net", "gpt_layer"], "1.bias"),
        (layout.BIGVGAN, ["generator"], "conv_post.weight_g"),
        (layout.CAMPPLUS, [], "xvector.dense.linear.weight"),
        (layout.FEATURE_STATISTICS, [], "var"),
    ],
)
def test_a_renamed_tensor_is_named(folder: Path, name: str, inside: list[str], tensor: str) -> None:
    def change(content: dict[str, Any]) -> object:
        below = content
        for key in inside:
            below = below[key]
        other = renamed(below, tensor)
        below.clear()
        below.update(other)
        return content

    pickled(folder / name, change)
    error = refusal(folder)
    assert isinstance(error, WeightsCorruptError)
    assert str(error).startswith(f"{name}: ")
    assert tensor.removeprefix("module.estimator.") in str(error)


@pytest.mark.parametrize(
    "missing", ["encoder.0.embed.bias", "quantizer.quantizers.0.codebook.weight"]
)
def test_a_tensor_missing_from_a_safetensors_file_is_named(folder: Path, missing: str) -> None:
    tensors = load_file(folder / layout.REPCODEC)
    del tensors[missing]
    replaced(folder / layout.REPCODEC, lambda file: save_file(tensors, file))
    assert str(refusal(folder)).startswith(f"{layout.REPCODEC}: it has no tensor {missing}")


def test_a_tensor_of_an_unknown_type_is_refused(folder: Path) -> None:
    tensors = load_file(folder / layout.REPCODEC)
    tensors["encoder.1.bias"] = tensors["encoder.1.bias"].to(torch.float8_e4m3fn)
    replaced(folder / layout.REPCODEC, lambda file: save_file(tensors, file))
    assert str(refusal(folder)).startswith(f"{layout.REPCODEC}: it does not hold")


def test_the_files_may_have_the_other_forms_they_come_in(
    folder: Path, models: Mapping[Kind, IndexTTS2], voice: VoicePrompt
) -> None:
    def late(tensors: dict[str, Tensor]) -> object:
        aliases = {f"inference_model.{name}": t for name, t in tensors.items() if "gpt.h" in name}
        wte = {"gpt.wte.weight": tensors["mel_embedding.weight"]}
        return {"model": {**tensors, **aliases, **wte}, "epoch": 4}

    def bare(content: dict[str, Any]) -> object:
        flow = {name.removeprefix("module."): t for name, t in content["net"]["cfm"].items()}
        projection = {f"module.{name}": t for name, t in content["net"]["gpt_layer"].items()}
        return {"net": {**content["net"], "cfm": flow, "gpt_layer": projection}}

    pickled(folder / layout.GPT, late)
    pickled(folder / layout.S2MEL, bare)
    found = said(IndexTTS2.load(str(folder)), voice)
    for here, there in zip(found, said(models["plain"], voice), strict=True):
        assert torch.equal(here, there)


def test_another_time_the_converted_files_are_used(
    folder: Path, models: Mapping[Kind, IndexTTS2], voice: VoicePrompt
) -> None:
    kept = sorted(path.name for path in folder.rglob("*.safetensors"))
    assert [name for name in kept if name.count(".") > 1] == [
        "bigvgan_generator.pt.safetensors",
        "campplus_cn_common.bin.safetensors",
        "gpt.pth.safetensors",
        "s2mel.pth.safetensors",
    ]
    found = said(IndexTTS2.load(folder), voice)
    for here, there in zip(found, said(models["plain"], voice), strict=True):
        assert torch.equal(here, there)


def test_a_vocabulary_larger_than_the_models_is_refused(folder: Path) -> None:
    config = yaml.safe_load((folder / layout.CONFIG).read_text("utf-8"))
    config["gpt"]["number_text_tokens"] = 150
    replaced(folder / layout.CONFIG, lambda file: file.write_text(yaml.safe_dump(config), "utf-8"))

    def fewer(tensors: dict[str, Tensor]) -> object:
        texts = [name for name in tensors if name.startswith(("text_embedding", "text_head"))]
        return {**tensors, **{name: tensors[name][:151].clone() for name in texts}}

    pickled(folder / layout.GPT, fewer)
    found = re.match(
        r"bpe\.model: it has (\d+) pieces, and gpt\.pth knows 151", str(refusal(folder))
    )
    assert found is not None
    assert int(found[1]) > 151


def version(folder: Path) -> None:
    config = yaml.safe_load((folder / layout.CONFIG).read_text("utf-8"))
    text = yaml.safe_dump({**config, "version": 2.5})
    replaced(folder / layout.CONFIG, lambda file: file.write_text(text, "utf-8"))


def texts(folder: Path) -> None:
    config = yaml.safe_load((folder / layout.CONFIG).read_text("utf-8"))
    config["gpt"]["number_text_tokens"] = 60_509
    text = yaml.safe_dump(config)
    replaced(folder / layout.CONFIG, lambda file: file.write_text(text, "utf-8"))


def codec(folder: Path) -> None:
    (folder / "codec.pth").touch()


def languages(folder: Path) -> None:
    pickled(
        folder / layout.GPT, lambda tensors: {**tensors, "lang_embedding.weight": torch.ones(3)}
    )


@pytest.mark.parametrize("mark", [version, texts, codec, languages])
def test_indextts_2_5_is_refused(folder: Path, mark: Callable[[Path], None]) -> None:
    mark(folder)
    error = refusal(folder)
    assert isinstance(error, UnsupportedError)
    assert "is of IndexTTS 2.5" in str(error)
    assert "download indextts2" in str(error)


def test_a_type_that_no_net_speaks_in_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="float64"):
        IndexTTS2.load(folder, dtype=torch.float64)


def test_each_net_has_a_type_of_its_own(folder: Path) -> None:
    dtypes = Dtypes(torch.float32, torch.bfloat16, torch.float16)
    nets = load_model(folder, device=torch.device("cpu"), dtypes=dtypes).speaking
    parts = (nets.voice, nets.dit, nets.vocoder)
    assert [{p.dtype for p in part.parameters()} for part in parts] == [
        {torch.float32}, {torch.bfloat16}, {torch.float16},
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_speaks_nearly_the_same(
    folder: Path, models: Mapping[Kind, IndexTTS2], voice: VoicePrompt, dtype: torch.dtype
) -> None:
    exact, coarse = models["plain"], IndexTTS2.load(folder, dtype=dtype)
    codes, latents = exact.decode(TOKENS, voice, voice.emotion, max_codes=12, greedy=True)
    noise = torch.randn(1, 80, voice.mel.shape[2] + 20, generator=torch.Generator().manual_seed(2))
    mels, waves = [], []
    for model in (exact, coarse):
        mels.append(model.mel(codes, latents, voice, noise=noise))
        waves.append(model.vocode(mels[0]))
    assert mels[1].dtype == waves[1].dtype == torch.float32
    assert 0 < distance(*mels) < 0.05
    if dtype == torch.bfloat16:  # its noise would be heard
        assert torch.equal(*waves)
    else:
        assert 0 < distance(*waves) < 0.05
    first, state = coarse.decode(TOKENS, voice, voice.emotion, max_codes=12, greedy=True)
    assert state.dtype == torch.float32
    assert int(first[0, 0]) == int(codes[0, 0])
    assert 0 < distance(latents[:, :1], state[:, :1]) < 0.05
    again = coarse.enrol(speech_like(0.8, 24_000, seed=8), 24_000)
    assert largest_error(again.latents, voice.latents) == 0.0


def distance(exact: Tensor, other: Tensor) -> float:
    """Return how far `other` is from `exact`, as a part of its size."""
    return float((other - exact).square().mean().sqrt() / exact.square().mean().sqrt())


def mapped(file: Path) -> float:
    """Return how many megabytes of a file this process has in memory."""
    found, held = False, 0
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            found = line.endswith(str(file))
        elif found and line.startswith("Rss:"):
            held += int(line.split()[1])
    return held / 1000


def test_a_known_voice_never_loads_what_enrols_and_a_new_one_lets_it_go(
    folder: Path, voice: VoicePrompt
) -> None:
    files = [folder / layout.W2V_BERT, folder / f"{layout.CAMPPLUS}.safetensors"]
    model = IndexTTS2.load(folder)
    said(model, voice)
    model.emotion_vector(voice, [0.1] * 8)
    assert [mapped(file) for file in files] == [0, 0]
    for file in files:
        file.unlink()
    (folder / layout.CAMPPLUS).unlink()
    said(model, voice)
    with pytest.raises(WeightsMissingError, match=layout.W2V_BERT):
        model.enrol(speech_like(0.5, 16_000, seed=1), 16_000)


def test_nothing_is_held_of_what_enrolled(folder: Path) -> None:
    model = IndexTTS2.load(folder)
    model.enrol(speech_like(0.5, 16_000, seed=1), 16_000)
    assert mapped(folder / layout.W2V_BERT) == 0
    assert mapped(folder / f"{layout.GPT}.safetensors") > 0


def test_a_model_without_its_file_of_sizes_is_no_model(tmp_path: Path) -> None:
    assert str(refusal(tmp_path)).startswith("config.yaml is not there")
    assert str(refusal(tmp_path / "nowhere")).startswith("config.yaml is not there")


def test_the_room_is_entered_without_torch() -> None:
    code = "import sys, wyoming_indextts.indextts2; print('torch' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_room_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="Surprise"):
        _ = indextts2.Surprise
