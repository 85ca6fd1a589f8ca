"""The entities of the device: what Home Assistant is to make of each, without its topics.

The keys are part of unique ids: they stay for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from wyoming_indextts.edges.mqtt.activity import ACTIVITIES, EVENTS
from wyoming_indextts.speech.emotion import AXES

ANNOUNCE: Final = (
    "{{ {'message': value, 'id': now().isoformat(), 'ts': now().timestamp()|round(3)} | tojson }}"
)
"""What Home Assistant makes of a text for us: with an id and a time, so that it is spoken once
and not late."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity. `commanded`: it has a command topic; `shows`: the field of its state.

    `expiry` is seconds after which a command of its is of no use.
    """

    platform: str
    commanded: bool = False
    shows: str | None = None
    document: str = "state"
    expiry: int | None = None
    more: Mapping[str, object] = field(default_factory=dict)


EVENT_TYPES: Final = (*EVENTS.values(), "rejected")
"""What may happen where nothing is announced."""


def _number(shows: str, low: float, high: float, step: float, **more: object) -> Entity:
    limits = {"min": low, "max": high, "step": step, "mode": "slider", **more}
    return Entity("number", commanded=True, shows=shows, more=limits)


_CONFIG: Final = {"entity_category": "config"}
_DIAGNOSTIC: Final = {"entity_category": "diagnostic"}
_OFF: Final = {"enabled_by_default": False}

ENTITIES: Final[Mapping[str, Entity]] = {
    "emotion": Entity("select", commanded=True, shows="emotion",
                      more={"icon": "mdi:emoticon-outline"}),
    "voice": Entity("select", commanded=True, shows="voice", more={"icon": "mdi:account-voice"}),
    "emotion_intensity": _number("emotion_intensity", 0, 1, 0.05, icon="mdi:tune-variant"),
    "speed": _number("speed", 0.5, 2, 0.05, icon="mdi:speedometer", **_CONFIG),
    "volume": _number("volume", 0, 200, 1, icon="mdi:volume-high", unit_of_measurement="%"),
    **{
        f"emotion_{axis}": _number(f"emotion_{axis}", 0, 1, 0.05, **_CONFIG, **_OFF)
        for axis in AXES
    },
    "mute": Entity("switch", commanded=True, shows="mute", more={
        "icon": "mdi:bell-off", "payload_on": "ON", "payload_off": "OFF"}),
    "announce": Entity("notify", commanded=True, expiry=30, more={
        "icon": "mdi:bullhorn", "command_template": ANNOUNCE}),
    "stop": Entity("button", commanded=True, expiry=5, more={
        "icon": "mdi:stop", "payload_press": "PRESS"}),
    "activity": Entity("sensor", shows="activity", more={
        "icon": "mdi:waveform", "device_class": "enum", "options": list(ACTIVITIES)}),
    "queue_depth": Entity("sensor", shows="queue_depth", more={
        "icon": "mdi:tray-full", "state_class": "measurement", **_DIAGNOSTIC}),
    "ttfa": Entity("sensor", shows="ttfa_ms", document="metrics", more={
        "device_class": "duration", "unit_of_measurement": "ms", "state_class": "measurement",
        "suggested_display_precision": 0, **_DIAGNOSTIC}),
    "spoken": Entity("sensor", shows="spoken", document="metrics", more={
        "icon": "mdi:counter", "state_class": "total_increasing", **_DIAGNOSTIC, **_OFF}),
    "failed": Entity("sensor", shows="failed", document="metrics", more={
        "icon": "mdi:alert-circle-outline", "state_class": "total_increasing",
        **_DIAGNOSTIC, **_OFF}),
    "last_error": Entity("sensor", shows="last_error", document="metrics", more={
        "icon": "mdi:alert-circle-outline", **_DIAGNOSTIC, **_OFF}),
    "limits": Entity("sensor", shows="limits", document="metrics", more={
        "icon": "mdi:speedometer-slow", **_DIAGNOSTIC}),
    "utterance": Entity("event", document="event", more={
        "icon": "mdi:message-text", "event_types": list(EVENT_TYPES)}),
}  # fmt: skip
"""All of them, by key, in the order they are told of."""

ANNOUNCING: Final = ("mute", "announce")
"""Those that are there only where announcements are."""
