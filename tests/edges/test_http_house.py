"""What the house tells of itself over HTTP, and the stage that is changed there."""

from typing import Any

import pytest

from tests.edges.http_house import ON_A_SLOW_MACHINE, SLOW, House, serving
from tests.house import PRESETS

NOTHING = {"voice": None, "emotion": None, "intensity": 1.0, "speed": 1.0, "volume": 1.0}


async def got(house: House, path: str) -> Any:  # noqa: ANN401 - JSON
    async with house.client.get(path) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_it_is_alive_and_ready_when_an_engine_is_loaded() -> None:
    async with serving() as house:
        assert await got(house, "/healthz") == {"status": "alive", "version": "0.1.0"}
        assert await got(house, "/readyz") == {"status": "ready", "version": "0.1.0"}
    async with serving(dials=ON_A_SLOW_MACHINE) as house:
        assert (await got(house, "/readyz"))["lack"] == {"en": SLOW.en, "zh": SLOW.zh}
    async with serving(ready=False) as house:
        assert await house.error("GET", "/readyz") == (503, "model-loading")
        await got(house, "/healthz")


async def test_voices_and_emotions_are_listed() -> None:
    async with serving() as house:
        alice, bob = await got(house, "/voices")
        presets = await got(house, "/presets")
    assert bob["name"] == "bob"
    assert alice == {
        "name": "alice", "description": "Alice", "language": "zh-CN",
        "languages": ["zh-CN", "en-US"], "sex": "female", "default": True, "enrolled": False,
        "stand_in": None, "added": None, "consent": None,
        "speakers": [preset.name for preset in PRESETS],
    }  # fmt: skip
    happy = next(preset for preset in presets if preset["name"] == "happy")
    assert happy == {
        "name": "happy",
        "en": "happy",
        "zh": "高兴",
        "weights": list(PRESETS.find("happy").weights),
    }


async def test_the_stage_is_changed_in_parts_and_by_name() -> None:
    async with serving() as house:
        assert await got(house, "/stage") == NOTHING
        async with house.client.put("/stage", json={"emotion": "sad", "speed": 1.25}) as answer:
            assert await answer.json() == {**NOTHING, "emotion": "sad", "speed": 1.25}
        async with house.client.put("/stage", json={"voice": "bob", "speed": None}) as answer:
            changed = {**NOTHING, "emotion": "sad", "voice": "bob"}
            assert await answer.json() == changed
        assert await got(house, "/stage") == changed
        await house.sound("GET", "/stream", params={"text": "Hello."})
        (job,) = house.engine.jobs
        assert job.style.voice == "bob"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"emotion": "hungry"}, (404, "emotion-not-found")),
        ({"voice": "nobody"}, (404, "voice-not-found")),
        ({"speed": 9}, (400, "bad-request")),
        ({"speed": "fast"}, (400, "bad-request")),
        ({"pitch": 1}, (400, "bad-request")),
    ],
)
async def test_a_stage_that_cannot_be_is_refused_and_nothing_changes(
    change: dict[str, object], expected: tuple[int, str]
) -> None:
    async with serving() as house:
        assert await house.error("PUT", "/stage", json={"volume": 0.5, **change}) == expected
        assert await got(house, "/stage") == NOTHING
