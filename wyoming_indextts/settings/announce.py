"""What can be set of announcements: where they are heard, and how."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr, model_validator

from wyoming_indextts.settings.edges import Uri
from wyoming_indextts.settings.section import Section, Texts, UserPath
from wyoming_indextts.speech.quiet_hours import QuietHours

ALL: Final = "all"
"""The group of all targets, which nobody else may be called."""

ENTITY: Final = r"^(assist_satellite|media_player)\.[a-z0-9_]{1,128}$"
"""Entities of Home Assistant's that can be heard."""

Name = Annotated[str, Field(pattern=r"^[^\W_][\w -]{0,63}$")]
"""Of a target or a group: letters and digits of any language, spaces, `_` and `-`."""


def _checked_hours(text: str) -> str:
    QuietHours.parse(text)
    return text


class TargetSettings(Section):
    """One place where announcements are heard."""

    snd: Uri | None = Field(default=None, description="A Wyoming snd service: tcp://HOST:PORT.")
    hub: Annotated[str, Field(pattern=ENTITY)] | None = Field(
        default=None, description="An entity of Home Assistant's: media_player.kitchen."
    )
    link: bool = Field(
        default=False, description="Whether an event says where the sound is, for an automation."
    )
    local: bool = Field(default=False, description="Whether it is this machine's sound card.")
    gain: float = Field(
        default=0.0, ge=-40, le=20, description="How much louder than others it plays, in dB."
    )

    @model_validator(mode="after")
    def _is_one_thing(self) -> "TargetSettings":
        if sum((self.snd is not None, self.hub is not None, self.link, self.local)) != 1:
            raise ValueError("must have one of snd, hub, link and local")
        return self


class HubSettings(Section):
    """Home Assistant, where it plays announcements."""

    url: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$")] | None = Field(
        default=None, description="Where it is: http://homeassistant.local:8123."
    )
    token: SecretStr | None = Field(default=None, description="A long-lived access token of its.")
    token_file: UserPath | None = Field(
        default=None, description="File with the token, read for each announcement."
    )


class AnnounceSettings(Section):
    """Announcements: their targets, and what holds where one says nothing else."""

    chime: bool = Field(default=True, description="Whether two notes go before the words.")
    quiet_hours: Annotated[str, AfterValidator(_checked_hours)] | None = Field(
        default=None,
        description="When only critical ones are heard, such as 22:00-07:00; unset: never.",
    )
    expires: float = Field(
        default=300.0, ge=1, le=86_400, description="Seconds for which one may wait for its turn."
    )
    waiting: int = Field(
        default=32, ge=1, le=1_000, description="How many may wait for one target."
    )
    usual: Texts = Field(
        default=(ALL,), min_length=1, description="Targets and groups of those that name none."
    )
    url: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$")] | None = Field(
        default=None,
        description="Where speakers fetch sound: http://192.168.1.9:8080; unset: our address.",
    )
    hub: HubSettings = Field(
        default=HubSettings(), description="Home Assistant, where it plays announcements."
    )
    groups: Mapping[Name, tuple[str, ...]] = Field(
        default={}, description="Names of targets by the name of their group."
    )
    targets: Mapping[Name, TargetSettings] = Field(
        default={}, description="Where they are heard, by name."
    )

    @model_validator(mode="after")
    def _names_mean_something(self) -> "AnnounceSettings":
        for complaint in self._complaints():
            raise ValueError(complaint)
        return self

    def _complaints(self) -> Iterator[str]:
        for group, names in self.groups.items():
            if group in self.targets:
                yield f"{group!r} is the name of a target and of a group"
            for name in names:
                if name not in self.targets:
                    yield f"the group {group!r} names {name!r}, which is no target"
        if ALL in self.targets or ALL in self.groups:
            yield f"{ALL!r} is the group of all targets; call yours something else"
        for name, target in self.targets.items():
            if target.hub and not (self.hub.url and (self.hub.token or self.hub.token_file)):
                yield f"the target {name!r} needs announce.hub.url and announce.hub.token_file"
        for name in self.usual:
            if name != ALL and name not in self.targets and name not in self.groups:
                yield f"usual names {name!r}, which is no target and no group"
