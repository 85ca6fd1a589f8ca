"""What can be set of each way in and out."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from wyoming_indextts.edges.wyoming.neighbourhood import NEIGHBOURS, checked_wish
from wyoming_indextts.settings.section import (
    Connections,
    KeyFile,
    Listed,
    Section,
    TextLength,
    Texts,
    UserPath,
)

SUPERVISOR: Final = "http://supervisor"
"""Where an app of Home Assistant's finds its Supervisor."""


TRUTHS: Final = {"true": True, "false": False, "on": True, "off": False, "1": True, "0": False}
"""Words that are no name."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; port 0 takes any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, uri: str) -> "Address":
        """Read `tcp://HOST:PORT`; an IPv6 host stands in brackets.

        Raises:
            ValueError: the text is nothing of the kind.
        """
        try:
            parts = urlsplit(uri)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError(f"must be tcp://HOST:PORT, not {uri!r}") from None
        bare = parts.scheme == "tcp" and uri.endswith(parts.netloc) and "@" not in parts.netloc
        if not (bare and host and port is not None):
            raise ValueError(f"must be tcp://HOST:PORT, not {uri!r}")
        return cls(host, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port}"


def _checked_uri(uri: str) -> str:
    Address.parse(uri)
    return uri


Uri = Annotated[str, AfterValidator(_checked_uri)]


def _truth_or_name(value: object) -> object:
    """Return what a variable of the environment says of truth; it can only say it in words."""
    return TRUTHS.get(value.lower(), value) if isinstance(value, str) else value


class WyomingSettings(Section):
    """The Wyoming server: where it listens and what it bears."""

    uri: Uri = Field(default="tcp://0.0.0.0:10200", description="Where to listen: tcp://HOST:PORT.")
    connections: Connections = 256
    connections_per_address: int = Field(
        default=64,
        ge=1,
        le=65_536,
        description="Of those, from one address; this machine's own are not counted.",
    )
    allow: Annotated[tuple[Annotated[str, AfterValidator(checked_wish)], ...], Listed, NoDecode] = (
        Field(
            default=(NEIGHBOURS,),
            description='Who may connect: networks, or "neighbours", "private", "all".',
        )
    )
    text_limit: TextLength = 20_000
    text_idle_timeout: float = Field(
        default=180.0,
        ge=1,
        le=86_400,
        description="Seconds a text stream may stay silent before it ends with an error.",
    )
    zeroconf: Annotated[bool | str, BeforeValidator(_truth_or_name)] = Field(
        default=True,
        description="Whether Home Assistant finds the server by itself; a text: by that name.",
    )
    emotion_variants: bool = Field(
        default=True,
        description="Whether each emotion is offered as voices of its own, like lan-happy.",
    )

    @property
    def address(self) -> Address:
        """Where to listen."""
        return Address.parse(self.uri)


def _checked_ip(text: str) -> str:
    ip_address(text)
    return text


def _checked_listen(text: str) -> str:
    if text != "off":
        try:
            Address.parse(f"tcp://{text}")
        except ValueError:
            raise ValueError(f"must be HOST:PORT or off, not {text!r}") from None
    return text


def _checked_network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"must be an address or a network, not {text!r}") from None
    return text


class HttpSettings(Section):
    """The HTTP server: where it listens, and who may use it."""

    listen: Annotated[str, AfterValidator(_checked_listen)] = Field(
        default="0.0.0.0:8080",  # a token is asked for
        description="HOST:PORT to listen at, port 0 takes any free one; off: no page, no HTTP.",
    )
    open: bool | None = Field(
        default=None,
        description="Whether no token is asked for; unset: if only this machine can connect.",
    )
    token_file: UserPath | None = Field(
        default=None, description="Who may do what; unset: http-tokens in the data folder."
    )
    hosts: Texts = Field(
        default=(), description="Names by which browsers may call it, such as voice.example.org."
    )
    origins: Texts = Field(
        default=(), description="Other sites whose pages may use it: https://ha.example.org."
    )
    ingress: Annotated[
        tuple[Annotated[str, AfterValidator(_checked_ip)], ...], Listed, NoDecode
    ] = Field(
        default=(),
        description="Addresses of Home Assistant's ingress, which has asked who it is.",
    )
    tls_certificate: UserPath | None = Field(
        default=None, description="File of the certificate and its chain (PEM); unset: no TLS."
    )
    tls_key: KeyFile = None
    connections: Connections = 256
    text_limit: TextLength = 20_000
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_checked_network)], ...], Listed, NoDecode
    ] = Field(
        default=(),
        description="Proxies that are believed who their clients are: addresses and networks.",
    )
    requests: float = Field(
        default=20.0,
        gt=0,
        le=100_000,
        description="Requests a second of one client; this machine's own are not counted.",
    )
    burst: int = Field(
        default=200, ge=1, le=1_000_000, description="Requests of one client at once after a rest."
    )
    sessions: int = Field(
        default=128, ge=1, le=65_536, description="Sessions at a time, WebSockets and WebRTC."
    )
    sessions_per_client: int = Field(
        default=32,
        ge=1,
        le=65_536,
        description="Of those, of one client; this machine's own are not counted.",
    )
    peers: int = Field(default=32, ge=1, le=1024, description="Sessions over WebRTC at a time.")
    stun: Texts = Field(
        default=(), description="What tells WebRTC its address outside: stun:HOST:PORT."
    )
    turn: str | None = Field(
        default=None, description="What carries WebRTC where nothing else does: turn:HOST:PORT."
    )
    turn_username: str | None = Field(default=None, description="Who we are there.")
    turn_password: SecretStr | None = Field(default=None, description="And its password.")

    @property
    def address(self) -> Address | None:
        """Where it listens; None: nowhere."""
        return None if self.listen == "off" else Address.parse(f"tcp://{self.listen}")


def _checked_level(text: str) -> str:
    if set(text) & set("+#\0") or text.startswith(("/", "$")) or text.endswith("/"):
        raise ValueError(f"must be the beginning of an MQTT topic, not {text!r}")
    return text


Prefix = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_checked_level)]


class MqttSettings(Section):
    """MQTT: where the broker is, and how the house is shown."""

    host: str | None = Field(
        default=None, min_length=1, description="The broker's name or address; unset: no MQTT."
    )
    port: int | None = Field(
        default=None, ge=1, le=65_535, description="Its port; unset: 1883, or 8883 with TLS."
    )
    username: str | None = Field(default=None, description="Who we are to the broker.")
    password: SecretStr | None = Field(default=None, description="Better in a file.")
    password_file: UserPath | None = Field(
        default=None, description="File with the password, read at each attempt to connect."
    )
    tls: bool = Field(default=False, description="Whether the connection is encrypted.")
    tls_ca: UserPath | None = Field(
        default=None, description="File of who signs the broker's certificate; unset: the system's."
    )
    tls_certificate: UserPath | None = Field(
        default=None, description="File of our certificate (PEM), if the broker wants one."
    )
    tls_key: KeyFile = None
    prefix: Prefix = Field(default="wyoming-indextts", description="What our topics begin with.")
    node: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = Field(
        default=None,
        description="This server's level below it; unset: by its name on the network.",
    )
    discovery: bool = Field(default=True, description="Whether Home Assistant is told of us.")
    discovery_prefix: Prefix = Field(
        default="homeassistant", description="As in Home Assistant's own MQTT options."
    )
    language: Literal["en", "zh-Hans"] = Field(
        default="en", description="Of the names of the entities."
    )
    message_expiry: bool = Field(
        default=True,
        description="Whether what a button sends expires; off if Home Assistant speaks MQTT 3.1.1.",
    )
    session_expiry: int = Field(
        default=30,
        ge=0,
        le=86_400,
        description="Seconds for which the broker keeps commands while we are away.",
    )
    max_age: float = Field(
        default=30.0,
        gt=0,
        le=86_400,
        description="Seconds after which a command that says when it was sent is too old.",
    )


class SupervisorSettings(Section):
    """Home Assistant's Supervisor, where this runs as an app of its."""

    token: SecretStr | None = Field(
        default=None, description="What it knows us by; unset: SUPERVISOR_TOKEN, or none is there."
    )
    url: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+$")] = Field(
        default=SUPERVISOR, description="Where it is."
    )
    discovery: bool = Field(default=True, description="Whether Home Assistant is told of us.")
    mqtt: bool = Field(
        default=True, description="Whether its MQTT broker is used where mqtt.host names none."
    )
