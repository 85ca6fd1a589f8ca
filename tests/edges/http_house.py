"""An HTTP server on a free loopback port, and clients to talk to it."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Final

import aiohttp
import av
import numpy as np
from numpy.typing import NDArray

from tests.edges import http_contract as contract
from tests.house import casting, speaking
from tests.tone import ToneEngine
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.server import HttpServer, Served
from wyoming_indextts.enrolments import Enrolments
from wyoming_indextts.speech.casting import Casting
from wyoming_indextts.speech.deeds import Deed
from wyoming_indextts.speech.links import Links
from wyoming_indextts.speech.speaker import Speaker, SpeakerOptions
from wyoming_indextts.speech.vitals import Dials, Lack, Toll, Vitals
from wyoming_indextts.speech.voices import Voices
from wyoming_indextts.store.voices import Shelf, voices_of

PATIENCE: Final = 10.0
"""Seconds that a test waits for anything."""

SLOW: Final = Lack("This machine is too slow.", "这台机器太慢。")
"""What the machine of some tests cannot do."""

ON_A_SLOW_MACHINE: Final = Dials(
    engines=lambda: [
        Vitals("one", ready=True, busy=0, losses=0, memory=0, real_time_factor=2.0, toll=Toll()),
        Vitals("two", ready=True, busy=0, losses=0, memory=0, real_time_factor=2.0, toll=Toll(),
               lack=SLOW),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class House:
    """What a test may look at; `client` talks to the server."""

    url: str
    port: int
    engine: ToneEngine
    speaker: Speaker
    cast: Casting
    server: HttpServer
    client: aiohttp.ClientSession
    links: Links
    deeds: list[Deed]
    """What was put on record."""
    down: Callable[[], Coroutine[None, None, None]]
    """Ends the server; what leaving the block does too, once the client has gone."""

    async def error(self, method: str, path: str, **more: object) -> tuple[int, str]:
        """Return status and code of an answer, which is an error as every client reads it."""
        async with self.client.request(method, path, **more) as answer:  # type: ignore[arg-type]
            body = await answer.json()
            if "X-Request-Id" in answer.headers:  # a route of ours has answered
                content = await answer.read()
                path = answer.url.raw_path
                contract.check(method, path, answer.status, answer.headers, content)
        assert body.keys() == {"error"} and body["error"].keys() == {"code", "message"}
        assert body["error"]["message"]
        assert "Traceback" not in body["error"]["message"]
        return answer.status, body["error"]["code"]

    async def sound(self, method: str, path: str, **more: object) -> bytes:
        """Return the body of an answer that is speech."""
        async with self.client.request(method, path, **more) as answer:  # type: ignore[arg-type]
            assert answer.status == 200, await answer.text()
            return await answer.read()

    async def emptied(self) -> None:
        """Wait until nobody is connected and nothing is spoken."""
        async with asyncio.timeout(PATIENCE):
            while self.server.connections or self.speaker.live:
                await asyncio.sleep(0.005)

    async def emptied_sessions(self) -> None:
        """Wait until no WebSocket is held."""
        async with asyncio.timeout(PATIENCE):
            while self.server.sessions:
                await asyncio.sleep(0.005)

    async def silent(self) -> None:
        """Wait until nothing is spoken."""
        async with asyncio.timeout(PATIENCE):
            while self.speaker.live:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(  # noqa: PLR0913 - a whole house, by name
    engine: ToneEngine | None = None,
    options: HttpOptions | None = None,
    *,
    limits: SpeakerOptions | None = None,
    ready: bool = True,
    host: str = "127.0.0.1",
    port: int = 0,
    enrolled: Path | None = None,
    dials: Dials | None = None,
    certificate: Path | None = None,
) -> AsyncGenerator[House, None]:
    """Serve with the real speaker around a tone engine; with a certificate, over TLS.

    The key lies beside the certificate, as `.key`. Voices are enrolled in the folder `enrolled`.
    """
    tls = trust = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate, certificate.with_suffix(".key"))
        trust = ssl.create_default_context(cafile=certificate)
    engine = engine or ToneEngine()
    cast = casting()
    deeds: list[Deed] = []
    spoken = speaking(engine, cast=cast, options=limits, rate=engine.rate, record=deeds.append)
    async with spoken as speaker:
        links = Links()
        served = Served(
            speaker, cast, lambda: ready, links, record=deeds.append, dials=dials or Dials()
        )
        if enrolled:
            served = replace(served, enrolment=_enrolments(enrolled, cast.voices))
        server = HttpServer(served, options)
        async with AsyncExitStack() as up:
            ((host, port),) = await up.enter_async_context(server.listen(host, port, tls))
            url = f"{'https' if tls else 'http'}://{host}:{port}"
            limit = aiohttp.ClientTimeout(PATIENCE)
            connector = aiohttp.TCPConnector(ssl=trust) if trust else None
            async with aiohttp.ClientSession(url, timeout=limit, connector=connector) as client:
                yield House(
                    url, port, engine, speaker, cast, server, client, links, deeds, up.aclose
                )


def _enrolments(folder: Path, voices: Voices) -> Enrolments:
    def changed(shelf: Shelf) -> None:
        voices.replace([*voices.embedded, *voices_of(shelf, voices.embedded)])

    return Enrolments(folder, voices, changed)


def decoded(content: bytes) -> tuple[NDArray[np.float32], int, dict[str, str]]:
    """Return samples, rate and tags of a file, as ffmpeg reads it."""
    with av.open(BytesIO(content), "r") as file:
        stream = file.streams.audio[0]
        frames = list(file.decode(audio=0))
        tags = {**file.metadata, **stream.metadata}
    turned = av.AudioResampler(format="flt", layout="mono")
    parts = [
        part.to_ndarray().reshape(-1)
        for frame in [*frames, None]
        for part in turned.resample(frame)
    ]
    return np.concatenate(parts), frames[0].rate, {k.lower(): v for k, v in tags.items()}
