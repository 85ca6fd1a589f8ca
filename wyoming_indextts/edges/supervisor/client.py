"""Asks Home Assistant's Supervisor, which has started this program as an app of its.

Every answer is a JSON object: `{"result": "ok", "data": {...}}`, or `{"result": "error",
"message": ...}` with a status of 400 or more. It knows the app by its token. None of what it says
is believed before it was looked at: limits hold for it as for everybody else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp

LARGEST: Final = 64 * 1024
"""Bytes of the longest answer."""

TOLD: Final = 200
"""Characters of the Supervisor's own words that go into the log."""

REFUSALS: Final = range(400, 500)
"""Statuses by which it says that what is asked for is not there, or not allowed."""

NOT_OURS: Final = frozenset({401, 403})
"""Those that mean that this app may not."""


class SupervisorError(Exception):
    """The Supervisor is not reached, or what it says is of no use; one line says which."""


class RefusedError(SupervisorError):
    """The Supervisor has understood, and there is no such thing now."""


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Where it is, and what it knows us by."""

    url: str
    """Without a slash at its end."""

    token: str
    patience: float = 10.0
    """Seconds that a whole answer may take."""

    async def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> Mapping[str, object]:
        """Return the data of one answer.

        Raises:
            RefusedError: it says that there is no such thing.
            SupervisorError: it is not reached, or does not know us, or makes no sense.
        """
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(self.patience)) as client,
                client.request(
                    method,
                    f"{self.url}{path}",
                    json=body,
                    headers={"Authorization": f"Bearer {self.token}"},
                    allow_redirects=False,  # the token is for nobody else
                ) as answer,
            ):
                return _data(answer.status, await _read(answer.content))
        except aiohttp.ClientError as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise SupervisorError(f"the Supervisor is not reached: {reason}") from None
        except TimeoutError:
            raise SupervisorError("the Supervisor does not answer") from None


async def _read(content: aiohttp.StreamReader) -> bytes:
    found = bytearray()
    async for piece in content.iter_any():
        found += piece
        if len(found) > LARGEST:
            raise SupervisorError("the Supervisor's answer is too long")
    return bytes(found)


def _data(status: int, content: bytes) -> Mapping[str, object]:
    """Return what an answer brings; raises as `Supervisor.ask` says."""
    if status in NOT_OURS:
        raise SupervisorError(f"the Supervisor does not let this app ask that ({status})")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise SupervisorError(f"the Supervisor answers {status} and no JSON object")
    if answer.get("result") != "ok":
        told = f"the Supervisor answers {status}: {str(answer.get('message', ''))[:TOLD]}"
        raise RefusedError(told) if status in REFUSALS else SupervisorError(told)
    data = answer.get("data", {})
    if not isinstance(data, dict):
        raise SupervisorError("the Supervisor's answer has no data in it")
    return data
