"""A conversation agent that answers piece by piece, as language models do; runs in Home Assistant.

It gives back what it is told, cut at every bar; at a star it waits for the state `reader.go`.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from homeassistant.components import conversation  # type: ignore[import-not-found]
from homeassistant.components.conversation.const import (  # type: ignore[import-not-found]
    DATA_COMPONENT,
)


async def async_setup(hass: Any, config: Any) -> bool:  # noqa: ANN401, ARG001 - its signature
    """Add the one agent."""
    await hass.data[DATA_COMPONENT].async_add_entities([Reader()])
    return True


class Reader(conversation.ConversationEntity):  # type: ignore[misc]
    """Reads aloud what it is told."""

    _attr_name = "Reader"
    _attr_unique_id = "reader"
    _attr_supports_streaming = True
    supported_languages = "*"

    async def _async_handle_message(self, user_input: Any, chat_log: Any) -> Any:  # noqa: ANN401
        pieces = _pieces(self.hass, user_input.text)
        async for _ in chat_log.async_add_delta_content_stream(self.entity_id, pieces):
            pass
        return conversation.async_get_result_from_chat_log(user_input, chat_log)


async def _pieces(hass: Any, text: str) -> AsyncIterator[dict[str, str]]:  # noqa: ANN401
    yield {"role": "assistant"}
    for piece in text.split("|"):
        while piece == "*" and not hass.states.get("reader.go"):
            await asyncio.sleep(0.05)
        yield {"content": piece.replace("*", "")}
