"""What can be set: each setting with its unit, its range and its default."""

from pathlib import Path
from typing import Final, Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from wyoming_indextts.kokoro.options import Arithmetic
from wyoming_indextts.settings.announce import AnnounceSettings
from wyoming_indextts.settings.audit import AuditSettings
from wyoming_indextts.settings.edges import (
    HttpSettings,
    MqttSettings,
    SupervisorSettings,
    WyomingSettings,
)
from wyoming_indextts.settings.far_side import RemoteSettings
from wyoming_indextts.settings.places import CACHE_DIR, default_data_dir
from wyoming_indextts.settings.section import Section, UserPath

PREFIX: Final = "WYOMING_INDEXTTS_"
"""What the names of this program's environment variables begin with."""


class LeadInSettings(Section):
    """Silence in front of an utterance, by who asks for it."""

    wyoming: int = Field(default=0, ge=0, le=5_000, description="Milliseconds; Wyoming clients.")
    say: int = Field(default=0, ge=0, le=5_000, description="Milliseconds; say without a server.")


class SpeechSettings(Section):
    """How many are served, and how an utterance begins."""

    speaking: int = Field(default=2, ge=1, le=64, description="Utterances spoken at once.")
    waiting: int = Field(
        default=32, ge=0, le=10_000, description="Utterances that may wait for their turn."
    )
    lead_in_ms: LeadInSettings = Field(
        default=LeadInSettings(),
        description="Silence in front, for speakers that swallow the first syllable.",
    )


class StageSettings(Section):
    """How the house speaks until somebody asks for something else."""

    emotion: str | None = Field(
        default=None, description="A preset of emotions.toml; unset: the voice's own."
    )
    intensity: float = Field(default=1.0, ge=0, le=1, description="Of the emotion, 0 to 1.")
    speed: float = Field(default=1.0, ge=0.5, le=2, description="Factor of the voice's pace.")
    volume: float = Field(default=1.0, ge=0, le=2, description="Factor of the loudness.")


class EmbeddedSettings(Section):
    """The embedded voice."""

    model_file: UserPath | None = Field(
        default=None, description="Another export of Kokoro (ONNX); unset: the installed one."
    )
    voices_dir: UserPath | None = Field(
        default=None, description="A folder of official Kokoro voices; unset: none."
    )
    threads: int = Field(default=2, ge=1, le=64, description="CPU threads that compute speech.")
    arithmetic: Arithmetic = Field(
        default="auto", description="What it computes in; auto: integers below 2 GB of memory."
    )


class IndexTTS2Settings(Section):
    """IndexTTS2, on a graphics card or slowly on a CPU."""

    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where it runs; auto: on a card if there is one."
    )
    precision: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        default="auto",
        description="Of its numbers; auto: float16 on a card, on a CPU float32 or bfloat16.",
    )
    quality: Literal["auto", "reference", "balanced", "fast"] = Field(
        default="auto",
        description="Of the flow: 25 steps as the reference, 16, or 10; auto: as the card allows.",
    )
    steps: int | None = Field(
        default=None, ge=1, le=100, description="Of the flow; unset: as quality says."
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
    graphs: bool = Field(
        default=True,
        description="Whether a card records the steps it takes again and again (CUDA graphs).",
    )
    weights: Literal["plain", "int8"] = Field(
        default="plain",
        description="Of the language model; int8: half the memory of float16, a little less exact.",
    )
    slots: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Sentences that decode together; unset: 1 on a CPU, on a card by its memory.",
    )
    best_seconds: bool = Field(
        default=True,
        description="Whether a voice is known by the best 3 to 6 seconds of its clip, not by 15.",
    )
    prompt_seconds: float | None = Field(
        default=None,
        ge=3,
        le=6,
        description="The most that best_seconds keeps; unset: 3 to 6, as the card allows.",
    )
    idle_unload: float | None = Field(
        default=None,
        ge=0,
        le=604_800,
        description="Seconds without its speech until it gives the card back, 0: never; unset: as"
        " process.idle_unload.",
    )
    fallback: bool = Field(
        default=True, description="Whether the embedded voice speaks while it cannot."
    )


class ProcessSettings(Section):
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


class Settings(BaseSettings):
    """All settings. `Settings()` is the defaults; `load` reads what the user has set."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__"
    )

    engine: Literal["auto", "embedded", "indextts2", "remote"] = Field(
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
    app_options: UserPath | None = Field(
        default=None,
        description="The options of Home Assistant's app; unset: /data/options.json under its"
        " Supervisor. Not a key of the file.",
    )
    wyoming: WyomingSettings = WyomingSettings()
    http: HttpSettings = HttpSettings()
    speech: SpeechSettings = SpeechSettings()
    stage: StageSettings = StageSettings()
    embedded: EmbeddedSettings = EmbeddedSettings()
    indextts2: IndexTTS2Settings = IndexTTS2Settings()
    remote: RemoteSettings = RemoteSettings()
    process: ProcessSettings = ProcessSettings()
    mqtt: MqttSettings = MqttSettings()
    announce: AnnounceSettings = AnnounceSettings()
    audit: AuditSettings = AuditSettings()
    supervisor: SupervisorSettings = SupervisorSettings()

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
