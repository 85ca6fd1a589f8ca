"""A route: what is answered where, and to whom."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web

from wyoming_indextts.speech.deeds import Action

Scope = Literal["speak", "control", "voices"]
"""What a token allows: to hear speech and lists, to change and stop, to add and remove voices."""

SCOPES: Final[tuple[Scope, ...]] = ("speak", "control", "voices")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one path; `scope` None: for everybody who may connect.

    `elsewhere` says that another site's page may lead here (a link to the page itself). `action`
    is what the record calls a request that does something; those without are not recorded.
    """

    method: str
    path: str
    handler: Handler
    scope: Scope | None
    elsewhere: bool = False
    action: Action | None = None
