"""The message that makes a device of us: against a golden copy, and a schema of what is taken.

The schema was written from what Home Assistant 2026.11.0 accepts and refuses.
"""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from tests.house import PRESETS
from wyoming_indextts.edges.mqtt.device import device
from wyoming_indextts.edges.mqtt.entities import ANNOUNCING, ENTITIES
from wyoming_indextts.edges.mqtt.names import NAMES
from wyoming_indextts.edges.mqtt.options import BrokerOptions, DiscoveryOptions, MqttOptions
from wyoming_indextts.edges.mqtt.topics import Topics, node_of
from wyoming_indextts.speech.presets import parse_presets

GOLDEN: Final = Path(__file__).with_name("mqtt_device.json")
SCHEMA: Final = Path(__file__).with_name("mqtt_device.schema.json")


def message(*, announcing: bool = True, **discovery: Any) -> Any:  # noqa: ANN401
    told = device(
        MqttOptions(BrokerOptions("there"), "hall", discovery=DiscoveryOptions(**discovery)),
        version="1.2.3",
        voices=["alice", "bob"],
        presets=tuple(PRESETS),
        announcing=announcing,
    )
    return json.loads(json.dumps(told))


def test_it_is_the_golden_message() -> None:
    assert message() == json.loads(GOLDEN.read_text("utf-8"))


@pytest.mark.parametrize("announcing", [True, False])
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_it_is_what_home_assistant_takes(language: str, *, announcing: bool) -> None:
    told = message(announcing=announcing, language=language, configuration_url="http://a:8080/")
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(told)
    assert len(json.dumps(told, ensure_ascii=False)) < 20_000


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["child_devices"], []),  # known since 2026.11 only
        (["origin"], None),
        (["components", "stop", "unique_id"], None),
        (["components", "stop", "default_entity_id"], "stop"),
        (["components", "speed", "min"], None),
        (["components", "emotion", "options"], []),
        (["components", "activity", "state_class"], "measurement"),
        (["components", "ttfa", "entity_category"], "config"),
        (["components", "utterance", "event_types"], None),
    ],
)
def test_the_schema_refuses_what_home_assistant_refuses(path: list[str], value: object) -> None:
    told = message()
    *way, last = path
    inner = told
    for key in way:
        inner = inner[key]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    schema = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert not schema.is_valid(told)


def test_every_entity_has_a_name_and_an_id_of_its_own() -> None:
    assert NAMES.keys() == ENTITIES.keys()
    ids = [component["unique_id"] for component in message()["components"].values()]
    assert len(set(ids)) == len(ids) == len(ENTITIES)


def test_chinese_names_come_with_chinese_choices() -> None:
    components = message(language="zh-Hans")["components"]
    assert components["stop"]["name"] == "停止说话"
    assert components["emotion"]["options"][:2] == ["中性", "高兴"]
    assert components["emotion"]["options"][-1] == "自定义"
    assert components["emotion"]["value_template"] == "{{ value_json.emotion_zh }}"


def test_a_preset_of_the_users_may_be_called_custom() -> None:
    presets = parse_presets([('[neutral]\nzh = "中性"\n[custom]\nzh = "我的"\n', "emotions.toml")])
    options = MqttOptions(BrokerOptions("there"), "hall")
    told: Any = device(options, version="1", voices=["a"], presets=tuple(presets), announcing=False)
    assert told["components"]["emotion"]["options"] == [preset.name for preset in presets]


def test_entities_of_announcements_are_taken_back_where_there_are_none() -> None:
    components = message(announcing=False)["components"]
    assert [components[key] for key in ANNOUNCING] == [
        {"platform": "switch"},
        {"platform": "notify"},
    ]
    assert "ready" not in components["utterance"]["event_types"]


def test_commands_do_not_expire_for_a_connection_that_cannot() -> None:
    assert message()["components"]["stop"]["message_expiry_interval"] == 5
    assert "message_expiry_interval" not in json.dumps(message(message_expiry=False))


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("hall wyoming-indextts a1b2c3", "hall-a1b2c3"),
        ("客厅 wyoming-indextts a1b2c3", "a1b2c3"),
        ("wyoming-indextts", "server"),
        ("Küche/+#", "K-che"),
        ("x" * 100, "x" * 64),
    ],
)
def test_a_node_is_made_of_letters(name: str, node: str) -> None:
    assert node_of(name) == node


def test_the_topics_hang_together() -> None:
    topics = Topics.of(MqttOptions(BrokerOptions("there"), "hall", prefix="our/house"))
    assert topics.key("our/house/hall/emotion/set") == "emotion"
    for foreign in ("our/house/hall/emotion", "our/house/hall/a/b/set", "x/hall/emotion/set"):
        assert topics.key(foreign) is None
    assert topics.may_reply("our/house/hall/reply/1")
    for bad in (
        "our/house/hall/status",
        "our/house/hall/reply/+",
        "our/house/hall/reply/" + "x" * 300,
    ):
        assert not topics.may_reply(bad)
