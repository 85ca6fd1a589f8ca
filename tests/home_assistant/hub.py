"""Home Assistant as a user has it: started, onboarded, and asked over its own interfaces."""

import asyncio
import itertools
import json
import os
import shutil
from asyncio.subprocess import DEVNULL, Process
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.home_assistant.installed import PYTHON, command

ADDRESS: Final = "http://127.0.0.1:8123"

PATH: Final = "/srv/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin"

PATIENCE: Final = 180.0
"""Seconds that anything may take; Home Assistant's start is the slowest."""

CONFIGURATION: Final = """\
api:
config:
assist_pipeline:
conversation:
reader:
media_source:
zeroconf:
homeassistant:
  name: Test
  internal_url: {internal}
logger:
  default: info
"""

COMPONENTS: Final = Path(__file__).parent / "custom_components"


@dataclass
class Hub:
    """A Home Assistant that runs, and its first user."""

    session: aiohttp.ClientSession
    folder: Path
    login: Mapping[str, Any] = field(default_factory=dict)
    """What lets its user in: tokens, as its own page keeps them."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    socket: aiohttp.ClientWebSocketResponse | None = None
    told_so_far: dict[int, asyncio.Queue[Mapping[str, Any]]] = field(
        default_factory=lambda: defaultdict(asyncio.Queue)
    )
    """What came over the WebSocket, by the number of the question."""

    @property
    def token(self) -> str:
        """What shows that we are its user; empty before there is one."""
        return str(self.login.get("access_token", ""))

    async def get(self, path: str) -> Any:  # noqa: ANN401 - what it says
        """Return what lies there, as JSON."""
        return await self._asked("GET", path)

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - likewise
        """Send JSON there; return the answer."""
        return await self._asked("POST", path, json=body)

    async def delete(self, path: str) -> Any:  # noqa: ANN401 - likewise
        """Delete what lies there; return the answer."""
        return await self._asked("DELETE", path)

    async def fetch(self, path: str) -> bytes:
        """Return the bytes that lie there."""
        async with self.session.get(f"{ADDRESS}{path}") as answer:
            assert answer.status == 200, f"{path}: {answer.status}"
            return await answer.read()

    async def call(self, service: str, **data: object) -> None:
        """Call a service, such as `select.select_option`, and wait until it is done."""
        await self.post(f"/api/services/{service.replace('.', '/')}", data)

    async def state(self, entity: str) -> str:
        """Return what an entity is; empty if there is none."""
        states = await self.get("/api/states")
        return next((one["state"] for one in states if one["entity_id"] == entity), "")

    async def until(self, entity: str, fits: Callable[[str], bool]) -> str:
        """Wait until an entity is so; return its state."""
        last = ""
        try:
            async with asyncio.timeout(PATIENCE):
                while not fits(last := await self.state(entity)):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{entity} stays {last!r}") from None
        return last

    async def ask(self, kind: str, **data: object) -> Any:  # noqa: ANN401 - what it says
        """Ask over the WebSocket; return the result."""
        number = await self.begin(kind, **data)
        while (answer := await self.told(number))["type"] != "result":
            pass
        assert answer["success"], answer
        return answer["result"]

    async def begin(self, kind: str, **data: object) -> int:
        """Ask over the WebSocket for something that answers more than once; return its number."""
        assert self.socket is not None
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "type": kind, **data})
        return number

    async def told(self, number: int) -> Mapping[str, Any]:
        """Return the next message that belongs to a number."""
        async with asyncio.timeout(PATIENCE):
            return await self.told_so_far[number].get()

    async def listen(self) -> None:
        """Take what comes over the WebSocket, and let it know that somebody is there."""
        assert self.socket is not None
        async for message in self.socket:
            told = json.loads(message.data)
            self.told_so_far[told["id"]].put_nowait(told)

    async def enter(self) -> None:
        """Make the first user, and log in."""
        client = f"{ADDRESS}/"
        made = await self.post(
            "/api/onboarding/users",
            {
                "client_id": client,
                "name": "Owner",
                "username": "owner",
                "password": "secret of the test",
                "language": "en",
            },
        )
        form = {"grant_type": "authorization_code", "code": made["auth_code"], "client_id": client}
        async with self.session.post(f"{ADDRESS}/auth/token", data=form) as answer:
            self.login = await answer.json()
        self.socket = await self.session.ws_connect(f"{ADDRESS}/api/websocket", max_msg_size=0)
        await self.socket.receive_json()
        await self.socket.send_json({"type": "auth", "access_token": self.token})
        assert (await self.socket.receive_json())["type"] == "auth_ok"

    def log(self) -> list[str]:
        """Return the lines of its log."""
        return (self.folder / "home-assistant.log").read_text("utf-8").splitlines()

    async def _asked(self, method: str, path: str, **given: Any) -> Any:  # noqa: ANN401
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.session.request(
            method, f"{ADDRESS}{path}", headers=headers, **given
        ) as answer:
            assert answer.status < 300, f"{path}: {answer.status} {(await answer.text())[:500]}"
            return await answer.json()


@asynccontextmanager
async def home_assistant(root: Path, internal: str) -> AsyncGenerator[Hub, None]:
    """Give a Home Assistant without any past, that may be reached at the URL `internal` too."""
    folder = root / f"srv/config-{os.getpid()}"
    folder.mkdir()
    (folder / "configuration.yaml").write_text(CONFIGURATION.format(internal=internal), "utf-8")
    shutil.copytree(COMPONENTS, folder / "custom_components")
    inside = f"/{folder.relative_to(root)}"
    process = await asyncio.create_subprocess_exec(
        *command(root, PYTHON, "-m", "homeassistant", "--config", inside,
                 "--log-file", f"{inside}/home-assistant.log", "--skip-pip"),
        stdout=DEVNULL, stderr=DEVNULL,
        env={"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8"},
    )  # fmt: skip
    try:
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            hub = Hub(session, folder)
            await _up(hub, process)
            await hub.enter()
            listening = asyncio.create_task(hub.listen())
            yield hub
            listening.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        shutil.rmtree(folder)


async def _up(hub: Hub, process: Process) -> None:
    async with asyncio.timeout(PATIENCE):
        while process.returncode is None:
            try:
                await hub.get("/api/onboarding")
            except (aiohttp.ClientError, AssertionError):
                await asyncio.sleep(0.2)
            else:
                return
    raise AssertionError("Home Assistant has ended: run it by hand")
