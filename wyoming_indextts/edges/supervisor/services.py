"""What an app asks the Supervisor for: to be found by Home Assistant, and for its MQTT broker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from wyoming_indextts.edges.supervisor.client import RefusedError, Supervisor, SupervisorError

LONGEST: Final = 1024
"""Characters of a name or password that is believed."""

PORTS: Final = range(1, 65_536)


@dataclass(frozen=True, slots=True)
class Broker:
    """The MQTT broker that another app provides."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)


async def be_found(supervisor: Supervisor, uri: str) -> None:
    """Have Home Assistant told that there is a Wyoming server at `uri`, such as `tcp://HOST:10200`.

    To be done at each start: the Supervisor keeps the message, knows a second one of the same app
    for the same, and tells Home Assistant if the address is another now. It is never taken back
    here: Home Assistant would delete the integration that its user has set up, at every stop. The
    Supervisor takes it back itself when the app is removed.

    Raises:
        SupervisorError: it was not taken.
    """
    body = {"service": "wyoming", "config": {"uri": uri}}
    data = await supervisor.ask("POST", "/discovery", body)
    if not isinstance(data.get("uuid"), str):
        raise SupervisorError("the Supervisor does not say that it has told Home Assistant")


async def broker(supervisor: Supervisor) -> Broker | None:
    """Return the broker that there is; None if no app provides one.

    Raises:
        SupervisorError: the Supervisor is not reached, or what it says is no broker.
    """
    try:
        data = await supervisor.ask("GET", "/services/mqtt")
    except RefusedError:
        return None
    host, port = data.get("host"), _whole(data.get("port"))
    tls = data.get("ssl", False)
    if not (isinstance(host, str) and 0 < len(host) <= LONGEST and port in PORTS):
        raise SupervisorError("the Supervisor names an MQTT broker without host and port")
    if not isinstance(tls, bool):
        raise SupervisorError("the Supervisor does not say whether its MQTT broker wants TLS")
    return Broker(host, port, tls, _text(data, "username"), _text(data, "password"))


async def keep_options(supervisor: Supervisor, options: Mapping[str, object]) -> None:
    """Have the Supervisor keep these as the app's options, in place of those that it has.

    Raises:
        SupervisorError: it does not.
    """
    await supervisor.ask("POST", "/addons/self/options", {"options": dict(options)})


def _whole(value: object) -> int:
    """Return a port, which some brokers give as text; 0 for anything that is none."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) <= len("65535")
    ):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _text(data: Mapping[str, object], name: str) -> str | None:
    """Return a text, None for an empty one.

    Raises:
        SupervisorError: it is something else, or too long.
    """
    value = data.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > LONGEST:
        raise SupervisorError(f"the Supervisor names an MQTT broker with an odd {name}")
    return value
