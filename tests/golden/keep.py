"""Writing a golden: what was asked of the oracle, what it answered, and where both came from."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent


def hash_of(tensors: Mapping[str, NDArray[np.float32]]) -> str:
    """Return the SHA-256 over all names and values, in the order of the names."""
    sha256 = hashlib.sha256()
    for name in sorted(tensors):
        sha256.update(name.encode())
        sha256.update(np.ascontiguousarray(tensors[name]).tobytes())
    return sha256.hexdigest()


def keep(name: str, arrays: Mapping[str, Any], facts: Mapping[str, object]) -> None:
    """Write `<name>.npz` beside this file; `facts` become its `facts`, a line of JSON."""
    told = {"oracle": f"indextts2-inference {version('indextts2-inference')}", **facts}
    np.savez_compressed(HERE / f"{name}.npz", facts=np.array(json.dumps(told)), **arrays)
