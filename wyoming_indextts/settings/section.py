"""What all sections of the settings share."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path; `~` is the user's home and a relative one begins at the current directory."""


def _listed(value: object) -> object:
    """Return what a variable of the environment lists between commas as a list."""
    return [item.strip() for item in value.split(",")] if isinstance(value, str) else value


Listed = BeforeValidator(_listed)

Texts = Annotated[tuple[str, ...], Listed, NoDecode]
"""Any number of texts; in the environment with commas between them."""

Connections = Annotated[int, Field(ge=1, le=65_536, description="Connections at a time.")]

TextLength = Annotated[
    int, Field(ge=1, le=1_000_000, description="Characters of one utterance's text.")
]

KeyFile = Annotated[
    UserPath | None, Field(description="File of its key (PEM); unset: it is in the same file.")
]
"""Beside that of a certificate."""


class Section(BaseModel):
    """A section: unknown keys are errors, and truth is no number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        wanted = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and wanted in (int, float, int | None, float | None):
            raise ValueError("must be a number, not true or false")
        return value
