"""MQTT put together from the settings; without a broker speech goes on."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

from wyoming_indextts import __version__
from wyoming_indextts.announcing import AnnouncedOverMqtt
from wyoming_indextts.edges.discovery.names import kept_name
from wyoming_indextts.edges.mqtt.options import (
    BrokerOptions,
    DiscoveryOptions,
    MqttOptions,
    TlsOptions,
)
from wyoming_indextts.edges.mqtt.topics import node_of
from wyoming_indextts.settings import Settings
from wyoming_indextts.speech.announcer import Announcer
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Recorder, unrecorded
from wyoming_indextts.speech.engine import EngineRunner
from wyoming_indextts.speech.speaker import Speaker
from wyoming_indextts.speech.vitals import Dials, vitals_of


@asynccontextmanager
async def shown_over_mqtt(
    settings: Settings,
    speaker: Speaker,
    casting: Casting,
    runner: EngineRunner,
    announcer: Announcer | None,
    record: Recorder = unrecorded,
) -> AsyncGenerator[Callable[[], bool] | None, None]:
    """Show the house over MQTT while the block runs, if the settings name a broker.

    Whether that is reached delays nothing; the block gets what tells it, None without a broker.
    """
    options = mqtt_options(settings)
    if options is None:
        yield None
        return
    from wyoming_indextts.edges.mqtt.edge import MqttEdge  # noqa: PLC0415 - 0.1 s of libraries

    edge = MqttEdge(
        options,
        speaker,
        casting,
        ready=lambda: runner.ready,
        version=__version__,
        announcer=AnnouncedOverMqtt(announcer) if announcer else None,
        areas=announcer.areas if announcer else None,
    )
    edge.lack = Dials(engines=partial(vitals_of, runner)).lack
    async with edge.running(record):
        yield lambda: edge.connected


def mqtt_options(settings: Settings) -> MqttOptions | None:
    """Return what the settings say of MQTT; None if they name no broker."""
    wanted = settings.mqtt
    if wanted.host is None:
        return None
    tls = None
    if wanted.tls:
        tls = TlsOptions(wanted.tls_ca, wanted.tls_certificate, wanted.tls_key)
    node = wanted.node or node_of(kept_name(settings.data_dir))
    broker = BrokerOptions(
        wanted.host,
        wanted.port or (8883 if tls else 1883),
        username=wanted.username,
        password=wanted.password.get_secret_value() if wanted.password else None,
        password_file=wanted.password_file,
        tls=tls,
        client_id=f"wyoming-indextts-{node}",
        session_expiry=wanted.session_expiry,
    )
    discovery = DiscoveryOptions(
        enabled=wanted.discovery,
        prefix=wanted.discovery_prefix,
        language=wanted.language,
        message_expiry=wanted.message_expiry,
    )
    return MqttOptions(
        broker, node, prefix=wanted.prefix, discovery=discovery, max_age=wanted.max_age
    )
