"""onnxruntime's Linux builds report to their maker (since 1.29); ours does not."""

import os
import subprocess
import sys
from pathlib import Path

from onnx import TensorProto, helper

LOAD = (
    "import sys; from pathlib import Path; from wyoming_indextts.kokoro.network import Network; "
    "Network(Path(sys.argv[1]), threads=1)"
)
"""Loads a network as the engine does."""


def test_the_voice_leaves_no_trace_of_telemetry(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    same = helper.make_node("Identity", ["x"], ["y"])
    graph = helper.make_graph([same], "same", [value], [helper.make_tensor_value_info("y", 1, [1])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    (tmp_path / "same.onnx").write_bytes(model.SerializeToString())
    home = tmp_path / "home"
    home.mkdir()
    # nothing else of the environment: it reports nothing where it finds itself in a CI's
    env = {"HOME": str(home), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", LOAD, str(tmp_path / "same.onnx")]
    subprocess.run(command, env=env, cwd=Path(__file__).parents[2], check=True)  # noqa: S603
    assert list(home.rglob("*")) == []
