"""The blueprint: what Home Assistant takes, and what comes of an event of ours."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.edges.mqtt_templates import rendered
from wyoming_indextts.edges.announce.offered import addresses
from wyoming_indextts.speech.links import Link
from wyoming_indextts.speech.recording import Recording

FILE: Final = Path(__file__).parents[1] / "blueprints" / "automation" / "announce.yaml"

SCHEMA: Final = Draft202012Validator(
    json.loads(Path(__file__).with_name("blueprint.schema.json").read_text("utf-8"))
)


class Tags(yaml.SafeLoader):
    """Home Assistant's YAML: `!input` is a name."""


def _input(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    assert isinstance(node, yaml.ScalarNode)
    return f"input {loader.construct_scalar(node)}"


Tags.add_constructor("!input", _input)


def blueprint() -> Any:  # noqa: ANN401
    return yaml.load(FILE.read_text("utf-8"), Tags)  # noqa: S506 - a safe loader


def event(target: str = "attic") -> Mapping[str, object]:
    """Return what is published when a sound is there."""
    links = addresses("http://here:8080", Link("name", Recording(), 0.0), packing=True)
    return {"event_type": "ready", "target": target, "announcement": "a", **links}


def calls(steps: list[Any], known: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield action, entities and link of what is called."""
    for step in steps:
        if "parallel" in step:
            yield from calls(step["parallel"], known)
        elif "if" in step:
            if rendered(step["if"], **known) == "True":
                yield from calls(step["then"], known)
        else:
            link = step["data"].get("media_id") or step["data"]["media_content_id"]
            entities = rendered(step["target"]["entity_id"], **known)
            yield step["action"], entities, rendered(link, **known)


def test_it_is_what_home_assistant_takes() -> None:
    SCHEMA.validate(blueprint())
    inputs = {f"input {name}" for name in blueprint()["blueprint"]["input"]}
    used = {blueprint()["triggers"][0]["topic"], *blueprint()["variables"].values()}
    assert inputs == used


@pytest.mark.parametrize("gone", ["blueprint", "triggers", "actions"])
def test_the_schema_refuses_what_lacks_something(gone: str) -> None:
    told = blueprint()
    del told[gone]
    assert not SCHEMA.is_valid(told)


def test_an_event_is_played_where_it_was_asked_for() -> None:
    known = {
        "trigger": {"payload_json": event()}, "target": "attic",
        "satellites": ["assist_satellite.attic"], "players": ["media_player.attic"],
    }  # fmt: skip
    (condition,) = blueprint()["conditions"]
    assert rendered(condition["value_template"], **known).strip() == "True"
    assert list(calls(blueprint()["actions"], known)) == [
        ("assist_satellite.announce", "['assist_satellite.attic']",
         "http://here:8080/a/name/live.ogg"),
        ("media_player.play_media", "['media_player.attic']",
         "http://here:8080/a/name/speech.wav"),
    ]  # fmt: skip
    assert not list(calls(blueprint()["actions"], known | {"satellites": [], "players": []}))


@pytest.mark.parametrize(
    "told", [event("hall"), {"event_type": "started", "target": "attic"}, {"event_type": "queued"}]
)
def test_other_events_are_passed_over(told: Mapping[str, object]) -> None:
    (condition,) = blueprint()["conditions"]
    known = {"trigger": {"payload_json": told}, "target": "attic"}
    assert rendered(condition["value_template"], **known).strip() == "False"


def test_it_uses_nothing_that_the_event_has_not() -> None:
    assert set(re.findall(r"payload_json\.(\w+)", FILE.read_text("utf-8"))) <= event().keys()
