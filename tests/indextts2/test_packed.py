"""Packed matrices give what plain ones give, and are taken where they pay."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from tests.indextts2.golden import largest_error, read_golden
from tests.indextts2.gpt import VOICE, voice_net, weights_of
from tests.indextts2.official_folder import write_official_folder
from tests.indextts2.processor import told
from wyoming_indextts.bench.floor import code_bytes
from wyoming_indextts.indextts2 import loading
from wyoming_indextts.indextts2.int8 import Int8Linear
from wyoming_indextts.indextts2.packed import PackedLinear, packing_pays
from wyoming_indextts.indextts2.precision import Dtypes
from wyoming_indextts.indextts2.voice_lm import VoiceLanguageModel

CPU = torch.device("cpu")

ASKED = """
import logging, torch
from wyoming_indextts.indextts2.packed import packing_pays
logging.basicConfig(level="INFO", format="%(message)s", stream=__import__("sys").stdout)
print(packing_pays(torch.bfloat16))
"""


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


def linear(dtype: torch.dtype) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(96, 160).to(dtype)


@pytest.mark.parametrize("shape", [(1, 96), (2, 96), (60, 96), (2, 1, 96), (1, 7, 96)], ids=str)
def test_a_packed_layer_gives_what_it_stands_in_for(shape: tuple[int, ...]) -> None:
    plain, x = linear(torch.float32), torch.randn(shape)
    found = PackedLinear(plain)(x)
    assert found.shape == (*shape[:-1], 160)
    assert largest_error(found, plain(x)) <= 1e-5


def test_rows_do_not_know_of_each_other() -> None:
    packed, x = PackedLinear(linear(torch.float32)), torch.randn(2, 96)
    beside = torch.stack((x[0], torch.randn(96)))
    assert torch.equal(packed(x)[0], packed(beside)[0])


class Wrong(nn.Module):
    """Gives something else than it stands in for, and soon."""

    def __init__(self, plain: nn.Linear) -> None:
        super().__init__()
        self.width = plain.out_features

    def forward(self, x: Tensor) -> Tensor:
        return torch.ones(len(x), self.width)


class Missing(nn.Module):
    """Is not there in this torch."""

    def __init__(self, plain: nn.Linear) -> None:
        super().__init__()
        torch.ops.mkldnn.no_such_operator(plain.weight)


class Same(nn.Module):
    """Is what it stands in for, and no quicker."""

    def __init__(self, plain: nn.Linear) -> None:
        super().__init__()
        self.plain = plain

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.plain(x) for _ in range(2)])[: len(x)]


@pytest.mark.parametrize("kind", [Wrong, Missing, Same])
def test_what_is_wrong_or_missing_or_no_quicker_is_not_taken(
    kind: Callable[[nn.Linear], nn.Module], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    assert not packing_pays(torch.float32, kind)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == (kind is not Same)
    assert all(one.startswith("matrices are not packed: ") for one in said)


def test_a_cpu_that_cannot_pack_is_told_and_none_the_worse() -> None:
    said = told(ASKED, ONEDNN_MAX_CPU_ISA="AVX2").splitlines()
    assert said[-1] == "False"
    assert all(one.startswith("matrices are not packed: ") for one in said[:-1])


def test_trying_imports_no_compiler() -> None:
    """A quarter of a second of every start."""
    assert told(f"{ASKED}\nimport sys; print('sympy' in sys.modules)").splitlines()[-1] == "False"


def net() -> VoiceLanguageModel:
    return voice_net(weights_of(read_golden("gpt")))


def read(model: VoiceLanguageModel) -> Tensor:
    torch.manual_seed(0)
    x, places = torch.randn(2, 9, VOICE.width), torch.arange(9).expand(2, -1)
    return model.logits(model(x, model.cache(2, 12), places))


def test_a_packed_language_model_says_the_same() -> None:
    plain, packed = net(), net()
    packed.pack()
    matrices = [layer for layer in packed.modules() if isinstance(layer, PackedLinear)]
    assert len(matrices) == 4 * VOICE.layers + 1
    assert not any(isinstance(layer, nn.Linear) for layer in packed.modules())
    assert largest_error(read(packed), read(plain)) <= 1e-5
    assert packed.arithmetic == plain.arithmetic
    assert code_bytes(packed) == code_bytes(plain)


def test_matrices_in_int8_stay_so() -> None:
    model = net()
    model.quantise(torch.float32)
    wanted = read(model)
    model.pack()
    assert isinstance(model.head, Int8Linear)
    assert torch.equal(read(model), wanted)


@pytest.mark.parametrize(("wide", "pays"), [(True, True), (True, False), (False, True)])
def test_a_wide_model_is_packed_where_that_pays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, wide: bool, pays: bool
) -> None:
    write_official_folder(tmp_path)
    monkeypatch.setattr(loading, "WIDE", 1 if wide else 1 << 20)
    monkeypatch.setattr(loading, "packing_pays", lambda _: pays)
    model = loading.load_model(tmp_path, device=CPU, dtypes=Dtypes.of(torch.float32))
    packed = isinstance(model.speaking.voice.head, PackedLinear)
    assert packed == (wide and pays)
