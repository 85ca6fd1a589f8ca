"""Discovery, between two network namespaces: a server on one side, a real browser on the other.

Statement Z1 of the contract.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edges.mdns_network import Machine, Program, cabled
from wyoming_indextts import __version__
from wyoming_indextts.edges.discovery.addresses import Own, is_shared, reachable
from wyoming_indextts.edges.discovery.announcement import DiscoveryOptions, announced
from wyoming_indextts.edges.discovery.names import (
    candidates,
    clean,
    host_name,
    kept_name,
    yields,
)

PORT = 10200
SUFFIX = "._wyoming._tcp.local."


@pytest.fixture
def machines() -> Generator[tuple[Machine, Machine], None, None]:
    """Two machines with an IPv4 and an IPv6 address each: a server's and a browser's."""
    with cabled(("10.9.8.1/24", "fd09::1/64"), ("10.9.8.2/24", "fd09::2/64")) as both:
        yield both


def serving(
    machine: Machine, data_dir: Path, *hosts: str, name: str = "", port: int = PORT
) -> AbstractAsyncContextManager[Program]:
    """Run a server on the machine, by default at all its addresses."""
    hosts = hosts or ("0.0.0.0", "::")  # noqa: S104 - inside a namespace
    return machine.running("tests.edges.mdns_server", str(data_dir), str(port), name, *hosts)


async def test_a_server_is_found_with_its_real_addresses_and_its_port(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    async with there.browsing() as browser, serving(here, tmp_path) as server:
        await server.until("serving")
        began = time.monotonic()
        found = await browser.next("added")
        assert time.monotonic() - began < 3
    assert found.instance == kept_name(tmp_path) + SUFFIX
    assert found.addresses == found.reached == ["10.9.8.1", "fd09::1"]
    assert found.port == PORT
    assert found.host.startswith("wyoming-indextts-")
    assert found.txt == {"txtvers": "1", "version": __version__}


async def test_it_says_goodbye_and_comes_back_under_the_same_name(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    instances = set[str]()
    async with there.browsing() as browser:
        for by in (signal.SIGTERM, signal.SIGINT):  # the latter cancels the server's task
            async with serving(here, tmp_path) as server:
                instances.add((await browser.next("added")).instance)
                ended = time.monotonic()
                said = await server.end(by)
                instances.add((await browser.next("removed")).instance)
                assert time.monotonic() - ended < 2
            assert "ERROR" not in said
    assert len(instances) == 1


async def test_only_addresses_that_are_listened_at_are_announced(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    here.ip("address", "add", "10.9.8.3/24", "dev", "eth0")
    async with (
        there.browsing() as browser,
        serving(here, tmp_path / "1", "0.0.0.0", port=1001),  # noqa: S104 - inside a namespace
        serving(here, tmp_path / "2", "::", port=1002),
        serving(here, tmp_path / "3", "127.0.0.1", "10.9.8.3", port=1003),
    ):
        found = [await browser.next("added") for _ in range(3)]
    assert all(one.reached == one.addresses for one in found)
    assert {one.port: one.addresses for one in found} == {
        1001: ["10.9.8.1", "10.9.8.3"],
        1002: ["fd09::1"],
        1003: ["10.9.8.3"],
    }


async def test_addresses_that_lead_nowhere_are_not_announced(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    here.ip("link", "add", "docker0", "type", "bridge")
    here.ip("link", "add", "inside", "type", "veth", "peer", "name", "outside")
    here.ip("link", "set", "outside", "master", "docker0")
    for name in ("docker0", "inside", "outside"):
        here.ip("link", "set", name, "up")
    here.ip("address", "add", "172.17.0.1/16", "dev", "docker0")
    here.ip("link", "add", "unplugged", "type", "veth", "peer", "name", "socket")
    here.ip("link", "set", "unplugged", "up")
    here.ip("address", "add", "192.168.7.1/24", "dev", "unplugged")
    here.ip("address", "add", "169.254.9.9/16", "dev", "eth0")
    here.ip("address", "add", "fd09::dead/64", "dev", "eth0", "nodad", "preferred_lft", "0")
    async with there.browsing() as browser, serving(here, tmp_path):
        assert (await browser.next("added")).addresses == ["10.9.8.1", "fd09::1"]


async def test_a_changed_address_is_announced_and_the_old_one_taken_back(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    async with (
        there.browsing() as browser,
        serving(here, tmp_path, "0.0.0.0") as server,  # noqa: S104 - inside a namespace
    ):
        before = await browser.next("added")
        here.ip("address", "delete", "10.9.8.1/24", "dev", "eth0")
        here.ip("address", "add", "10.9.8.7/24", "dev", "eth0")
        assert (await browser.next("removed")).instance == before.instance
        after = await browser.next("added")
        assert after.addresses == after.reached == ["10.9.8.7"]
        assert (after.instance, after.host) == (before.instance, before.host)
        said = await server.end()
    assert "WARNING" not in said
    assert "Traceback" not in said


async def test_without_a_network_it_warns_once_and_is_announced_when_there_is_one(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    here.ip("link", "set", "eth0", "down")
    async with there.browsing() as browser, serving(here, tmp_path) as server:
        await server.until("WARNING", "not announced", "no network interface")
        for _ in range(3):
            await server.until("DEBUG", "not announced")
        here.ip("link", "set", "eth0", "up")
        assert "10.9.8.1" in (await browser.next("added")).addresses
        await server.until("announced again")
        said = await server.end()
    assert said.count("WARNING") == 1
    assert "Traceback" not in said


async def test_where_mdns_is_refused_it_warns_once_and_is_announced_when_it_is_not(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    async with (
        here.running("tests.edges.mdns_blocker") as blocker,
        there.browsing() as browser,
    ):
        await blocker.until("blocking")
        async with serving(here, tmp_path) as server:
            await server.until("WARNING", "not announced", "5353")
            for _ in range(3):
                await server.until("DEBUG", "not announced")
            await blocker.end()
            assert (await browser.next("added")).reached
            await server.until("announced again")
            said = await server.end()
    assert said.count("WARNING") == 1
    assert "Traceback" not in said


async def test_a_name_that_another_has_is_left_to_it(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    async with there.browsing() as browser, serving(there, tmp_path / "there", name="厨房"):
        first = await browser.next("added")
        async with serving(here, tmp_path / "here", name="厨房") as server:
            await server.until("WARNING", "'厨房' is taken")
            second = await browser.next("added")
    assert first.instance == "厨房" + SUFFIX
    assert first.addresses == ["10.9.8.2", "fd09::2"]
    assert second.instance.startswith("厨房 ")
    assert second.addresses == ["10.9.8.1", "fd09::1"]


async def test_a_name_that_another_claims_later_is_given_up_without_a_goodbye(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    async with there.browsing() as browser, serving(here, tmp_path, name="kitchen") as server:
        assert (await browser.next("added")).instance == "kitchen" + SUFFIX
        async with there.running("tests.edges.mdns_rival", "kitchen", "piper.local.", "10.9.8.2"):
            await server.until("WARNING", "'kitchen' is taken")
            found = await browser.next("added")
    assert found.instance.startswith("kitchen ")
    assert found.addresses == ["10.9.8.1", "fd09::1"]
    assert "removed" not in "".join(browser.program.lines)


async def test_two_servers_of_one_machine_have_two_names(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    here, there = machines
    async with there.browsing() as browser, serving(here, tmp_path):
        first = await browser.next("added")
        async with serving(here, tmp_path, port=PORT + 1):
            second = await browser.next("added")
    assert second.instance.startswith(first.instance.removesuffix(SUFFIX))
    assert second.instance != first.instance
    assert second.host != first.host
    assert (first.port, second.port) == (PORT, PORT + 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "fe80::1%eth0"])
async def test_a_server_for_this_machine_only_is_not_announced(
    host: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        async with announced(DiscoveryOptions(tmp_path), [(host, PORT)]):
            assert asyncio.all_tasks() == {asyncio.current_task()}
    assert "this machine only" in caplog.text


async def test_what_the_block_raises_comes_out_of_it(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        async with announced(DiscoveryOptions(tmp_path), [("203.0.113.9", PORT)]):
            raise KeyError
    assert asyncio.all_tasks() == {asyncio.current_task()}


addresses = st.ip_addresses() | st.sampled_from(
    [ip_address(a) for a in ("127.0.0.1", "::1", "169.254.1.1", "fe80::1", "0.0.0.0", "::")]  # noqa: S104 - examples
)


@given(st.frozensets(st.builds(Own, addresses, st.booleans())))
def test_no_address_of_no_use_is_ever_announced(own: frozenset[Own]) -> None:
    everywhere = reachable([("0.0.0.0", PORT), ("::", PORT)], own)  # noqa: S104 - an example
    assert everywhere <= {one.address for one in own if one.shared}
    for address in everywhere:
        assert not address.is_loopback
        assert not address.is_link_local
        assert not address.is_unspecified
    ipv4 = reachable([("0.0.0.0", PORT)], own)  # noqa: S104 - an example
    assert ipv4 == {address for address in everywhere if address.version == 4}
    assert reachable([("::", PORT)], own) == everywhere - ipv4


def described(folder: Path, flags: str = "0x1003", state: str = "up", *parts: str) -> Path:
    """Describe an interface as Linux does; the default is a plugged Ethernet card's."""
    for part in ("", *parts):
        (folder / part).mkdir()
    (folder / "flags").write_text(f"{flags}\n")
    (folder / "operstate").write_text(f"{state}\n")
    return folder


def test_other_machines_are_behind_cards_and_bridges_of_cards_only(tmp_path: Path) -> None:
    assert is_shared(described(tmp_path / "eth0", "0x1003", "up", "device"))
    assert is_shared(described(tmp_path / "eth1", "0x1003", "unknown", "device"))
    assert is_shared(described(tmp_path / "bond0", "0x1403", "up", "lower_eth0"))
    assert is_shared(described(tmp_path / "br0", "0x1003", "up", "bridge", "lower_bond0"))
    assert is_shared(tmp_path / "no-such-folder")
    assert not is_shared(described(tmp_path / "eth2", "0x1003", "down", "device"))
    assert not is_shared(described(tmp_path / "eth3", "0x1002", "unknown", "device"))
    assert not is_shared(described(tmp_path / "tailscale0", "0x1091", "unknown"))
    assert not is_shared(described(tmp_path / "dummy0", "0x83", "unknown"))
    described(tmp_path / "veth0")
    assert not is_shared(described(tmp_path / "docker0", "0x1003", "up", "bridge", "lower_veth0"))


def test_an_address_that_is_named_counts_wherever_it_leads() -> None:
    docker, other = ip_address("172.17.0.1"), ip_address("192.168.1.2")
    own = [Own(docker, shared=False), Own(other, shared=True)]
    assert reachable([(str(docker), PORT)], own) == {docker}
    assert reachable([("10.0.0.1", PORT)], own) == set()


def test_only_addresses_with_the_first_port_are_announced() -> None:
    own = [Own(ip_address("192.168.1.2"), shared=True), Own(ip_address("fd00::2"), shared=True)]
    listened = [("0.0.0.0", 40001), ("::", 40002)]  # noqa: S104 - an example
    assert reachable(listened, own) == {ip_address("192.168.1.2")}


def test_the_name_is_chosen_once_and_may_be_changed_by_hand(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "on the way"
    name = kept_name(folder)
    assert " wyoming-indextts " in f" {name} "
    assert kept_name(folder) == name
    assert kept_name(tmp_path / "another") != name
    (folder / "mdns-name").write_text("Küche\n", "utf-8")
    assert kept_name(folder) == "Küche"


def test_an_empty_name_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "mdns-name").touch()
    name = kept_name(tmp_path)
    assert "wyoming-indextts" in name
    assert kept_name(tmp_path) == name


def test_where_no_name_can_be_kept_it_is_still_the_same_every_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    name = kept_name(tmp_path / "file" / "folder")
    assert name.endswith("wyoming-indextts")
    assert kept_name(tmp_path / "file" / "folder") == name
    assert "cannot be" in caplog.text
    assert str(tmp_path) not in caplog.text


@given(st.text(max_size=200))
def test_any_text_becomes_a_name_that_dns_can_carry(text: str) -> None:
    name = clean(text)
    assert len(name.encode()) <= 63
    assert "." not in name
    assert name.isprintable()
    assert clean(name) == name


@given(st.text(min_size=1).map(clean).filter(bool), st.text(max_size=20), st.text(max_size=20))
def test_second_choices_are_all_different_and_always_the_same(
    name: str, ours: str, theirs: str
) -> None:
    names = candidates(name, ours)
    assert names[0] == name
    assert names == candidates(name, ours)
    assert len(set(names)) == len(names)
    assert all(len(one.encode()) <= 63 for one in names)
    if ours != theirs:
        assert set(names) & set(candidates(name, theirs)) == {name}
        assert host_name(name, ours) != host_name(name, theirs)


@given(st.text(max_size=20), st.text(max_size=20))
def test_of_two_hosts_with_one_name_exactly_one_gives_it_up(one: str, other: str) -> None:
    a, b = host_name("kitchen", one), host_name("kitchen", other)
    assert a == b or yields(a, b) != yields(b, a)
    assert yields(a, "piper.local.")
