"""Areas over MQTT: each is a device of its own with one entity, its emotion."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from wyoming_indextts.edges.mqtt.mood import CUSTOM, OPEN, weights_of
from wyoming_indextts.edges.mqtt.names import NAMES
from wyoming_indextts.edges.mqtt.options import MqttOptions
from wyoming_indextts.edges.mqtt.payload import Fields, known, number, word
from wyoming_indextts.edges.mqtt.topics import Topics
from wyoming_indextts.errors import BadRequestError
from wyoming_indextts.speech.areas import Areas, Feeling
from wyoming_indextts.speech.emotion import Presets

FIELDS: Final = ("preset", "weights", "intensity", "area", "ts")
"""What an area's emotion as an object may say."""


class AreaMoods:
    """Shows the areas and changes what they have. Belongs to the event loop's thread."""

    def __init__(self, areas: Areas, presets: Presets, options: MqttOptions) -> None:
        self._areas = areas
        self._presets = presets
        self._options = options
        self._chinese = options.discovery.language == "zh-Hans"
        self._topics = Topics.of(options)

    @property
    def names(self) -> tuple[str, ...]:
        """All areas."""
        return tuple(self._areas.names)

    def feel(self, area: str, told: str | Fields) -> None:
        """Give an area an emotion by a preset's name or an object, or none of its own.

        Raises:
            TargetNotFoundError, EmotionNotFoundError, BadRequestError: nothing was changed.
        """
        if isinstance(told, str):
            self._areas.change(area, self._named(area, told))
            return
        known(told, FIELDS)
        if ("preset" in told) == ("weights" in told):
            raise BadRequestError("an emotion has either a preset or weights")
        intensity = None
        if "intensity" in told:
            intensity = number(told["intensity"], "intensity", 0.0, 1.0)
        if "preset" in told:
            self._areas.change(area, Feeling(word(told["preset"], "preset"), intensity))
        else:
            self._areas.change(area, Feeling(weights_of(told["weights"]), intensity))

    def _named(self, area: str, name: str) -> Feeling | None:
        """Return what a name out of the entity's list stands for."""
        if name not in self._presets:  # a preset of the user's goes before these words
            if name == OPEN:
                return None
            if name.casefold() in CUSTOM and (now := self._areas.feeling(area)):
                own = now.emotion
                weights = self._presets.find(own).weights if isinstance(own, str) else own
                return replace(now, emotion=weights)
        return Feeling(word(name, "an emotion"))

    def state(self, area: str) -> Mapping[str, object]:
        """Return what is on in an area, for its document."""
        feeling = self._areas.feeling(area)
        if feeling is None:
            return {"emotion": OPEN, "emotion_zh": OPEN, "emotion_intensity": None}
        names = CUSTOM
        if isinstance(feeling.emotion, str):
            preset = self._presets.find(feeling.emotion)
            names = (preset.name, preset.zh)
        return {
            "emotion": names[0],
            "emotion_zh": names[1],
            "emotion_intensity": feeling.intensity,
        }

    def config(self, area: str) -> str:
        """Return Home Assistant's topic for an area's device."""
        return config_topic(self._options, area)

    def device(self, area: str, *, program: str, version: str) -> dict[str, object]:
        """Return the message of an area's device."""
        node = f"indextts_{self._options.node}"
        mine = f"{node}_{area_id(area)}"
        shown = "emotion_zh" if self._chinese else "emotion"
        names = [preset.zh if self._chinese else preset.name for preset in self._presets]
        return {
            "device": {
                "identifiers": [mine],
                "name": area,
                "manufacturer": program,
                "model": "Target of announcements",
                "via_device": node,
            },
            "origin": {"name": program, "sw_version": version},
            "availability": [{"topic": self._topics.status}],
            "qos": 1,
            "components": {
                "emotion": {
                    "platform": "select",
                    "unique_id": f"{mine}_emotion",
                    "name": NAMES["emotion"].in_(self._options.discovery.language),
                    "default_entity_id": f"select.{mine}_emotion".lower().replace("-", "_"),
                    "icon": "mdi:emoticon-outline",
                    "command_topic": self._topics.area_command(area),
                    "state_topic": self._topics.area_state(area),
                    "value_template": f"{{{{ value_json.{shown} }}}}",
                    "options": list(dict.fromkeys([OPEN, *names, CUSTOM[self._chinese]])),
                }
            },
        }


def config_topic(options: MqttOptions, area: str) -> str:
    """Return Home Assistant's topic for the device of an area, whether or not there is one."""
    return f"{options.discovery.prefix}/device/indextts_{options.node}_{area_id(area)}/config"


def area_id(area: str) -> str:
    """Return what stands for an area where only letters and digits may: of its name, if it can."""
    plain = re.sub(r"[ -]+", "_", area)
    return plain if re.fullmatch(r"[A-Za-z0-9_]+", plain) else f"{zlib.crc32(area.encode()):08x}"
