"""What has expired while we were away is not done: MQTT 5's message expiry, at a real broker."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from tests.edges.mqtt_broker import broker, guest
from tests.edges.mqtt_house import BASE, EVENT, STATE, announcing_nowhere, options

SHORT: Final = 1
"""Seconds: the least that a message may have."""

PASSED: Final = SHORT + 1.1
"""Seconds after which that has passed for a broker that counts whole ones."""

LONG: Final = 60


@pytest.mark.parametrize("away", [True, False])
async def test_what_expires_while_we_are_away_is_neither_spoken_nor_carried_out(
    tmp_path: Path, *, away: bool
) -> None:
    async with broker(tmp_path) as there, guest(there.port) as other:

        async def sent() -> None:
            for name, expires in (("late", SHORT), ("in time", LONG), ("for ever", None)):
                wish = {"message": "Hi.", "id": name}
                await other.say(f"{BASE}/announce/set", wish, expires=expires)
            await other.say(f"{BASE}/emotion/set", "sad", expires=SHORT)
            await other.say(f"{BASE}/volume/set", "50", expires=LONG)
            await other.say(f"{BASE}/speed/set", "1.5")  # the last: then the others have come

        async def done() -> None:
            await other.until(STATE, lambda state: state["speed"] == 1.5)
            await other.until(
                EVENT,
                lambda told: (
                    told.get("announcement") == "for ever" and told["event_type"] == "finished"
                ),
            )

        async with announcing_nowhere(options(there.port)):
            await other.until(f"{BASE}/status", lambda status: status == "online")
            if not away:
                await sent()
                await done()
        if away:
            await other.until(f"{BASE}/status", lambda status: status == "offline")
            await sent()
            await asyncio.sleep(PASSED)  # the broker's clock, which nobody can turn
            async with announcing_nowhere(options(there.port)):
                await done()

        state = other.on(STATE)[-1]
        heard = {told["announcement"] for told in other.on(EVENT) if "announcement" in told}
        assert heard == {"in time", "for ever"} | (set() if away else {"late"})
        assert (state["emotion"], state["volume"]) == ("neutral" if away else "sad", 50)
