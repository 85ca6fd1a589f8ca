"""A broker as a careful household runs it: TLS, passwords, and the access list of docs/mqtt.md."""

import re
import ssl
from pathlib import Path
from typing import Any, Final

from tests.edges.mqtt_broker import certificates, passwords
from wyoming_indextts.edges.mqtt.options import BrokerOptions, TlsOptions

DOCS: Final = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text("utf-8")

(OURS,) = re.findall(r"```\n(user tts\n.*?)```", DOCS, re.DOTALL)
"""The lines that the docs want for our user."""

SECRET: Final = "geheim"  # noqa: S105 - a test's


def strict(folder: Path, acl: str = OURS) -> list[str]:
    """Make all the files; return the lines for the broker's configuration.

    `tts` may what `acl` says, `ha` may everything.
    """
    certificates(folder)
    passwords(folder, tts=SECRET, ha=SECRET)
    (folder / "acl").write_text(f"{acl}\nuser ha\ntopic readwrite #\n", "utf-8")
    return [
        "allow_anonymous false",
        "password_file {folder}/passwords",
        "acl_file {folder}/acl",
        "cafile {folder}/ca.pem",
        "certfile {folder}/server.pem",
        "keyfile {folder}/server.key",
    ]


def ours(folder: Path, port: int, password: str = SECRET) -> BrokerOptions:
    """Return how the server comes in."""
    tls = TlsOptions(folder / "ca.pem")
    return BrokerOptions("127.0.0.1", port, "tts", password, tls=tls)


def theirs(folder: Path) -> dict[str, Any]:
    """Return how a guest comes in."""
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    return {"username": "ha", "password": SECRET, "tls_context": context}
