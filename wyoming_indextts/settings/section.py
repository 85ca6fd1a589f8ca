"""What all sections of the settings share."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationInfo,
    field_validator,
)

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path; `~` is the user's home and a relative one begins at the current directory."""


def _listed(value: object) -> object:
    """Return what a variable of the environment lists between commas as a list."""
    return [item.strip() for item in value.split(",")] if isinstance(value, str) else value


Listed = BeforeValidator(_listed)


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
