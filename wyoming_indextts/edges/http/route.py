"""A route: what is answered where, and to whom."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

Scope = Literal["speak", "control", "voices"]
"""What a token allows: to hear speech and lists, to change and stop, to add and remove voices."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one path; `scope` None: for everybody who may connect.

    `elsewhere` says that another site's page may lead here (a link to the page itself).
    """

    method: str
    path: str
    handler: Handler
    scope: Scope | None
    elsewhere: bool = False
