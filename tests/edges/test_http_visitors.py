"""A client may ask for so much and no more; what is remembered of clients is bounded."""

import pytest

from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.visitors import KNOWN, Visitors
from wyoming_indextts.errors import BusyError

OPTIONS = HttpOptions(requests=2, burst=4, sessions=3, sessions_per_client=2)


class Clock:
    """A clock that stands still."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def counted(visitors: Visitors, address: str) -> int:
    """Return how many requests are taken until one is refused."""
    for number in range(100):
        try:
            visitors.count(address)
        except BusyError:
            return number
    return 100


def test_after_a_burst_it_is_so_many_a_second() -> None:
    clock = Clock()
    visitors = Visitors(OPTIONS, clock)
    assert counted(visitors, "192.168.1.5") == 4
    clock.now += 1
    assert counted(visitors, "192.168.1.5") == 2
    clock.now += 1000
    assert counted(visitors, "192.168.1.5") == 4


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_not_counted(address: str) -> None:
    visitors = Visitors(OPTIONS)
    assert counted(visitors, address) == 100
    assert not len(visitors)


def test_whoever_asks_least_lately_is_forgotten_but_not_with_a_session() -> None:
    visitors = Visitors(OPTIONS, Clock())
    with visitors.session("10.0.0.1"), visitors.session("10.0.0.1"):
        for number in range(2 * KNOWN):
            visitors.count(f"11.{number // 65536}.{number // 256 % 256}.{number % 256}")
        assert len(visitors) == KNOWN
        with pytest.raises(BusyError, match="your address"), visitors.session("10.0.0.1"):
            pass


def test_sessions_of_all_are_bounded() -> None:
    visitors = Visitors(OPTIONS)
    with visitors.session("127.0.0.1"), visitors.session("127.0.0.1"):
        with visitors.session("10.0.0.1"):
            with pytest.raises(BusyError, match="3 sessions"), visitors.session("10.0.0.2"):
                pass
        with visitors.session("10.0.0.2"):
            pass
