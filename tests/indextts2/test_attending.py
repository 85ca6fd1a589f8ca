"""Attention gives the same in both ways, and takes the one that is quick."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from tests.indextts2.processor import facts, told
from wyoming_indextts.indextts2.attending import RUN, attend, by_products
from wyoming_indextts.indextts2.options import HEAP
from wyoming_indextts.indextts2.trying import quicker

ROWS, HEADS, PLACES, NUMBERS = 2, 3, 2 * RUN + 40, 16

TOLD = """
from wyoming_indextts.indextts2 import attending
print(*(attending._products_are_quick(one=one) for one in (True, False)))
"""


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def heard(kind: str, queries: int) -> Tensor | None:
    """Return a mask: of places, or of numbers that are added."""
    if kind == "all":
        return None
    if kind == "those of each row":
        return (torch.arange(PLACES) < torch.tensor([[PLACES], [70]]))[:, None, None]
    later = torch.arange(PLACES) > torch.arange(PLACES - queries, PLACES)[:, None]
    return torch.zeros(1, 1, queries, PLACES).masked_fill(later, -torch.inf)


@pytest.mark.parametrize("mask", ["all", "those of each row", "those before"])
@pytest.mark.parametrize("queries", [1, 2, RUN, RUN + 1, PLACES])
@pytest.mark.parametrize(
    ("dtype", "deviation"), [(torch.float32, 1e-6), (torch.bfloat16, 0.01)], ids=str
)
def test_both_ways_give_the_same(
    queries: int, mask: str, dtype: torch.dtype, deviation: float
) -> None:
    query = drawn(ROWS, queries, HEADS, NUMBERS).transpose(1, 2).to(dtype)
    keys, values = drawn(ROWS, PLACES, 2, HEADS, NUMBERS).transpose(1, 3).to(dtype).unbind(2)
    there = heard(mask, queries)
    wanted = scaled_dot_product_attention(
        query.double(), keys.double(), values.double(),
        attn_mask=there if there is None or there.dtype == torch.bool else there.double(),
    )  # fmt: skip
    if there is not None and there.is_floating_point():
        there = there.to(dtype)
    for found in (by_products(query, keys, values, there), attend(query, keys, values, there)):
        assert found.dtype == dtype
        assert found.shape == query.shape
        off = (found.double() - wanted).square().mean() / wanted.square().mean()
        assert float(off.sqrt()) <= deviation


def test_nothing_that_is_given_is_changed() -> None:
    query, keys, mask = drawn(1, 2, 5, NUMBERS), drawn(1, 2, 9, NUMBERS), torch.zeros(1, 1, 1, 9)
    by_products(query, keys, keys, mask)
    assert torch.equal(query, drawn(1, 2, 5, NUMBERS))
    assert torch.equal(keys, drawn(1, 2, 9, NUMBERS))
    assert not mask.any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_only_bfloat16_has_another_way_than_torchs(dtype: torch.dtype) -> None:
    query, keys = drawn(1, 2, 5, NUMBERS).to(dtype), drawn(1, 2, 9, NUMBERS).to(dtype)
    assert torch.equal(attend(query, keys, keys), scaled_dot_product_attention(query, keys, keys))


def test_many_queries_are_left_to_the_kernel_where_products_of_bfloat16_are_slow() -> None:
    assert told(TOLD, **HEAP, ONEDNN_MAX_CPU_ISA="AVX2").endswith(" False")


def test_a_zen_5_computes_by_products() -> None:
    found = told(TOLD, **HEAP)
    if (facts().get("vendor_id"), facts().get("cpu family")) == ("AuthenticAMD", "26"):
        assert found == "True True"
    assert set(found.split()) <= {"True", "False"}


def test_the_quicker_way_is_found() -> None:
    threads = torch.get_num_threads()
    assert quicker(lambda: sum(range(10)), lambda: sum(range(1_000_000)), by=10)
    assert not quicker(lambda: sum(range(1_000_000)), lambda: sum(range(10)), by=0.1)
    assert not quicker(lambda: sum(range(100_000)), lambda: sum(range(100_000)), by=5)
    assert torch.get_num_threads() == threads
