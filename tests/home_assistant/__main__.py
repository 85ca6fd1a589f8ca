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
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="take the documents' pictures of it instead, into this folder",
    )
    parsed = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("Home Assistant gets a root folder and a network of its own: run this as root")
    root = installed(parsed.cache.resolve())
    with cabled([f"{HUB}/24"], [f"{VOICE}/24"]) as (hub, voice):
        part = "pictures" if parsed.pictures else "journey"
        told = [root, parsed.cache / "voice", voice.namespace]
        told += [parsed.pictures.resolve()] if parsed.pictures else []
        return subprocess.run(  # noqa: S603 - our own
            ("ip", "netns", "exec", hub.namespace, sys.executable, "-m",  # noqa: S607 - cabled looked for it
             f"tests.home_assistant.{part}", *map(str, told)),
            check=False,
        ).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
