"""Prints what Home Assistant's own parts that are used here require; runs inside its environment.

Home Assistant would fetch it at its first start, where it has no network here.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from homeassistant import bootstrap, components  # type: ignore[import-not-found]

PARTS = Path(components.__path__[0])

USED = (
    "api",
    "assist_pipeline",
    "config",
    "cloud",
    "hassio",
    "conversation",
    "media_source",
    "mqtt",
    "onboarding",
    "stream",
    "wyoming",
    "zeroconf",
)


def required(part: str, seen: set[str]) -> Iterator[str]:
    """Yield the packages of a part and of all that it stands on."""
    if part in seen:
        return
    seen.add(part)
    manifest = json.loads((PARTS / part / "manifest.json").read_text("utf-8"))
    yield from manifest.get("requirements", ())
    for below in manifest.get("dependencies", ()):
        yield from required(below, seen)


if __name__ == "__main__":
    known: set[str] = set()
    always = {*bootstrap.CORE_INTEGRATIONS, *bootstrap.DEFAULT_INTEGRATIONS}
    packages = {package for part in {*USED, *always} for package in required(part, known)}
    sys.stdout.write("\n".join(sorted(packages)) + "\n")
