"""A stand-in for the hub on loopback: it speaks what huggingface_hub and our own fetching need.

As on the real one, large files have a SHA-256 as ETag and come from another host after a redirect
that offers xet as well; small ones have git's SHA-1 and come at once. It misbehaves as it is told.
"""

import hashlib
import re
import socket
import struct
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import unquote, urlsplit

from wyoming_indextts.store.weights import MODELS

COMMIT: Final = "c0ffee" * 6 + "abcd"

LARGE: Final = 10_000
"""Bytes from which on a file is a large one."""


@dataclass(frozen=True, slots=True)
class Status:
    """Answers with an error."""

    code: int
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Ends the connection after so many bytes, as a reset or as if all were well."""

    after: int
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """Says another size."""

    size: int


@dataclass(frozen=True, slots=True)
class Instead:
    """Sends other bytes."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Slow:
    """Sends 1000 bytes, waits, and so on."""

    pause: float


@dataclass(frozen=True, slots=True)
class Silent:
    """Does not answer before the stand-in ends."""


@dataclass(frozen=True, slots=True)
class Rangeless:
    """Sends the whole file, whatever part is asked for."""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Sends less than what is asked for, and says so."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Gives an ETag that tells nothing, and perhaps another size."""

    etag: str
    size: int | None = None


Fault = Status | Drop | Promise | Instead | Slow | Silent | Rangeless | Misplaced | Tag


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    name: str
    headers: Mapping[str, str]

    @property
    def range(self) -> str | None:
        return self.headers.get("range")


@dataclass(slots=True)
class StandIn:
    """Holds contents by REPOSITORY/NAME; each fault meets one request for its file, in order."""

    contents: MutableMapping[str, bytes]
    heads: dict[str, list[Fault]] = field(default_factory=dict)
    gets: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def fetched(self, name: str) -> list[str | None]:
        """Return the ranges that were asked for of a file, None for all of it."""
        return [a.range for a in self.asked if a.method == "GET" and a.name.endswith(name)]


def contents(model: str = "indextts2") -> dict[str, bytes]:
    """Return contents for all files of a model: `gpt.pth` is large, others are small."""
    made = {f"{file.repository}/{file.name}": file.name.encode() * 9 for file in MODELS[model]}
    large = {name: b"".join(i.to_bytes(4) for i in range(75_000)) for name in made if "gpt" in name}
    return made | large


@contextmanager
def standing_in(held: MutableMapping[str, bytes] | None = None) -> Iterator[StandIn]:
    """Give a stand-in that listens; leaving ends it, and whoever still waits for it."""
    hub = StandIn(contents() if held is None else held)
    handler = type("_Bound", (_Handler,), {"hub": hub})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, args=(0.01,), name="hub")
        serving.start()
        try:
            yield hub
        finally:
            hub.ended.set()
            server.shutdown()
            serving.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hub: StandIn

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(self.hub.heads)

    def do_GET(self) -> None:
        self._answer(self.hub.gets)

    def _answer(self, faults: Mapping[str, list[Fault]]) -> None:
        path = unquote(urlsplit(self.path).path)
        on_hub = re.fullmatch(r"/([\w.-]+/[\w.-]+)/resolve/(\w+)/(.+)", path)
        name = f"{on_hub[1]}/{on_hub[3]}" if on_hub else path.removeprefix("/cdn/")
        headers = {key.lower(): value for key, value in self.headers.items()}
        content = self.hub.contents.get(name)
        # main has always moved on by the time that bytes are asked for
        is_known = not on_hub or on_hub[2] == ("main" if self.command == "HEAD" else COMMIT)
        redirects = bool(on_hub and content is not None and len(content) >= LARGE)
        fault = None
        if not redirects or self.command == "HEAD":
            self.hub.asked.append(Asked(self.command, name, headers))
            queue = faults.get(name)
            fault = queue.pop(0) if queue else None
        if content is None or not is_known:
            self._send(404, {"X-Error-Code": "EntryNotFound"})
            return
        match fault:
            case Silent():
                self.hub.ended.wait()
                self.close_connection = True
            case Status(code, retry_after):
                self._send(code, {"Retry-After": retry_after} if retry_after else {})
            case Tag(etag, size):
                told = {"ETag": etag, "X-Repo-Commit": COMMIT}
                self._send(200, told | {"Content-Length": str(size or len(content))})
            case _ if self.command == "HEAD" or redirects:
                size = fault.size if isinstance(fault, Promise) else len(content)
                self._tell(name, content, size, redirects=redirects)
            case _:
                self._serve(content, fault)

    def _tell(self, name: str, content: bytes, size: int, *, redirects: bool) -> None:
        told = {"X-Repo-Commit": COMMIT}
        if redirects:
            sha256 = hashlib.sha256(content).hexdigest()
            told |= {
                "X-Linked-Etag": f'"{sha256}"',
                "X-Linked-Size": str(size),
                "X-Xet-Hash": sha256,
                "Link": f'<{self.hub.url}/xet>; rel="xet-auth"',
                "Location": f"{self.hub.url.replace('127.0.0.1', 'localhost')}/cdn/{name}",
            }
            self._send(302, told)
            return
        sha1 = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
        self._send(200, told | {"ETag": f'"{sha1.hexdigest()}"', "Content-Length": str(size)})

    def _serve(self, content: bytes, fault: Fault | None) -> None:
        if isinstance(fault, Instead):
            content = fault.content
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted and not isinstance(fault, Rangeless) else 0
        if start and start >= len(content):
            self._send(416, {"Content-Range": f"bytes */{len(content)}"})
            return
        if isinstance(fault, Misplaced):
            start += 7
        length = len(content) - start
        headers = {"Content-Length": str(length)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if start else 200, headers)
        body = content[start:]
        match fault:
            case Drop(after, reset):
                self.wfile.write(body[:after])
                self._hang_up(reset=reset)
            case Slow(pause):
                self._trickle(body, pause)
            case _:
                self.wfile.write(body)

    def _trickle(self, body: bytes, pause: float) -> None:
        for at in range(0, len(body), 1000):
            try:
                self.wfile.write(body[at : at + 1000])
            except OSError:
                self.close_connection = True
                return
            if self.hub.ended.wait(pause):
                return

    def _hang_up(self, *, reset: bool) -> None:
        self.wfile.flush()
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _send(self, code: int, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for key, value in headers.items():
            self.send_header(key, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", "0")
        self.end_headers()
