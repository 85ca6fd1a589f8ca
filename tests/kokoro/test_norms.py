"""The norms: what is joined gives the numbers of what was spelled out."""

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from wyoming_indextts.kokoro.norms import Norms, norm_constants

WIDTH = 6
SPELLED_OUT = (
    helper.make_node("ReduceMean", ["x", "axes"], ["mean"]),
    helper.make_node("Sub", ["x", "mean"], ["centred"]),
    helper.make_node("Mul", ["centred", "centred"], ["squared"]),
    helper.make_node("ReduceMean", ["squared", "axes"], ["variance"]),
    helper.make_node("Add", ["variance", "epsilon"], ["widened"]),
    helper.make_node("Sqrt", ["widened"], ["deviation"]),
    helper.make_node("Div", ["centred", "deviation"], ["normal"]),
    helper.make_node("Mul", ["gain", "normal"], ["scaled"]),
    helper.make_node("Add", ["scaled", "shift"], ["y"]),
)


def graph(nodes: Sequence[NodeProto]) -> ort.InferenceSession:
    constants = [
        numpy_helper.from_array(np.array([2], np.int64), "axes"),
        numpy_helper.from_array(np.array(1e-5, np.float32), "epsilon"),
        *norm_constants(),
    ]
    taken: dict[str, list[str | int | None]] = {
        "x": [1, WIDTH, "time"],
        "gain": [1, WIDTH, 1],
        "shift": [1, WIDTH, 1],
    }
    whole = helper.make_graph(
        nodes,
        "norm",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, s) for name, s in taken.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        constants,
    )
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def joined(nodes: Sequence[NodeProto]) -> list[NodeProto]:
    constants = [numpy_helper.from_array(np.array(1e-5, np.float32), "epsilon")]
    norms = Norms(helper.make_graph(nodes, "norm", [], [], constants))
    return [new for node in nodes for new in norms.joined(node)]


def run(session: ort.InferenceSession, seed: int) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    feeds = {
        "x": random.normal(3.0, 5.0, (1, WIDTH, 50)).astype(np.float32),
        "gain": random.normal(1.0, 1.0, (1, WIDTH, 1)).astype(np.float32),
        "shift": random.normal(0.0, 1.0, (1, WIDTH, 1)).astype(np.float32),
    }
    (made,) = session.run(None, feeds)
    return np.asarray(made)


def test_a_norm_that_is_spelled_out_becomes_one_operator_with_the_same_numbers() -> None:
    nodes = joined(SPELLED_OUT)
    assert nodes[-1].op_type == "InstanceNormalization"
    np.testing.assert_allclose(run(graph(nodes), 1), run(graph(SPELLED_OUT), 1), atol=1e-5)


def test_what_only_looks_like_a_norm_is_left_as_it_is() -> None:
    for index, other in ((0, "ReduceMax"), (5, "Exp"), (6, "Mul"), (8, "Sub")):
        nodes = list(SPELLED_OUT)
        nodes[index] = helper.make_node(other, list(nodes[index].input), list(nodes[index].output))
        assert joined(nodes) == nodes
