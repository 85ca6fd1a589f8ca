"""What is recorded of who did what."""

from pydantic import Field

from wyoming_indextts.settings.section import Section


class AuditSettings(Section):
    """The audit log, audit.jsonl in the data folder."""

    enabled: bool = Field(
        default=True,
        description="Whether it is recorded who enrolled, spoke, changed, or may not.",
    )
    text: bool = Field(
        default=False, description="Whether what was said is recorded in words, not by hash alone."
    )
    megabytes: int = Field(
        default=10, ge=1, le=1_000, description="Size at which a file is followed by the next one."
    )
    files: int = Field(default=5, ge=2, le=1_000, description="Files that are kept, the newest.")
