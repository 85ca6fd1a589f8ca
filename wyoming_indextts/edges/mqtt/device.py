"""The message that makes a device of us in Home Assistant, valid from 2025.7 to 2026.11.

A key at the top that it does not know makes it refuse the whole of it; one in a component is
passed over. So whatever is newer than 2025.7 is in the components.
"""

from collections.abc import Sequence
from typing import Final

from wyoming_indextts.edges.mqtt.entities import ANNOUNCING, ENTITIES, EVENT_TYPES, Entity
from wyoming_indextts.edges.mqtt.mood import CUSTOM
from wyoming_indextts.edges.mqtt.names import DEVICE, NAMES
from wyoming_indextts.edges.mqtt.options import MqttOptions
from wyoming_indextts.edges.mqtt.topics import Topics
from wyoming_indextts.speech.emotion import Preset

PROGRAM: Final = "wyoming-indextts"


def device(
    options: MqttOptions,
    *,
    version: str,
    voices: Sequence[str],
    presets: Sequence[Preset],
    announcing: bool,
) -> dict[str, object]:
    """Return the message; with no `announcing`, the entities of announcements are taken back."""
    wanted = options.discovery
    topics = Topics.of(options)
    chinese = wanted.language == "zh-Hans"
    lists: dict[str, list[str]] = {
        "voice": list(voices),
        "emotion": [preset.zh if chinese else preset.name for preset in presets],
    }
    if not set(lists["emotion"]) & set(CUSTOM):  # it may be a preset of the user's
        lists["emotion"].append(CUSTOM[chinese])
    components: dict[str, dict[str, object]] = {}
    for key, entity in ENTITIES.items():
        component: dict[str, object] = {"platform": entity.platform}
        if announcing or key not in ANNOUNCING:  # else nothing but its kind: so it is removed
            component |= _component(key, entity, options, topics)
            if key in lists:
                component["options"] = lists[key]
            if key == "emotion" and chinese:
                component["value_template"] = "{{ value_json.emotion_zh }}"
            if key == "utterance" and announcing:
                component["event_types"] = ["ready", *EVENT_TYPES]
        components[key] = component
    about: dict[str, object] = {
        "identifiers": [f"indextts_{options.node}"],
        "name": f"{DEVICE.in_(wanted.language)} {options.node}",
        "manufacturer": PROGRAM,
        "model": "Wyoming text-to-speech",
        "sw_version": version,
    }
    if wanted.configuration_url:
        about["configuration_url"] = wanted.configuration_url
    return {
        "device": about,
        "origin": {"name": PROGRAM, "sw_version": version},
        "availability": [{"topic": topics.status}],
        "qos": 1,
        "components": components,
    }


def _component(key: str, entity: Entity, options: MqttOptions, topics: Topics) -> dict[str, object]:
    name = f"indextts_{options.node}_{key}"
    component: dict[str, object] = {
        "unique_id": name,
        "name": NAMES[key].in_(options.discovery.language),
        "default_entity_id": f"{entity.platform}.{name}".lower().replace("-", "_"),
        **entity.more,
    }
    if entity.commanded:
        component["command_topic"] = topics.command(key)
    if entity.shows:
        component["value_template"] = f"{{{{ value_json.{entity.shows} }}}}"
    if entity.shows or entity.platform == "event":
        component["state_topic"] = f"{topics.base}/{entity.document}"
    if entity.expiry and options.discovery.message_expiry:
        component["message_expiry_interval"] = entity.expiry
    return component
