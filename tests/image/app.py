"""Looks at the app of Home Assistant as its Supervisor would run it."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.edges.supervisor_stand_in import TOKEN, supervisor
from tests.image.asking import described, heard
from tests.image.building import Store
from tests.image.fresh import is_of_this_tree
from tests.image.running import ENDED, LIMITS, container
from tests.image.telling import tell

OPTIONS: Final = {"voice": "yun", "emotion": "happy", "mqtt": True}

MEMORY: Final = "1g"
"""Less than the 2 GB below which the voice computes in integers."""


async def examine_app(store: Store, image: str) -> None:
    """Start it beside a stand-in of the Supervisor, hear it, and end it."""
    async with supervisor() as there:
        with TemporaryDirectory(dir=store.folder) as data:
            (Path(data) / "options.json").write_text(json.dumps(OPTIONS), "utf-8")
            around = (
                *(f"--volume={data}:/data", "--env", f"SUPERVISOR_TOKEN={TOKEN}"),
                *("--env", f"WYOMING_INDEXTTS_SUPERVISOR__URL={there.url}", *LIMITS),
            )
            with container(store, image, *around, memory=MEMORY) as one:
                info, answered = await described(one)
                voices = info.tts[0].voices
                tell(f"app: {len(voices)} voices, told {answered:.1f} s after its start")
                await there.until("POST /discovery")
                (told,) = there.bodies("POST /discovery")
                assert told["config"]["uri"].endswith(f":{one.port}"), told
                seconds = await heard(one)
                tell(f"app: had spoken {seconds:.1f} s of sound {one.age:.1f} s after its start")
                await asyncio.to_thread(is_of_this_tree, one)
                assert await asyncio.to_thread(one.health) == 0, one.log()
                found = json.loads(one.run("wyoming-indextts", "doctor", "--json").stdout)
                assert any("integer" in check["text"] for check in found), found
                log = one.log()
                assert "preparing" not in log, log  # it is in the image, in integers too
                assert TOKEN not in log and "Traceback" not in log, log
                status, took = await asyncio.to_thread(one.stop)
                tell(f"app: ended by SIGTERM in {took:.2f} s with {status}")
                assert (status, took < ENDED) == (0, True), one.log()
