"""Who may connect: this machine, its neighbours, and whoever the settings name."""

from ipaddress import ip_interface
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edges.mdns_network import cabled
from wyoming_indextts.edges.wyoming.neighbourhood import Interface, Neighbourhood, checked_wish

OWN = tuple(map(ip_interface, ("127.0.0.1/8", "192.168.1.5/24", "203.0.113.9/24", "fd12::5/64")))


def own() -> tuple[Interface, ...]:
    return OWN


@pytest.mark.parametrize(
    "guest",
    ["127.0.0.1", "127.9.9.9", "::1", "192.168.1.77", "fd12::77", "::ffff:192.168.1.77"],
)
def test_this_machine_and_its_private_networks_are_neighbours(guest: str) -> None:
    assert Neighbourhood(["neighbours"], own).admits(guest)


@pytest.mark.parametrize("guest", ["192.168.2.77", "10.0.0.1", "8.8.8.8", "fd13::1", "2001:db8::1"])
def test_other_networks_are_not(guest: str) -> None:
    assert not Neighbourhood(["neighbours"], own).admits(guest)


def test_who_shares_a_public_network_is_no_neighbour_but_this_machine_is_itself() -> None:
    public = ip_interface("93.184.215.14/24")
    neighbourhood = Neighbourhood(["neighbours"], lambda: [public])
    assert neighbourhood.admits("93.184.215.14")
    assert not neighbourhood.admits("93.184.215.15")


def test_a_link_local_guest_has_its_interface_in_its_address() -> None:
    link = ip_interface("fe80::1/64")
    assert Neighbourhood(["neighbours"], lambda: [link]).admits("fe80::2%eth0")


@pytest.mark.parametrize(
    ("wish", "guest", "admitted"),
    [
        ("private", "10.1.2.3", True),
        ("private", "8.8.8.8", False),
        ("all", "8.8.8.8", True),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "192.168.1.77", False),
        ("8.8.8.8", "8.8.8.8", True),
        ("2001:db8::/32", "2001:db8::7", True),
    ],
)
def test_a_setting_names_who_else_may_come(wish: str, guest: str, admitted: bool) -> None:  # noqa: FBT001 - a table
    assert Neighbourhood([wish], own).admits(guest) is admitted


@pytest.mark.parametrize("wish", ["", "everyone", "10.0.0.1/8", "300.1.1.1", "10.0.0.0/99"])
def test_what_is_no_network_is_refused_as_a_setting(wish: str) -> None:
    with pytest.raises(ValueError, match="must be neighbours, private, all or a network"):
        checked_wish(wish)


def test_a_flood_of_strangers_does_not_ask_the_interfaces_each_time() -> None:
    asked = count()

    def counted() -> tuple[Interface, ...]:
        next(asked)
        return OWN

    neighbourhood = Neighbourhood(["neighbours"], counted)
    assert not any(neighbourhood.admits("8.8.8.8") for _ in range(1000))
    assert next(asked) <= 3


@given(st.ip_addresses())
def test_everybody_is_everybody(guest: object) -> None:
    assert Neighbourhood(["all"], tuple).admits(str(guest))


async def test_a_stranger_is_told_forbidden_and_the_log_names_the_setting() -> None:
    with cabled(["10.9.8.1/24"], ["10.9.8.2/24", "10.7.7.2/24"]) as (here, there):
        here.ip("route", "add", "10.7.7.0/24", "dev", "eth0")
        async with here.running("tests.edges.door_server", "10200", "neighbours") as server:
            await server.until("serving")
            answers = []
            for source in ("10.9.8.2", "10.7.7.2", "10.7.7.2", "10.9.8.2"):
                knock = ("tests.edges.door_guest", source, "10.9.8.1", "10200")
                async with there.running(*knock) as guest:
                    answers.append((await guest.until("")).strip())
            log = await server.end()
    assert answers == ["pong", "error forbidden", "error forbidden", "pong"]
    assert log.count("10.7.7.2 may not connect: wyoming.allow does not name its network") == 1
