"""Every net runs at its official size, one after another: `script/test --full`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.indextts2.official_sizes import NETS

MOST: Final = 8_000
"""Megabytes that any of them may take."""


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("net", NETS)
def test_a_net_of_the_official_size_runs(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "tests.indextts2.official_sizes", net],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    took = json.loads(done.stdout)
    with capsys.disabled():
        sys.stdout.write(f"\n{net}: {took['peak megabytes']} MB, {took['seconds']} s ")
    assert took["as expected"]
    assert took["peak megabytes"] < MOST
