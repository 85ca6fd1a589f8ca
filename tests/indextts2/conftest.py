"""What many tests of the model share. One thread: sums are then in the same order each time."""

from collections.abc import Mapping

import pytest
import torch

from tests.golden.make_chain import SEED
from tests.golden.small_model import KINDS, Kind
from tests.indextts2.chain import Case, case_of
from tests.indextts2.official_folder import write_official_folder
from wyoming_indextts.indextts2 import IndexTTS2

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Kind, IndexTTS2]:
    """Return a small model of each kind, with the weights of the goldens."""
    loaded: dict[Kind, IndexTTS2] = {}
    for kind in KINDS:
        folder = tmp_path_factory.mktemp(kind)
        write_official_folder(folder, seed=SEED[kind], kind=kind)
        loaded[kind] = IndexTTS2.load(folder)
    return loaded


@pytest.fixture(scope="session")
def cases(models: Mapping[Kind, IndexTTS2]) -> Mapping[Kind, Case]:
    """Return each of them with its golden and a voice."""
    return {kind: case_of(kind, model) for kind, model in models.items()}


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest, cases: Mapping[Kind, Case]) -> Case:
    """Return one kind after the other."""
    kind: Kind = request.param
    return cases[kind]


@pytest.fixture
def plain(cases: Mapping[Kind, Case]) -> Case:
    """Return the plain kind."""
    return cases["plain"]
