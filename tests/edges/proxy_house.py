"""Real proxies from Debian, run with the examples of docs/proxies in front of a server of ours."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "proxies"

NAME: Final = "voice.example.org"

PATIENCE: Final = 10.0

NGINX: Final = """
daemon off;
{user}
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include voice.conf;
}}
"""
"""What stands around the example in Debian's own configuration."""

CADDY: Final = "{ \n admin off \n auto_https disable_redirects \n}\n"


class Here(AbstractResolver):
    """Finds every name on this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = ResolveResult(
            hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
        )
        return [found]

    async def close(self) -> None:
        """Do nothing."""


def certificate(folder: Path) -> Path:
    """Return a certificate for `NAME` and this machine; its key lies beside it, `.key`."""
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -keyout cert.key -out cert.pem "
        f"-subj /CN={NAME} -addext subjectAltName=DNS:{NAME},IP:127.0.0.1"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)  # noqa: S603
    return folder / "cert.pem"


@asynccontextmanager
async def behind(
    kind: str, upstream: str, pem: Path, folder: Path
) -> AsyncGenerator[aiohttp.ClientSession, None]:
    """Run `nginx` or `caddy` in front of `upstream`; give a client of https://NAME/voice/."""
    port = _free_port()
    command = _nginx(upstream, pem, folder, port) if kind == "nginx" else _caddy(
        upstream, pem, folder, port
    )  # fmt: skip
    log = folder / f"{kind}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=output, stderr=output, cwd=folder,
            env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)},
        )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _listens(port):
                assert process.returncode is None, log.read_text("utf-8")
                await asyncio.sleep(0.02)
        trust = ssl.create_default_context(cafile=pem)
        connector = aiohttp.TCPConnector(resolver=Here(), ssl=trust)
        async with aiohttp.ClientSession(
            f"https://{NAME}:{port}/voice/",
            connector=connector,
            timeout=aiohttp.ClientTimeout(PATIENCE),
        ) as client:
            yield client
    finally:
        process.terminate()
        async with asyncio.timeout(PATIENCE):
            await process.wait()


def _nginx(upstream: str, pem: Path, folder: Path, port: int) -> tuple[str, ...]:
    text = _example("nginx.conf", upstream, pem).replace("listen 443", f"listen 127.0.0.1:{port}")
    text = text.replace("/etc/ssl/voice.pem", str(pem))
    text = text.replace("/etc/ssl/voice.key", str(pem.with_suffix(".key")))
    (folder / "voice.conf").write_text(text, "utf-8")
    main = NGINX.format(user="user root;" if os.geteuid() == 0 else "")
    (folder / "nginx.conf").write_text(main, "utf-8")
    return (_program("nginx"), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr")


def _caddy(upstream: str, pem: Path, folder: Path, port: int) -> tuple[str, ...]:
    key = pem.with_suffix(".key")
    site = f"{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {pem} {key}\n"
    text = _example("Caddyfile", upstream, pem).replace(f"{NAME} {{\n", site)
    (folder / "Caddyfile").write_text(CADDY + text, "utf-8")
    return (_program("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile")


def _example(name: str, upstream: str, pem: Path) -> str:
    """Return an example as somebody would fill it in."""
    text = (EXAMPLES / name).read_text("utf-8")
    assert "http://127.0.0.1:8080" in text
    text = text.replace("http://127.0.0.1:8080", upstream)
    if upstream.startswith("https"):
        text = text.replace("#tls ", "").replace("/etc/ssl/voice-inside.pem", str(pem))
    return text


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, f"{name} is not installed: script/test says what is missing"
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
