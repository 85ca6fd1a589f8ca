"""What the record says of a command that was carried out. Who sent it only the broker knows."""

from collections.abc import Mapping
from typing import Final

from wyoming_indextts.speech.deeds import Action, Asker, Deed

ACTOR: Final = "mqtt"

ACTIONS: Final[Mapping[str, Action]] = {"announce": "announce", "stop": "stop"}
"""By a command's key; all others change how the house speaks."""

LONGEST: Final = 80
"""Characters of a value."""


def deed(key: str, payload: bytes, answer: Mapping[str, object]) -> Deed:
    """Return it; an announcement by its id, its text is recorded when it is spoken."""
    action = ACTIONS.get(key, "stage.change")
    if action == "announce":
        return Deed(action, Asker(ACTOR, str(answer.get("id", ""))), key)
    value = payload.decode("utf-8", "replace")[:LONGEST]
    return Deed(action, Asker(ACTOR), key, more={"value": value})
