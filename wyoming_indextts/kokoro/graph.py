"""Kokoro's network as this program runs it: in floating point, with its prosody in reach.

The exported network multiplies 8-bit integers and measures the range of every activation to do
so, which costs twice the time of plain floating point on a CPU. Here each such product becomes
the float product that it stands for, with the same (rounded) weights:

    x -> DynamicQuantizeLinear -> ConvInteger -> Add bias -> Cast -> Mul scale -> y
    x -> DynamicQuantizeLinear -> MatMulInteger           -> Cast -> Mul scale -> y
becomes
    x -> Conv(weight, bias) -> y        x -> MatMul(weight) -> y

What `norms` joins and `curves` adds comes on top. A machine with little memory keeps the integers:
a third of the file, 40 % less memory, and 15 % more work. No files here: bytes in, bytes out.
"""

from collections.abc import Iterable
from graphlib import TopologicalSorter
from typing import Final

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it has no stubs
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, numpy_helper

from wyoming_indextts.errors import WeightsCorruptError
from wyoming_indextts.kokoro.curves import REQUIRED, SPEED, constants, controlled, inputs
from wyoming_indextts.kokoro.norms import Norms, norm_constants

VERSION: Final = 3
"""Raised whenever `convert` makes another network of the same bytes: caches are keyed by it."""

INTEGER_PRODUCTS: Final = frozenset({"ConvInteger", "MatMulInteger"})
"""Operators that are replaced by those without "Integer" in their names."""


def convert(exported: bytes, *, integer: bool = False) -> bytes:
    """Return the network with the inputs that `curves` adds, in floating point unless `integer`.

    Raises:
        WeightsCorruptError: the bytes are not the export of Kokoro that this program knows.
    """
    try:
        model = onnx.load_from_string(exported)
    except DecodeError:
        raise WeightsCorruptError("the model file is not an ONNX file") from None
    made = {output for node in model.graph.node for output in node.output}
    if missing := REQUIRED - made:
        raise WeightsCorruptError(f"the model file is not Kokoro's: it has no {min(missing)}")
    products = _Products(model.graph)
    norms = Norms(model.graph)
    nodes = [
        new
        for node in model.graph.node
        for joined in norms.joined(node if integer else products.plain(node))
        for new in controlled(joined)
    ]
    tensors = (*products.weights.values(), *constants(), *norm_constants())
    _replace(model.graph, nodes, tensors)
    content: bytes = model.SerializeToString()
    return content


class _Products:
    """Finds the integer products of a graph and writes them as float ones."""

    def __init__(self, graph: GraphProto) -> None:
        self._maker = {output: node for node in graph.node for output in node.output}
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self.weights: dict[str, TensorProto] = {}

    def plain(self, node: NodeProto) -> NodeProto:
        """Return the float product whose result `node` gives, or `node` itself."""
        match self._above(node):
            case ["Cast", "Add"], [_, add, product]:
                bias = [self._original(add.input[1])]
            case ["Cast"], [_, product]:
                bias = []
            case _:
                return node
        plain = NodeProto()
        plain.CopyFrom(product)
        plain.op_type = product.op_type.removesuffix("Integer")
        quantizer = self._maker[product.input[0]]
        del plain.input[:], plain.output[:]
        plain.input.extend([quantizer.input[0], self._weight(product, node), *bias])
        plain.output.extend(node.output)
        return plain

    def _above(self, scaling: NodeProto) -> tuple[list[str], list[NodeProto]]:
        """Return what is above a Mul down to an integer product: the operators between, and all.

        Both are empty if that is not what the node scales.
        """
        between: list[str] = []
        chain: list[NodeProto] = []
        node = scaling
        while node.op_type in {"Mul", "Cast", "Add"} and node.input[0] in self._maker:
            if chain:
                between.append(node.op_type)
            node = self._maker[node.input[0]]
            chain.append(node)
            if node.op_type in INTEGER_PRODUCTS and scaling.op_type == "Mul":
                return between, chain
        return [], []

    def _original(self, name: str) -> str:
        """Return the float tensor at the head of the chain of nodes that quantizes a bias."""
        while name in self._maker:
            name = self._maker[name].input[0]
        return name

    def _weight(self, product: NodeProto, scaling: NodeProto) -> str:
        """Return the name of the product's weight in floating point, made at its first use."""
        name = product.input[1]
        plain = f"{name}_float"
        if plain not in self.weights:
            scale = self._array(self._maker[scaling.input[1]].input[1])
            zero = self._array(product.input[3]).astype(np.float32)
            if product.op_type == "ConvInteger":  # the output channel, if any, stands first
                scale, zero = scale.reshape(-1, 1, 1), zero.reshape(-1, 1, 1)
            weight = (self._array(name).astype(np.float32) - zero) * scale
            self.weights[plain] = numpy_helper.from_array(weight, plain)
        return plain

    def _array(self, name: str) -> NDArray[np.float32]:
        array: NDArray[np.float32] = numpy_helper.to_array(self._tensors[name])
        return array


def _replace(graph: GraphProto, nodes: list[NodeProto], tensors: Iterable[TensorProto]) -> None:
    """Give `graph` these nodes, in an order in which they can run; what is not needed goes."""
    maker = {output: index for index, node in enumerate(nodes) for output in node.output}
    above = {
        index: {maker[name] for name in node.input if name in maker}
        for index, node in enumerate(nodes)
    }
    kept: list[NodeProto] = []
    needed = {output.name for output in graph.output}
    for index in reversed(tuple(TopologicalSorter(above).static_order())):
        if needed & set(nodes[index].output):
            needed.update(nodes[index].input)
            kept.append(nodes[index])
    tensors = [tensor for tensor in (*graph.initializer, *tensors) if tensor.name in needed]
    old_inputs = [value for value in graph.input if value.name != SPEED]
    del graph.node[:], graph.initializer[:], graph.input[:], graph.value_info[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(tensors)
    graph.input.extend([*old_inputs, *inputs()])
