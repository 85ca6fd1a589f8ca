"""What can be set: each setting with its unit, its range and its default."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from wyoming_indextts.edges.wyoming.neighbourhood import NEIGHBOURS, checked_wish
from wyoming_indextts.settings.places import CACHE_DIR, default_data_dir

PREFIX: Final = "WYOMING_INDEXTTS_"
"""What the names of this program's environment variables begin with."""


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
UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path; `~` is the user's home and a relative one begins at the current directory."""


def _listed(value: object) -> object:
    """Return what a variable of the environment lists between commas as a list."""
    return [item.strip() for item in value.split(",")] if isinstance(value, str) else value


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        wanted = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and wanted in (int, float, int | None, float | None):
            raise ValueError("must be a number, not true or false")
        return value


class WyomingSettings(_Section):
    """The Wyoming server: where it listens and what it bears."""

    uri: Uri = Field(default="tcp://0.0.0.0:10200", description="Where to listen: tcp://HOST:PORT.")
    connections: int = Field(default=256, ge=1, le=65_536, description="Connections at a time.")
    connections_per_address: int = Field(
        default=64,
        ge=1,
        le=65_536,
        description="Of those, from one address; this machine's own are not counted.",
    )
    allow: Annotated[
        tuple[Annotated[str, AfterValidator(checked_wish)], ...], BeforeValidator(_listed), NoDecode
    ] = Field(
        default=(NEIGHBOURS,),
        description='Who may connect: networks, or "neighbours", "private", "all".',
    )
    text_limit: int = Field(
        default=20_000, ge=1, le=1_000_000, description="Characters of one utterance's text."
    )
    text_idle_timeout: float = Field(
        default=180.0,
        ge=1,
        le=86_400,
        description="Seconds a text stream may stay silent before it ends with an error.",
    )
    zeroconf: bool | str = Field(
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


def _checked_listen(text: str) -> str:
    if text != "off":
        try:
            Address.parse(f"tcp://{text}")
        except ValueError:
            raise ValueError(f"must be HOST:PORT or off, not {text!r}") from None
    return text


Listed = BeforeValidator(_listed)


class HttpSettings(_Section):
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
    hosts: Annotated[tuple[str, ...], Listed, NoDecode] = Field(
        default=(), description="Names by which browsers may call it, such as voice.example.org."
    )
    origins: Annotated[tuple[str, ...], Listed, NoDecode] = Field(
        default=(), description="Other sites whose pages may use it: https://ha.example.org."
    )
    tls_certificate: UserPath | None = Field(
        default=None, description="File of the certificate and its chain (PEM); unset: no TLS."
    )
    tls_key: UserPath | None = Field(
        default=None, description="File of its key (PEM); unset: it is in the same file."
    )
    connections: int = Field(default=256, ge=1, le=65_536, description="Connections at a time.")
    text_limit: int = Field(
        default=20_000, ge=1, le=1_000_000, description="Characters of one utterance's text."
    )

    peers: int = Field(default=32, ge=1, le=1024, description="Sessions over WebRTC at a time.")
    stun: Annotated[tuple[str, ...], Listed, NoDecode] = Field(
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


class LeadInSettings(_Section):
    """Silence in front of an utterance, by who asks for it."""

    wyoming: int = Field(default=0, ge=0, le=5_000, description="Milliseconds; Wyoming clients.")
    say: int = Field(default=0, ge=0, le=5_000, description="Milliseconds; say without a server.")


class SpeechSettings(_Section):
    """How many are served, and how an utterance begins."""

    speaking: int = Field(default=2, ge=1, le=64, description="Utterances spoken at once.")
    waiting: int = Field(
        default=32, ge=0, le=10_000, description="Utterances that may wait for their turn."
    )
    lead_in_ms: LeadInSettings = Field(
        default=LeadInSettings(),
        description="Silence in front, for speakers that swallow the first syllable.",
    )


class StageSettings(_Section):
    """How the house speaks until somebody asks for something else."""

    emotion: str | None = Field(
        default=None, description="A preset of emotions.toml; unset: the voice's own."
    )
    intensity: float = Field(default=1.0, ge=0, le=1, description="Of the emotion, 0 to 1.")
    speed: float = Field(default=1.0, ge=0.5, le=2, description="Factor of the voice's pace.")
    volume: float = Field(default=1.0, ge=0, le=2, description="Factor of the loudness.")


class EmbeddedSettings(_Section):
    """The embedded voice."""

    model_file: UserPath | None = Field(
        default=None, description="Another export of Kokoro (ONNX); unset: the installed one."
    )
    voices_dir: UserPath | None = Field(
        default=None, description="A folder of official Kokoro voices; unset: none."
    )
    threads: int = Field(default=2, ge=1, le=64, description="CPU threads that compute speech.")


class IndexTTS2Settings(_Section):
    """IndexTTS2, on a graphics card or slowly on a CPU."""

    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where it runs; auto: on a card if there is one."
    )
    precision: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        default="auto", description="Of its numbers; auto: float16 on a card, else float32."
    )
    steps: int = Field(
        default=25, ge=1, le=100, description="Of the flow; fewer are faster and less exact."
    )
    guidance: float = Field(
        default=0.7, ge=0, le=3, description="How closely the flow follows voice and words."
    )
    mode: Literal["streaming", "segment"] = Field(
        default="streaming",
        description="Whether sound begins inside the sentence, or whole segments are made.",
    )
    positions: Literal["reference", "training"] = Field(
        default="reference",
        description="Of codes while they are drawn: as the reference counts, or as in training.",
    )
    best_seconds: bool = Field(
        default=True,
        description="Whether a voice is known by the best 3 to 6 seconds of its clip, not by 15.",
    )
    fallback: bool = Field(
        default=True, description="Whether the embedded voice speaks while it cannot."
    )


class ProcessSettings(_Section):
    """The process that the engine runs in."""

    in_process: bool = Field(
        default=False, description="Whether the engine runs inside the server's own process."
    )
    step_timeout: float = Field(
        default=20.0, ge=1, le=600, description="Seconds of silence after which it is hung."
    )
    load_timeout: float = Field(
        default=120.0, ge=5, le=3_600, description="Seconds that loading the engine may take."
    )
    idle_unload: float | None = Field(
        default=None,
        ge=10,
        le=604_800,
        description="Seconds without speech after which it ends until it is wanted; unset: never.",
    )
    memory_limit: int | None = Field(
        default=None,
        ge=64,
        description="Megabytes above which it is replaced when idle; unset: no limit.",
    )


def _checked_level(text: str) -> str:
    if set(text) & set("+#\0") or text.startswith(("/", "$")) or text.endswith("/"):
        raise ValueError(f"must be the beginning of an MQTT topic, not {text!r}")
    return text


Prefix = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_checked_level)]


class MqttSettings(_Section):
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
    tls_key: UserPath | None = Field(
        default=None, description="File of its key (PEM); unset: it is in the same file."
    )
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
        default=60,
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


class Settings(BaseSettings):
    """All settings. `Settings()` is the defaults; `load` reads what the user has set."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__"
    )

    engine: Literal["auto", "embedded", "indextts2"] = Field(
        default="auto", description="What makes the speech."
    )
    voice: str | None = Field(
        default=None, description="The default voice; unset: the first there is."
    )
    accept_licence: bool = Field(
        default=False,
        description="Whether IndexTTS2's licences are accepted, and its weights downloaded.",
    )
    debug: bool = Field(default=False, description="Whether the log tells every step.")
    data_dir: UserPath = Field(
        default_factory=default_data_dir,
        description="Folder of what the user adds; unset: the system's place for such.",
    )
    cache_dir: UserPath = Field(
        default=CACHE_DIR, description="Folder of large files that can be made or fetched again."
    )
    config: Path | None = Field(
        default=None, description="The file the settings were read from; not a key of it."
    )
    wyoming: WyomingSettings = WyomingSettings()
    http: HttpSettings = HttpSettings()
    speech: SpeechSettings = SpeechSettings()
    stage: StageSettings = StageSettings()
    embedded: EmbeddedSettings = EmbeddedSettings()
    indextts2: IndexTTS2Settings = IndexTTS2Settings()
    process: ProcessSettings = ProcessSettings()
    mqtt: MqttSettings = MqttSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - same
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is handed over and nothing else: `load` knows where each value came from."""
        return (init_settings,)
