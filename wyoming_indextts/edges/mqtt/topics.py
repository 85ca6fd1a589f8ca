"""Where everything is said: the topics of one server, all below its prefix and node."""

import re
from dataclasses import dataclass
from typing import Final

from wyoming_indextts.edges.mqtt.options import MqttOptions

LONGEST: Final = 256
"""Characters of a topic that somebody wants to be answered at."""

NODE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a node may be called; Home Assistant takes nothing else into its own topics."""


def node_of(name: str) -> str:
    """Return a node for the server that is called `name` elsewhere: what it has of letters."""
    short = name.replace("wyoming-indextts", "")
    return re.sub(r"[^A-Za-z0-9_]+", "-", short).strip("-")[:64] or "server"


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one server."""

    base: str
    config: str
    """Home Assistant's topic for our device."""

    birth: str
    """Where Home Assistant says that it has come up."""

    @classmethod
    def of(cls, options: MqttOptions) -> "Topics":
        """Return the topics that the options ask for."""
        home = options.discovery.prefix
        node = options.node
        return cls(
            f"{options.prefix}/{node}",
            f"{home}/device/indextts_{node}/config",
            f"{home}/status",
        )

    @property
    def status(self) -> str:
        """`online` or `offline`, retained."""
        return f"{self.base}/status"

    @property
    def state(self) -> str:
        """All that is on and goes on, one retained document."""
        return f"{self.base}/state"

    @property
    def metrics(self) -> str:
        """What was measured, one retained document."""
        return f"{self.base}/metrics"

    @property
    def event(self) -> str:
        """What happens, not retained."""
        return f"{self.base}/event"

    @property
    def commands(self) -> str:
        """All command topics, for subscribing."""
        return f"{self.base}/+/set"

    @property
    def area_commands(self) -> str:
        """All command topics of areas, for subscribing."""
        return f"{self.base}/area/+/emotion/set"

    def area_command(self, area: str) -> str:
        """Return the topic of an area's emotion."""
        return f"{self.base}/area/{area}/emotion/set"

    def area_state(self, area: str) -> str:
        """Return where an area's document is."""
        return f"{self.base}/area/{area}/state"

    @property
    def area_states(self) -> str:
        """The documents of all areas, for subscribing."""
        return f"{self.base}/area/+/state"

    def area_shown(self, topic: str) -> str | None:
        """Return whose document it is; None: no area's."""
        match topic.removeprefix(f"{self.base}/").split("/"):
            case ["area", area, "state"] if topic.startswith(f"{self.base}/"):
                return area
        return None

    def area(self, topic: str) -> str | None:
        """Return whose command topic it is; None: no area's."""
        parts = topic.removeprefix(f"{self.base}/").split("/")
        match parts:
            case ["area", area, "emotion", "set"] if topic.startswith(f"{self.base}/"):
                return area
        return None

    def command(self, key: str) -> str:
        """Return the topic of one command."""
        return f"{self.base}/{key}/set"

    def key(self, topic: str) -> str | None:
        """Return whose command topic it is; None: no command's."""
        parts = topic.removeprefix(f"{self.base}/").split("/")
        ours = topic.startswith(f"{self.base}/") and len(parts) == 2 and parts[1] == "set"  # noqa: PLR2004 - KEY/set
        return parts[0] if ours else None

    def may_reply(self, topic: str) -> bool:
        """Return whether an answer may go there: a guest must not have us write anywhere."""
        below = topic.startswith(f"{self.base}/reply/") and len(topic) <= LONGEST
        return below and not set(topic) & set("+#\0")
