"""An HTTP server in a process of its own, whose memory can be looked at: tones, and no token."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.house import casting, speaking
from tests.tone import ToneEngine
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.server import HttpServer, Served


@dataclass(frozen=True, slots=True)
class Apart:
    """A server that runs."""

    url: str
    port: int
    pid: int

    @property
    def resident(self) -> int:
        """Kilobytes of memory that it occupies now."""
        return self._kilobytes("VmRSS:")

    @property
    def peak(self) -> int:
        """Kilobytes that it has occupied at most."""
        return self._kilobytes("VmHWM:")

    @property
    def files(self) -> int:
        """Files and sockets that it holds."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def _kilobytes(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines()
        (line,) = (line for line in lines if line.startswith(name))
        return int(line.split()[1])


@asynccontextmanager
async def serving_apart() -> AsyncGenerator[Apart, None]:
    """Serve in another process while the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout and process.stdin
    try:
        port = int(await process.stdout.readline())
        yield Apart(f"http://127.0.0.1:{port}", port, process.pid)
    finally:
        process.stdin.close()
        await process.wait()


async def _serve() -> None:
    cast = casting()
    options = HttpOptions(connections=2000)
    async with speaking(ToneEngine(), cast=cast) as speaker:
        server = HttpServer(Served(speaker, cast, lambda: True), options)
        async with server.listen("127.0.0.1", 0) as ((_, port),):
            sys.stdout.write(f"{port}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
