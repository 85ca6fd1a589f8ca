"""Whose page asks: browsers say it, and no page can make them say otherwise."""

from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import web


def is_foreign(
    request: web.Request, own: Collection[str], known: Collection[str] = frozenset()
) -> bool:
    """Return whether another site's page has sent a request.

    `own` are the hosts that pages of ours come from, `known` the origins of others that may ask,
    both in small letters.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") == "cross-site"
    host = urlsplit(origin).netloc.lower()
    return not (host and host in own) and origin.lower() not in known
