"""Examines MQTT: whether the broker takes us, and passes on what Home Assistant is to see."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from wyoming_indextts import __version__
from wyoming_indextts.doctor.finding import Finding
from wyoming_indextts.edges.mqtt.connection import Connection, Presence
from wyoming_indextts.edges.mqtt.device import device
from wyoming_indextts.edges.mqtt.options import MqttOptions
from wyoming_indextts.edges.mqtt.outbox import Outbox
from wyoming_indextts.edges.mqtt.topics import Topics
from wyoming_indextts.errors import SpeechError
from wyoming_indextts.mqtt import mqtt_options
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.casting import Casting

PATIENCE: Final = 5.0
"""Seconds that the broker has for each answer."""


async def broker(settings: Settings, cast: Callable[[Settings], Casting]) -> Finding | None:
    """Say whether the broker of the settings does what we need; None if they name none.

    The device message is published as the server does it, but not retained.
    """
    options = mqtt_options(settings)
    if options is None:
        return None
    try:
        message = _message(options, settings, cast(settings))
    except (SpeechError, ValueError):
        message = None  # told of under voices, or emotions
    return await _asked(options, message)


def _message(options: MqttOptions, settings: Settings, casting: Casting) -> str:
    told = device(
        options,
        version=__version__,
        voices=[voice.name for voice in casting.voices],
        presets=tuple(casting.presets),
        announcing=bool(settings.announce.targets),
    )
    return json.dumps(told, ensure_ascii=False)


async def _asked(options: MqttOptions, message: str | None) -> Finding:
    topics, outbox, heard = Topics.of(options), Outbox(), asyncio.Event()
    where = f"{options.broker.host}:{options.broker.port}"
    ours = replace(
        options.broker,
        client_id=f"{options.broker.client_id}-doctor",  # with its own the server would be put out
        session_expiry=0,
        patience=PATIENCE,
    )
    presence = Presence(f"{topics.base}/reply/doctor", here="", gone="")  # leaves nothing behind
    connection = Connection(ours, outbox, presence, [topics.config], lambda _: heard.set())
    running = asyncio.create_task(connection.run(), name="doctor-mqtt")
    try:
        async with asyncio.timeout(PATIENCE):
            await connection.tried.wait()
        if connection.trouble:
            text = f"the broker at {where} {connection.trouble}"
            return Finding("mqtt", "warning", text, "see [mqtt] in the settings file")
        if message is None or not options.discovery.enabled:
            return Finding("mqtt", "ok", f"the broker at {where} takes us")
        outbox.send(topics.config, message)
        async with asyncio.timeout(PATIENCE):
            await heard.wait()
    except TimeoutError:
        if connection.connected:
            text = f"the broker at {where} does not pass on {topics.config}"
            mend = "allow our user to write and read it: docs/mqtt.md, What the broker must allow"
            return Finding("mqtt", "warning", text, mend)
        text = f"the broker at {where} does not answer"
        return Finding("mqtt", "warning", text, "see [mqtt] in the settings file")
    finally:
        running.cancel()
        await asyncio.wait([running])
    return Finding("mqtt", "ok", f"the broker at {where} takes us, and passes on our device")
