"""Templates as Home Assistant renders them, as far as ours need it."""

import json
from datetime import UTC, datetime
from typing import Final

import jinja2

TEMPLATES: Final = jinja2.Environment(autoescape=False)  # noqa: S701 - Home Assistant's are no HTML
TEMPLATES.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
TEMPLATES.globals["now"] = lambda: datetime.now(UTC)


def rendered(template: str, **values: object) -> str:
    """Return what becomes of a template."""
    return TEMPLATES.from_string(template).render(**values)
