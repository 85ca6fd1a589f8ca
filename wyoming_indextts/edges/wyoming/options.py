"""What a Wyoming server allows its clients, and whether it offers emotions as voices."""

from dataclasses import dataclass

from wyoming_indextts.edges.wyoming.neighbourhood import NEIGHBOURS


@dataclass(frozen=True, slots=True)
class WyomingOptions:
    """Limits of one Wyoming server; every default is the contract's."""

    connections: int = 256
    """Clients held at once; one more is told `busy`."""

    connections_per_address: int = 64
    """The same for one address; loopback is exempt, all of a machine's services share it."""

    allow: tuple[str, ...] = (NEIGHBOURS,)
    """Who may connect; see `neighbourhood`."""

    header_bytes: int = 128 * 1024
    """Longest header line, its newline included."""

    data_bytes: int = 1024 * 1024
    """Longest JSON body of an event."""

    payload_bytes: int = 1024 * 1024
    """Longest payload of an event; it is skipped, never kept."""

    event_timeout: float = 10.0
    """Seconds from an event's first byte to its last."""

    text_characters: int = 20_000
    """Longest text of one request, streamed or whole."""

    text_idle_timeout: float = 180.0
    """Seconds that an open stream may go without text; tool calls of a language model take long."""

    waiting_requests: int = 32
    """Requests one connection may have unanswered."""

    write_timeout: float = 60.0
    """Seconds that a client which takes nothing is waited for."""

    write_buffer_bytes: int = 64 * 1024
    """Answer kept for a slow client before its own speech pauses (1.4 s of sound at 24 kHz)."""

    drain_timeout: float = 5.0
    """Seconds that clients get to hear that the server goes down; half of what Docker allows."""

    variants: bool = True
    """Whether every voice is also offered once per emotion, as `<voice>-<emotion>`."""
