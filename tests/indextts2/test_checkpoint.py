"""Checkpoint files are read without running code, unpickled once, and refused by name."""

import datetime as dt
import os
import pickle
import subprocess
import sys
import textwrap
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from wyoming_indextts.errors import (
    UnsupportedError,
    WeightsCorruptError,
    WeightsMissingError,
)
from wyoming_indextts.indextts2.checkpoint import (
    Tensors,
    read_campplus,
    read_gpt,
    read_matrix,
    read_s2mel,
    read_safetensors,
    read_statistics,
    read_vocoder,
)

GPT = {"gpt.h.0.ln_1.weight": torch.arange(4.0), "mel_head.bias": torch.ones(3)}

NETS = {
    "cfm": {"estimator.x": torch.arange(3.0)},
    "length_regulator": {"model.0.weight": torch.ones(2, 2)},
    "gpt_layer": {"0.bias": torch.zeros(2)},
}

FLAT = {
    "cfm.estimator.x": NETS["cfm"]["estimator.x"],
    "length_regulator.model.0.weight": NETS["length_regulator"]["model.0.weight"],
    "gpt_layer.0.bias": NETS["gpt_layer"]["0.bias"],
}


def same(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> bool:
    return found.keys() == wanted.keys() and all(
        found[name].dtype == tensor.dtype and torch.equal(found[name], tensor)
        for name, tensor in wanted.items()
    )


def saved(content: object, file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, file)
    return file


@pytest.mark.parametrize("content", [GPT, {"model": GPT, "epoch": 3}, OrderedDict(GPT)])
def test_gpt_is_flat_or_below_model(tmp_path: Path, content: object) -> None:
    saved(content, tmp_path / "gpt.pth")
    assert same(read_gpt(tmp_path), GPT)


def test_other_names_of_the_same_tensors_are_left_out(tmp_path: Path) -> None:
    shared = GPT["mel_head.bias"]
    saved({**GPT, "inference_model.lm_head.1.bias": shared, "gpt.wte.weight": shared},
          tmp_path / "gpt.pth")  # fmt: skip
    assert same(read_gpt(tmp_path), GPT)


def test_gpt_of_indextts_2_5_is_recognised(tmp_path: Path) -> None:
    saved({**GPT, "lang_embedding.weight": torch.ones(2)}, tmp_path / "gpt.pth")
    with pytest.raises(UnsupportedError, match=r"gpt\.pth is of IndexTTS 2\.5"):
        read_gpt(tmp_path)


def test_what_s2mel_kept_of_its_training_is_left_out(tmp_path: Path) -> None:
    moments = {"state": {0: {"exp_avg": torch.ones(5), "step": 7}}, "param_groups": [{"lr": 0.1}]}
    zone = dt.timezone(dt.timedelta(hours=8))
    training = {
        "optimizer": moments,
        "epoch": 12,
        "when": dt.datetime(2025, 9, 1, 12, 30, 1, 5, tzinfo=zone),
        "day": dt.date(2025, 9, 1),
        "took": dt.timedelta(hours=3),
        "at": dt.time(12, 30),
    }
    saved({"net": NETS, **training}, tmp_path / "s2mel.pth")
    assert same(read_s2mel(tmp_path), FLAT)


def test_s2mel_names_may_start_with_module(tmp_path: Path) -> None:
    nets = {
        net: {f"module.{name}": tensor for name, tensor in tensors.items()}
        for net, tensors in NETS.items()
    }
    saved({"net": nets}, tmp_path / "s2mel.pth")
    assert same(read_s2mel(tmp_path), FLAT)


def test_the_other_files_are_read_too(tmp_path: Path) -> None:
    cache = tmp_path / "hf_cache"
    saved({"generator": GPT}, cache / "bigvgan" / "bigvgan_generator.pt")
    saved(GPT, cache / "campplus_cn_common.bin")
    assert same(read_vocoder(tmp_path), GPT)
    assert same(read_campplus(tmp_path), GPT)


def test_every_type_and_shape_survives(tmp_path: Path) -> None:
    tensors = {
        "half": torch.tensor([[1.5, -2.0]], dtype=torch.float16),
        "brain": torch.tensor([3.25], dtype=torch.bfloat16),
        "count": torch.tensor(7),
        "flag": torch.tensor([True, False, True]),
        "empty": torch.zeros(0, 3),
        "double": torch.tensor([1 / 3], dtype=torch.float64),
        "turned": torch.arange(6.0).view(2, 3).t(),
        "part": torch.arange(10)[3:7],
        "名": torch.ones(1, dtype=torch.int8),
    }
    saved(tensors, tmp_path / "gpt.pth")
    assert same(read_gpt(tmp_path), tensors)
    assert same(load_file(tmp_path / "gpt.pth.safetensors"), tensors)


def test_a_file_of_the_old_format_is_read(tmp_path: Path) -> None:
    torch.save(GPT, tmp_path / "gpt.pth", _use_new_zipfile_serialization=False)
    assert same(read_gpt(tmp_path), GPT)


def test_a_file_is_unpickled_only_once(tmp_path: Path) -> None:
    file = saved(GPT, tmp_path / "gpt.pth")
    first = read_gpt(tmp_path)
    before = file.stat()
    file.write_bytes(b"x" * before.st_size)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert same(read_gpt(tmp_path), GPT)
    assert same(first, GPT)


def test_a_replaced_original_is_converted_again(tmp_path: Path) -> None:
    saved(GPT, tmp_path / "gpt.pth")
    old = read_gpt(tmp_path)
    other = {name: tensor + 1 for name, tensor in GPT.items()}
    file = saved(other, tmp_path / "gpt.pth")
    os.utime(file, ns=(0, 0))
    assert same(read_gpt(tmp_path), other)
    assert same(old, GPT)


@pytest.mark.parametrize("damage", [b"", b"not tensors", None])
def test_a_damaged_conversion_is_made_again(tmp_path: Path, damage: bytes | None) -> None:
    saved(GPT, tmp_path / "gpt.pth")
    read_gpt(tmp_path)
    kept = tmp_path / "gpt.pth.safetensors"
    kept.write_bytes(kept.read_bytes()[:-3] if damage is None else damage)
    assert same(read_gpt(tmp_path), GPT)


def test_a_conversion_without_its_original_is_not_used(tmp_path: Path) -> None:
    file = saved(GPT, tmp_path / "gpt.pth")
    read_gpt(tmp_path)
    file.unlink()
    with pytest.raises(WeightsMissingError, match=r"gpt\.pth is not there"):
        read_gpt(tmp_path)


READERS: list[tuple[str, Callable[[Path], object]]] = [
    ("gpt.pth", read_gpt),
    ("s2mel.pth", read_s2mel),
    ("hf_cache/campplus_cn_common.bin", read_campplus),
    ("hf_cache/bigvgan/bigvgan_generator.pt", read_vocoder),
    ("model.safetensors", lambda folder: read_safetensors(folder, "model.safetensors")),
    ("feat1.pt", lambda folder: read_matrix(folder, "feat1.pt", (3, 4))),
    ("wav2vec2bert_stats.pt", read_statistics),
]


@pytest.mark.parametrize(("name", "read"), READERS, ids=[name for name, _ in READERS])
def test_a_missing_file_is_named_with_what_fetches_it(
    tmp_path: Path, name: str, read: Callable[[Path], object]
) -> None:
    with pytest.raises(WeightsMissingError) as raised:
        read(tmp_path)
    assert str(raised.value) == (
        f"{name} is not there; mend it with `wyoming-indextts download indextts2`"
    )


class Malicious:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch was-run",)


FOREIGN: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "text": lambda file: file.write_text("<html>404 Not Found</html>", "utf-8"),
    "noise": lambda file: file.write_bytes(bytes(range(256)) * 40),
    "pickle": lambda file: file.write_bytes(pickle.dumps({"model": "a word"}, protocol=2)),
    "code": lambda file: torch.save({"model": Malicious()}, file),
    "other tensors": lambda file: torch.save({"a": {"b": torch.ones(2)}}, file),
    "a list": lambda file: torch.save([torch.ones(2)], file),
    "a zip": lambda file: file.write_bytes(b"PK\x05\x06" + bytes(18)),
    "an LFS pointer": lambda file: file.write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "utf-8"
    ),
}


@pytest.mark.parametrize(("name", "read"), READERS, ids=[name for name, _ in READERS])
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_file_is_named_and_never_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    read: Callable[[Path], object],
    kind: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    FOREIGN[kind](file)
    with pytest.raises(WeightsCorruptError) as raised:
        read(tmp_path)
    assert str(raised.value).startswith(f"{name}: ")
    assert str(raised.value).endswith("mend it with `wyoming-indextts download indextts2`")
    assert str(tmp_path) not in str(raised.value)
    assert not (tmp_path / "was-run").exists()
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == [file.name]


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_named(tmp_path: Path, part: float) -> None:
    whole = saved({"model": {"a": torch.ones(5000), "b": torch.ones(5000)}}, tmp_path / "gpt.pth")
    whole.write_bytes(whole.read_bytes()[: int(part * whole.stat().st_size)])
    with pytest.raises(WeightsCorruptError, match=r"gpt\.pth"):
        read_gpt(tmp_path)
    save_file({"a": torch.ones(5000)}, tmp_path / "model.safetensors")
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[: int(part * file.stat().st_size)])
    with pytest.raises(WeightsCorruptError, match=r"model\.safetensors"):
        read_safetensors(tmp_path, "model.safetensors")


@pytest.mark.parametrize(
    "content", [torch.ones(4, 3), {"a": torch.ones(3, 4)}, torch.ones(3, 4).long().tolist()]
)
def test_a_matrix_of_another_form_is_refused(tmp_path: Path, content: object) -> None:
    saved(content, tmp_path / "feat1.pt")
    with pytest.raises(WeightsCorruptError, match="no table of 3 rows and 4 columns"):
        read_matrix(tmp_path, "feat1.pt", (3, 4))


def test_a_matrix_is_read_as_float32(tmp_path: Path) -> None:
    saved(torch.arange(12.0).view(3, 4).half(), tmp_path / "feat1.pt")
    assert read_matrix(tmp_path, "feat1.pt", (3, 4)).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7],
                                                                   [8, 9, 10, 11]]  # fmt: skip


def test_statistics_are_read_as_they_are(tmp_path: Path) -> None:
    statistics = {"mean": torch.ones(3), "var": torch.full((3,), 4.0)}
    saved(statistics, tmp_path / "wav2vec2bert_stats.pt")
    assert same(read_statistics(tmp_path), statistics)


def test_tensors_are_chosen_by_how_their_names_start() -> None:
    stored = {"a.x": torch.ones(1), "a.y": torch.ones(2), "b.x": torch.ones(3)}
    tensors = Tensors.of(stored)
    assert same(tensors.below("a."), {"x": stored["a.x"], "y": stored["a.y"]})
    inside, others = tensors.split("b.", "c.")
    assert same(inside, {"b.x": stored["b.x"]})
    assert same(others.below("a."), {"x": stored["a.x"], "y": stored["a.y"]})
    assert len(tensors) == 3


def test_outlines_have_shapes_and_types_but_no_numbers(tmp_path: Path) -> None:
    whole = {"a": torch.ones(2, 3), "b": torch.ones(4, dtype=torch.bfloat16), "c": torch.tensor(7)}
    save_file(whole, tmp_path / "model.safetensors")
    for tensors in (Tensors.of(whole), read_safetensors(tmp_path, "model.safetensors")):
        for outlined in (tensors.outlines(), tensors.split("a", "b", "c")[0].outlines()):
            found = {name: (t.shape, t.dtype, t.device.type) for name, t in outlined.items()}
            assert found == {name: (t.shape, t.dtype, "meta") for name, t in whole.items()}


def in_another_process(folder: Path, before: str) -> str:
    """Read gpt.pth of `folder` in a process that first does `before`; return what it says."""
    code = textwrap.dedent(f"""
        import os, resource, signal, sys
        from pathlib import Path
        from wyoming_indextts.errors import SpeechError
        from wyoming_indextts.indextts2.checkpoint import read_gpt
        {before}
        try:
            print({{name: float(t.sum()) for name, t in read_gpt(Path(sys.argv[1])).items()}})
        except SpeechError as error:
            print(error.code, error)
    """)
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code, str(folder)],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert not done.stderr.count("Traceback"), done.stderr
    return done.stdout.strip()


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    saved({"a": torch.ones(100_000), "b": torch.ones(100_000)}, tmp_path / "gpt.pth")
    limit = (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))"
    )
    said = in_another_process(tmp_path, limit)
    assert said.startswith("storage-full there is no room for gpt.pth.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["gpt.pth"]
    assert in_another_process(tmp_path, "") == "{'a': 100000.0, 'b': 100000.0}"


def test_what_a_crash_left_unfinished_is_removed_but_not_what_is_under_way(tmp_path: Path) -> None:
    saved(GPT, tmp_path / "gpt.pth")
    left, under_way = (tmp_path / f".gpt.pth.safetensors.unfinished-{n}" for n in (1, 2))
    left.touch()
    under_way.touch()
    os.utime(left, (0, 0))
    read_gpt(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "gpt.pth",
        "gpt.pth.safetensors",
        under_way.name,
    }


def test_a_folder_that_cannot_be_written_to_is_read_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    saved({"a": torch.ones(5)}, folder / "gpt.pth")
    folder.chmod(0o555)
    for path in [tmp_path, *tmp_path.parents[:2]]:
        path.chmod(path.stat().st_mode | 0o055)
    nobody = "os.geteuid() or os.seteuid(65534)  # root may write everywhere"
    assert in_another_process(folder, nobody) == "{'a': 5.0}"
    assert [path.name for path in folder.iterdir()] == ["gpt.pth"]
