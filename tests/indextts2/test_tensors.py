"""Name tables: every tensor is used or known to be unused, and put where it belongs."""

import pytest
import torch
from torch import Tensor, nn

from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.indextts2.tensors import Entry, Table, adopt, affine, folded, transposed

TABLE = Table(
    (
        *affine("enter", "first"),
        Entry("layers.{i}.weight", ("blocks.{i}.matrix",), transposed),
        Entry("layers.{i}.bias", ("blocks.{i}.shift",)),
    ),
    unused=(r"training\..*",),
)

TENSORS = {
    "first.weight": torch.arange(6.0).view(3, 2),
    "first.bias": torch.ones(3),
    "blocks.0.matrix": torch.arange(12.0).view(3, 4),
    "blocks.0.shift": torch.full((4,), 2.0),
    "training.steps": torch.zeros(1),
}


class Net(nn.Module):
    """Two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(2, 3)
        self.layers = nn.ModuleList([nn.Linear(3, 4)])


def adopted(table: Table, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    with torch.device("meta"):
        net = Net()
    adopt(net, table, tensors, file="net.pth")
    return net.state_dict()


def test_each_parameter_gets_the_tensor_of_its_entry() -> None:
    state = adopted(TABLE, TENSORS)
    assert torch.equal(state["enter.weight"], TENSORS["first.weight"])
    assert torch.equal(state["layers.0.weight"], TENSORS["blocks.0.matrix"].t())
    assert torch.equal(state["layers.0.bias"], TENSORS["blocks.0.shift"])


def test_a_table_below_another_finds_the_longer_names() -> None:
    inner = Table((*affine("", "x"),), unused=("junk|waste",)).under("enter", "first.")
    assert inner.entries[0] == Entry("enter.weight", ("first.x.weight",))
    assert inner.unused == (r"first\.(?:junk|waste)",)


def test_tables_are_added() -> None:
    parts = Table(TABLE.entries[:2]) + Table(TABLE.entries[2:], TABLE.unused)
    assert parts == TABLE


@pytest.mark.parametrize("name", ["first.bias", "blocks.0.matrix"])
def test_a_missing_tensor_is_named_with_the_file_and_what_mends_it(name: str) -> None:
    tensors = {other: tensor for other, tensor in TENSORS.items() if other != name}
    with pytest.raises(WeightsCorruptError) as raised:
        adopted(TABLE, tensors)
    assert str(raised.value) == (
        f"net.pth: it has no tensor {name}; mend it with `wyoming-indextts download indextts2`"
    )


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("first.bias", torch.ones(4), r"first.bias has the shape \(4,\), expected \(3,\)"),
        ("blocks.0.matrix", torch.ones(4, 3), r"\(3, 4\), expected \(4, 3\)"),
        ("blocks.0.matrix", torch.ones(2, 3, 4), "blocks.0.matrix has an unexpected shape"),
        ("first.bias", torch.ones(3, dtype=torch.int64), "first.bias has the type torch.int64"),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(name: str, wrong: Tensor, said: str) -> None:
    with pytest.raises(WeightsCorruptError, match=said):
        adopted(TABLE, TENSORS | {name: wrong})


@pytest.mark.parametrize(
    "name", ["second.weight", "blocks.1.matrix", "training", "xtraining.steps"]
)
def test_a_tensor_that_nobody_knows_is_named(name: str) -> None:
    with pytest.raises(WeightsCorruptError, match=f"not IndexTTS2's: {name}"):
        adopted(TABLE, TENSORS | {name: torch.zeros(1)})


def test_folded_weights_are_those_of_weight_norm() -> None:
    layer = nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 6, 3))
    scale, direction = (
        layer.parametrizations.weight.original0,
        layer.parametrizations.weight.original1,
    )
    with torch.no_grad():
        scale.mul_(1.7)
        torch.testing.assert_close(folded(scale, direction), layer.weight)
