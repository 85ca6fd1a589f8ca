"""The measure of seams, with a small model of random weights."""

import re
from pathlib import Path

from bench.seams import PLANS, report
from tests.indextts2 import patched


async def test_every_plan_has_a_line_and_one_shot_is_its_own_measure(tmp_path: Path) -> None:
    text = await report(quick=True, weights=patched.well_behaved(tmp_path))
    assert re.search(r"of which this vocoder needs \d+ to be", text)
    lines = text.splitlines()
    table = {line.split("|")[1].strip(): line.split("|")[2:-1] for line in lines if "|" in line}
    assert set(PLANS) < set(table)
    assert [float(cell) for cell in table["one shot"]] == [1, 1, 0, 0, 0]
    for name in list(PLANS)[1:]:
        flow, vocoder, near, elsewhere, jump = map(float, table[name])
        assert flow > 1
        assert 1 < vocoder < 2
        assert near > elsewhere
        assert jump < 1
