"""What an MQTT edge is told: where the broker is, who we are, how we are shown."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh-Hans"]
"""What entities are named in; MQTT discovery has no translations of its own."""


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """How the broker is trusted, and how it may know us. The host's name is always checked."""

    ca_file: Path | None = None
    """Who signs the broker's certificate; None: whom the system trusts."""

    cert_file: Path | None = None
    """Our certificate, if the broker wants one."""

    key_file: Path | None = None
    """Its key, if that is not in the same file."""


@dataclass(frozen=True, slots=True)
class BrokerOptions:
    """Where the broker is and how the connection is kept."""

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    password_file: Path | None = None
    """Holds the password; read at each attempt, its last newline does not count."""

    tls: TlsOptions | None = None
    client_id: str = "wyoming-indextts"
    session_expiry: int = 30
    """Seconds for which the broker keeps commands while we are away: how old one may be."""

    keepalive: int = 20
    """Seconds of silence after which the two ask each other for a sign of life."""

    patience: float = 10.0
    """Seconds that the broker may take for any answer."""


@dataclass(frozen=True, slots=True)
class DiscoveryOptions:
    """How Home Assistant is told of the device."""

    enabled: bool = True
    """Whether it is; if not, what it was told earlier is taken back."""

    prefix: str = "homeassistant"
    """As Home Assistant's own setting says."""

    language: Language = "en"
    message_expiry: bool = True
    """Whether buttons and announcements are to expire; off for a Home Assistant whose own
    connection is still MQTT 3.1.1."""

    configuration_url: str | None = None
    """A page of ours that people may open."""


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """All of one MQTT edge."""

    broker: BrokerOptions
    node: str
    """This server's own level below the prefix: letters, digits, `_` and `-`."""

    prefix: str = "wyoming-indextts"
    discovery: DiscoveryOptions = DiscoveryOptions()
    max_age: float = 30.0
    """Seconds after which an announcement that says when it was sent comes too late."""
