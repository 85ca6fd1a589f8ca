"""Where a browser gives its token once, and keeps it in a cookie that only this server gets."""

from html import escape
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from wyoming_indextts.edges.http.body import read_bytes
from wyoming_indextts.edges.http.guard import COOKIE, Guard
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.proxies import prefix_of
from wyoming_indextts.edges.http.route import Route
from wyoming_indextts.errors import BadRequestError, SpeechError

YEAR: Final = 365 * 86_400
"""Seconds that a browser keeps its token."""

FORM: Final = 4096
"""Bytes of the longest form."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>wyoming-indextts</title>
</head>
<body>
<main>
<h1>wyoming-indextts</h1>
<p>The server showed a token when it started for the first time. <span lang="zh-CN">\
服务器第一次启动时显示了一个令牌。</span></p>
<p role="alert">{fault}</p>
<form method="post" action="login">
<label>Token <span lang="zh-CN">令牌</span>
<input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>Log in <span lang="zh-CN">登录</span></button>
</form>
</main>
</body>
</html>
"""


class Login:
    """`GET /login` shows a form, `POST /login` takes the token."""

    def __init__(self, guard: Guard, options: HttpOptions) -> None:
        self._guard = guard
        self._options = options

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/login", self._show, None, elsewhere=True),
            Route("POST", "/login", self._take, None),
        ]

    async def _show(self, _: web.Request) -> web.StreamResponse:
        return _page("", 200)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/x-www-form-urlencoded":
            raise BadRequestError("the body must be a form")
        content = await read_bytes(request, FORM, self._options.body_timeout)
        (token,) = parse_qs(content.decode("utf-8", "replace")).get("token", [""])[:1]
        try:
            self._guard.scopes(token.strip(), request.remote or "")
        except SpeechError as error:
            return _page(f"{error.code}: that is not the token; 令牌不对", 401)
        answer = web.Response(status=303, headers={**HEADERS, "Location": "./"})
        answer.set_cookie(
            COOKIE, token.strip(), max_age=YEAR, httponly=True, samesite="Strict",
            secure=request.secure, path=f"{prefix_of(request)}/",
        )  # fmt: skip
        return answer


def _page(fault: str, status: int) -> web.Response:
    text = PAGE.format(fault=escape(fault))
    return web.Response(text=text, content_type="text/html", status=status, headers=HEADERS)
