"""Makes a Home Assistant and two machines, and goes the journey on one of them."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tests.edges.mdns_network import cabled
from tests.home_assistant.installed import installed
from tests.home_assistant.journey import HUB, VOICE


def main() -> int:
    """Return the exit status: 0 if all was well."""
    parser = argparse.ArgumentParser(prog="script/test-home-assistant")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path("/var/cache/wyoming-indextts-tests"),
        help="folder that Home Assistant is kept in (2 GB); default: %(default)s",
    )
    parsed = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("Home Assistant gets a root folder and a network of its own: run this as root")
    root = installed(parsed.cache.resolve())
    with cabled([f"{HUB}/24"], [f"{VOICE}/24"]) as (hub, voice):
        journey = ("-m", "tests.home_assistant.journey", str(root), str(parsed.cache / "voice"))
        return subprocess.run(  # noqa: S603 - our own
            ("ip", "netns", "exec", hub.namespace, sys.executable, *journey, voice.namespace),  # noqa: S607 - cabled looked for it
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
