"""The judge, who listens in every test of this room, and good speech in both languages."""

from pathlib import Path

import pytest

from tests.judge.recogniser import Recogniser
from tests.judge.sample import Sample, sample
from tests.judge.verdict import Judge
from wyoming_indextts.speech.engine import Engine
from wyoming_indextts.speech.voices import Voices


@pytest.fixture(scope="session")
def judge(kept: Path) -> Judge:
    return Judge(Recogniser(kept / "whisper-base"))


@pytest.fixture(scope="session")
def english(engine: Engine, bundled: Voices) -> Sample:
    return sample(engine, bundled.default.name, "en")


@pytest.fixture(scope="session")
def chinese(engine: Engine, bundled: Voices) -> Sample:
    return sample(engine, bundled.default.name, "zh")


@pytest.fixture(params=["english", "chinese"])
def good(request: pytest.FixtureRequest) -> Sample:
    found = request.getfixturevalue(str(request.param))
    assert isinstance(found, Sample)
    return found
