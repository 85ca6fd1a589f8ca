"""Listens for our own device message: a broker that refuses it says so to nobody.

mosquitto acknowledges what its access list denies, and throws it away.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

PATIENCE: Final = 10.0
"""Seconds in which it comes back."""


class Echo:
    """Warns once if what is said at `topic` does not come back to us while we are connected."""

    def __init__(self, topic: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._topic = topic
        self._clock = clock
        self._since: float | None = None
        self._heard = False
        self.missed = False
        """Whether it has been warned of, and not heard since."""

    def heard(self) -> None:
        """Take note that something came back."""
        self._heard = True
        if self.missed:
            log.info("the MQTT broker passes on %s now", self._topic)
        self.missed = False

    def look(self, *, connected: bool) -> None:
        """Look at the clock, every now and then."""
        if not connected:
            self._since, self._heard = None, False
            return
        self._since = self._clock() if self._since is None else self._since
        if not (self._heard or self.missed) and self._clock() - self._since > PATIENCE:
            self.missed = True
            log.warning(
                "the MQTT broker does not pass on %s, so Home Assistant sees no device: its user "
                "for us must be allowed to write and read that",
                self._topic,
            )
