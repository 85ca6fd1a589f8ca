"""Where the far side is, as people write it."""

import pytest

from tests.remote.far_side import TOKEN
from wyoming_indextts.remote.options import RemoteOptions, websocket_url


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ws://gpu:8080", "ws://gpu:8080/ws"),
        ("http://gpu:8080/", "ws://gpu:8080/ws"),
        ("https://voice.example.org", "wss://voice.example.org/ws"),
        ("wss://example.org/tts/ws", "wss://example.org/tts/ws"),
        ("https://example.org/tts", "wss://example.org/tts/ws"),
        ("http://[fd00::1]:8080", "ws://[fd00::1]:8080/ws"),
    ],
)
def test_any_address_of_its_server_leads_to_its_websocket(written: str, meant: str) -> None:
    assert websocket_url(written) == meant


@pytest.mark.parametrize(
    "written",
    ["", "gpu:8080", "tcp://gpu:10200", "ws://", "ws://gpu:x", "ws://gpu:0", "ws://gpu?a=b",
     "ws://gpu/#x", "ws://g pu", "ws://gpu\n", "ws://[::1"],
)  # fmt: skip
def test_anything_else_is_no_address(written: str) -> None:
    with pytest.raises(ValueError, match="must be ws://HOST:PORT"):
        websocket_url(written)


def test_a_token_in_the_address_is_refused_without_being_repeated() -> None:
    with pytest.raises(ValueError, match=r"remote\.token_file") as raised:
        websocket_url("ws://:secret@gpu:8080")
    assert "secret" not in str(raised.value)


def test_the_token_is_in_no_log() -> None:
    assert TOKEN not in repr(RemoteOptions("ws://gpu/ws", 22_050, token=TOKEN))
