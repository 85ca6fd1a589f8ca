"""Kokoro's network as this program runs it: in floating point, with its prosody in reach.

The exported network multiplies 8-bit integers and measures the range of every activation to do
so, which costs twice the time of plain floating point on a CPU. Here each such product becomes
the float product that it stands for, with the same (rounded) weights:

    x -> DynamicQuantizeLinear -> ConvInteger -> Add bias -> Cast -> Mul scale -> y
    x -> DynamicQuantizeLinear -> MatMulInteger           -> Cast -> Mul scale -> y
becomes
    x -> Conv(weight, bias) -> y        x -> MatMul(weight) -> y

and the network gets the inputs in `CONTROLS` and `LONGEST`. No files here: bytes in, bytes out.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from wyoming_indextts.errors import WeightsCorruptError

VERSION: Final = 1
"""Raised whenever `convert` makes another network of the same bytes: caches are keyed by it."""

CONTROLS: Final = ("f0_center", "f0_shift", "f0_range", "energy")
"""Inputs float32 (1,) of the converted network, beside `tokens`, `style` and `speed`.

Where there is voice, F0 becomes center * (F0 / center) ** range * shift; `energy` is added to
the curve of energy.
"""

LONGEST: Final = "longest"
"""Input float32 (1, tokens) of the converted network: the most frames each token may last."""

VOICED: Final = 20.0
"""Hz; where the network's F0 is below this there is no voice."""

_F0: Final = "/encoder/F0_proj/Conv_output_0"
_ENERGY: Final = "/encoder/N_proj/Conv_output_0"
_FRAMES: Final = "/encoder/Round_output_0"


def convert(exported: bytes) -> bytes:
    """Return the network in floating point, with its new inputs.

    Raises:
        WeightsCorruptError: the bytes are not the export of Kokoro this program knows.
    """
    try:
        model = onnx.load_from_string(exported)
    except DecodeError:
        raise WeightsCorruptError("the model file is not an ONNX file") from None
    made = {output for node in model.graph.node for output in node.output}
    if missing := {_F0, _ENERGY, _FRAMES} - made:
        raise WeightsCorruptError(f"the model file is not Kokoro's: it has no {min(missing)}")
    products = _Products(model.graph)
    nodes = [changed for node in model.graph.node for changed in _controlled(products.plain(node))]
    _replace(model.graph, nodes, products.weights)
    return model.SerializeToString()


class _Products:
    """Finds the integer products of a graph and writes them as float ones."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._maker = {output: node for node in graph.node for output in node.output}
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self.weights: dict[str, TensorProto] = {}

    def plain(self, node: NodeProto) -> NodeProto:
        """Return the float product whose result `node` gives, or `node` itself."""
        match self._chain(node):
            case [cast, product] if cast.op_type == "Cast":
                bias = []
            case [cast, add, product] if cast.op_type == "Cast":
                bias = [self._original(add.input[1])]
            case _:
                return node
        plain = NodeProto()
        plain.CopyFrom(product)
        plain.op_type = product.op_type.removesuffix("Integer")
        quantize = self._maker[product.input[0]]
        del plain.input[:], plain.output[:]
        plain.input.extend([quantize.input[0], self._weight(product, node), *bias])
        plain.output.extend(node.output)
        return plain

    def _chain(self, node: NodeProto) -> list[NodeProto]:
        """Return the nodes above a scaling, down to an integer product; empty if there is none."""
        chain: list[NodeProto] = []
        while len(chain) < 3 and node.op_type in {"Mul", "Cast", "Add"}:  # noqa: PLR2004
            if (above := self._maker.get(node.input[0])) is None:
                break
            chain.append(above)
            if above.op_type in {"ConvInteger", "MatMulInteger"}:
                return chain
            node = above
        return []

    def _original(self, name: str) -> str:
        """Return the float tensor at the head of a chain that quantizes a bias."""
        while name in self._maker:
            name = self._maker[name].input[0]
        return name

    def _weight(self, product: NodeProto, scaling: NodeProto) -> str:
        """Return the name of the product's weight in floating point, made if need be."""
        name = product.input[1]
        plain = f"{name}_float"
        if plain not in self.weights:
            scale = self._array(self._maker[scaling.input[1]].input[1])
            zero = self._array(product.input[3])
            if product.op_type == "ConvInteger":  # per output channel, which stands first
                scale, zero = scale.reshape(-1, 1, 1), zero.reshape(-1, 1, 1)
            integers = self._array(name).astype(np.float32)
            weight = (integers - zero.astype(np.float32)) * scale
            self.weights[plain] = numpy_helper.from_array(weight.astype(np.float32), plain)
        return plain

    def _array(self, name: str) -> NDArray[np.generic]:
        return numpy_helper.to_array(self._tensors[name])


def _controlled(node: NodeProto) -> Iterator[NodeProto]:
    """Yield `node` and, where it makes one of the curves, the nodes that change the curve."""
    match node.output[0]:
        case name if name == _F0:
            yield from _renamed(node, "f0")
            yield _node("Greater", "f0", "voiced", to="f0_is_voiced")
            yield _node("Max", "f0", "voiced", to="f0_positive")
            yield _node("Div", "f0_positive", "f0_center", to="f0_relative")
            yield _node("Pow", "f0_relative", "f0_range", to="f0_ranged")
            yield _node("Mul", "f0_center", "f0_shift", to="f0_moved")
            yield _node("Mul", "f0_ranged", "f0_moved", to="f0_changed")
            yield _node("Where", "f0_is_voiced", "f0_changed", "f0", to=name)
        case name if name == _ENERGY:
            yield from _renamed(node, "energy_curve")
            yield _node("Add", "energy_curve", "energy", to=name)
            yield _node("Greater", "energy_curve", "audible", to="is_audible")
            yield _node("Cast", "is_audible", to="audibility", to_type=TensorProto.FLOAT)
            yield _node("ArgMax", "audibility", to="x_first", axis=2, keepdims=0)
            yield _node("ArgMax", "audibility", to="x_last", axis=2, keepdims=0, select_last_index=1)
            yield _node("Reshape", "x_first", "x_one", to="x_first1")
            yield _node("Reshape", "x_last", "x_one", to="x_last1")
            yield _node("Div", "x_first1", "x_two", to="x_first2")
            yield _node("Div", "x_last1", "x_two", to="x_last2")
            yield _node("Sub", "x_first2", "x_margin", to="x_start0")
            yield _node("Max", "x_start0", "x_zero", to="x_start")
            yield _node("Add", "x_last2", "x_margin_end", to="x_end")
            yield _node("Mul", "x_start", "x_two", to="x_start_fine")
            yield _node("Mul", "x_end", "x_two", to="x_end_fine")
        case "/encoder/MatMul_1_output_0" as name:
            yield from _renamed(node, "text_frames")
            yield _node("Slice", "text_frames", "x_start", "x_end", "x_two", to=name)
        case "/encoder/Reshape_output_0" | "/encoder/Reshape_1_output_0" as name:
            yield from _renamed(node, name+"_full")
            yield _node("Slice", name+"_full", "x_start_fine", "x_end_fine", "x_one", to=name)
        case _:
            yield node


def _renamed(node: NodeProto, output: str) -> Iterator[NodeProto]:
    node.output[0] = output
    yield node


def _node(operator: str, *inputs: str, to: str, to_type=None, **kw) -> NodeProto:
    if to_type: kw["to"]=to_type
    return helper.make_node(operator, list(inputs), [to], name=f"prosody/{to}", **kw)


def _replace(
    graph: onnx.GraphProto, nodes: list[NodeProto], weights: dict[str, TensorProto]
) -> None:
    """Give `graph` these nodes and weights; what its outputs do not need goes."""
    import graphlib
    made={o:i for i,n in enumerate(nodes) for o in n.output}
    order=graphlib.TopologicalSorter({i:{made[x] for x in n.input if x in made} for i,n in enumerate(nodes)})
    nodes=[nodes[i] for i in order.static_order()]
    needed = {output.name for output in graph.output}
    kept: list[NodeProto] = []
    for node in reversed(nodes):
        if needed & set(node.output):
            needed.update(node.input)
            kept.append(node)
    import os
    c=lambda v,n,t: numpy_helper.from_array(np.array([v],t),n)
    tensors = [*graph.initializer, *weights.values(), c(VOICED,'voiced',np.float32), c(-2,'audible',np.float32),c(1,'x_one',np.int64),c(2,'x_two',np.int64),c(0,'x_zero',np.int64),c(int(os.environ.get('M0',3)),'x_margin',np.int64),c(int(os.environ.get('M1',4)),'x_margin_end',np.int64)]
    left = [tensor for tensor in tensors if tensor.name in needed]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(left)
    for name in CONTROLS:
        graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]))
