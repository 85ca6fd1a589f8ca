"""What can be set of an engine that is another wyoming-indextts."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from wyoming_indextts.remote.options import websocket_url
from wyoming_indextts.settings.section import Section, UserPath


def _checked_url(url: str) -> str:
    websocket_url(url)
    return url


class RemoteSettings(Section):
    """Another wyoming-indextts that speaks for this one: where it is, and how it is asked."""

    url: Annotated[str, AfterValidator(_checked_url)] | None = Field(
        default=None, description="Its HTTP address: ws://HOST:PORT, wss://, http:// or https://."
    )
    token: SecretStr | None = Field(
        default=None, description="One of its tokens, with the scope speak; better in a file."
    )
    token_file: UserPath | None = Field(
        default=None, description="File with the token, read at each attempt to connect."
    )
    tls_ca: UserPath | None = Field(
        default=None, description="File of who signed its certificate (PEM); unset: the system's."
    )
    fallback: bool = Field(
        default=True, description="Whether the embedded voice speaks while it is away."
    )
    connect_timeout: float = Field(
        default=5.0, ge=0.5, le=60, description="Seconds that connecting may take."
    )
    silence: float = Field(
        default=0.6,
        ge=0.25,
        le=10,
        description="Seconds without a sign of life after which it is not waited for.",
    )
    sound_timeout: float = Field(
        default=10.0,
        ge=1,
        le=600,
        description="Seconds without sound after which a sentence has failed.",
    )
