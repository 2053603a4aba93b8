"""Addresses of endpoints that nodes have themselves: who is lent which, and when it is taken back."""

import os
import socket
import threading
from collections.abc import Collection, Sequence
from contextlib import nullcontext

import pytest

from cachewright.agents.gateway.program import lending, netlink, sessions
from cachewright.agents.gateway.program.addresses import _address, _route
from cachewright.agents.gateway.program.conntrack import Way
from cachewright.agents.gateway.program.lending import Lending
from cachewright.agents.gateway.program.namespaces import Namespaces
from cachewright.agents.gateway.program.networks import Network, announcement

GATEWAY, RANGE, HOST = "10.200.0.2", "10.200.128.0/18", "10.200.128.1"
MOVED = ("gateway exempts", "second takes", "second announces")
FIRST, SECOND = "10.200.4.0", "10.200.4.1"


class Seen(Network):
    """A network on which everything is written down."""

    def __init__(self, name: str, host: str, told: list[str]) -> None:
        self.name, self.host, self._log = name, host, told
        self.news, self.kernel = socket.socketpair()
        self.news.settimeout(0)
        self.hosts: set[str] = set()
        self.refuses, self.gone, self.elsewhere = False, False, False

    def take(self, host: str) -> None:
        if self.refuses:
            raise OSError("the kernel refuses")
        self.hosts.add(host)
        self._log.append(f"{self.name} takes {host}")

    def give(self, host: str) -> None:
        self.hosts.discard(host)
        self._log.append(f"{self.name} gives {host}")

    def hears(self, other: Network) -> bool:
        return not self.elsewhere

    def held(self) -> Collection[str]:
        return [] if self.gone else [self.host, *self.hosts]

    def exempt(self, host: str) -> None:
        self._log.append(f"{self.name} exempts {host}")

    def include(self, host: str) -> None:
        self._log.append(f"{self.name} includes {host}")

    def announce(self, host: str) -> None:
        self._log.append(f"{self.name} announces {host}")

    def close(self) -> None:
        self._log.append(f"{self.name} is closed")
        self.news.close()
        self.kernel.close()


class Machine(Namespaces):
    """Two nodes, whose processes end when they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.networks: list[Seen] = []
        self.strangers: set[int] = set()  # the numbers of those that are elsewhere
        self.at = {FIRST: [1001], SECOND: [1002]}
        self._ends = {1001: os.pipe(), 1002: os.pipe()}
        self._names = iter(("gateway", "first", "second"))

    def processes_at(self, host: str) -> Sequence[int]:
        return self.at.get(host, ())

    def opened(self, host: str) -> Network:
        self.networks.append(Seen(next(self._names), host, self.told))
        self.networks[-1].elsewhere = len(self.networks) - 1 in self.strangers
        return self.networks[-1]

    def watched(self, process: int) -> int:
        return os.dup(self._ends[process][0])

    def end(self, host: str) -> None:
        os.close(self._ends[self.at[host][0]][1])


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(lending, "entered", lambda _: nullcontext())
    monkeypatch.setattr(os, "pidfd_open", machine.watched)
    return machine


@pytest.fixture
def lent(machine: Machine) -> Lending:
    return Lending(GATEWAY, machine, machine.opened)


def test_an_address_moves_from_node_to_node(machine: Machine, lent: Lending) -> None:
    """The next node has it, and that is told, before the one before ends its connections; then it is told again."""
    lent.move({HOST: FIRST})
    lent.move({HOST: SECOND})
    assert machine.told == [
        *(f"gateway exempts {HOST}", f"first takes {HOST}", f"first announces {HOST}"),
        *(f"gateway exempts {HOST}", f"second takes {HOST}", f"first gives {HOST}", f"second announces {HOST}"),
    ]


def test_where_it_is_it_stays(machine: Machine, lent: Lending) -> None:
    lent.move({HOST: FIRST})
    before = [*machine.told]
    lent.move({HOST: FIRST})
    assert machine.told == before


@pytest.mark.parametrize("to", ["", "10.200.4.9"])
def test_an_address_of_nobody_is_the_gateways(machine: Machine, lent: Lending, to: str) -> None:
    lent.move({HOST: FIRST})
    lent.move({HOST: to})
    assert machine.told[3:] == [f"first gives {HOST}", f"gateway includes {HOST}"]


def test_it_is_the_gateways_when_the_process_of_a_node_ends(machine: Machine, lent: Lending) -> None:
    lent.move({HOST: FIRST, "10.200.128.2": SECOND})
    machine.end(FIRST)
    lent.heed()
    assert machine.told[-3:] == [f"gateway includes {HOST}", f"first gives {HOST}", "first is closed"]


def test_it_is_the_gateways_when_the_interface_of_a_node_has_it_no_more(machine: Machine, lent: Lending) -> None:
    lent.move({HOST: FIRST})
    node = machine.networks[1]
    node.kernel.send(b"another address is there")
    lent.heed()
    assert f"gateway includes {HOST}" not in machine.told
    node.hosts.clear()
    node.kernel.send(b"this one is not")
    lent.heed()
    assert f"gateway includes {HOST}" in machine.told


def test_a_node_that_is_connected_once_more_is_got_to_know_again(machine: Machine, lent: Lending) -> None:
    lent.move({HOST: FIRST})
    machine.networks[1].gone = True
    machine.networks[1].kernel.send(b"no interface is left")
    lent.heed()
    assert machine.told[-3:] == [f"gateway includes {HOST}", f"first gives {HOST}", "first is closed"]
    lent.move({HOST: FIRST})
    assert machine.networks[2].hosts == {HOST}


def test_who_cannot_have_it_is_led_to(machine: Machine, lent: Lending, caplog: pytest.LogCaptureFixture) -> None:
    lent.move({HOST: FIRST})
    lent.expect([SECOND])
    for thread in threading.enumerate():
        if thread.name == "expect":
            thread.join()
    machine.networks[2].refuses = True
    lent.move({HOST: SECOND})
    assert machine.networks[1].hosts == set()
    assert f"gateway includes {HOST}" in machine.told
    assert f"cannot lend {HOST} to {SECOND}: the kernel refuses" in caplog.text


def test_who_has_the_address_of_a_node_on_another_network_is_not_meant(machine: Machine, lent: Lending) -> None:
    """Another container engine on this machine may have the same addresses."""
    machine.at[FIRST] = [1002, 1001]
    machine.strangers.add(1)
    lent.move({HOST: FIRST})
    assert machine.told == ["first is closed", *(f"{word} {HOST}" for word in MOVED)]
    machine.at[FIRST] = [1002]
    lent.move({"10.200.128.2": FIRST})
    assert machine.told[-1] == f"second announces {HOST}"


def test_a_gateway_that_is_connected_once_more_knows_what_is_lent(machine: Machine, lent: Lending) -> None:
    """Its new interface would answer for it otherwise."""
    lent.move({HOST: FIRST})
    gateway = machine.networks[0]
    gateway.kernel.send(b"another address is there")
    lent.heed()
    assert len(machine.networks) == 2
    gateway.gone = True
    gateway.kernel.send(b"its own is there, elsewhere")
    lent.heed()
    assert machine.told[-2:] == ["gateway is closed", f"second exempts {HOST}"]


def test_what_an_earlier_gateway_has_lent_is_taken_back(
    machine: Machine, lent: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for what is lent by now, and what is no endpoint's."""
    first = machine.at[FIRST]
    monkeypatch.setattr(lending, "found", lambda: {FIRST: first, HOST: first, "10.200.128.7": first})
    lent.move({HOST: FIRST})
    before = len(machine.told)
    lent.take_back(RANGE)
    assert machine.told[before:] == ["second gives 10.200.128.7", "second is closed"]


def test_at_the_end_nobody_has_any(machine: Machine, lent: Lending) -> None:
    lent.move({HOST: FIRST, "10.200.128.2": SECOND})
    lent.end()
    assert not machine.networks[1].hosts
    assert not machine.networks[2].hosts


def test_a_session_is_read() -> None:
    """From an answer as the kernel gives it (inet_diag_msg)."""
    identity = ((6379).to_bytes(2, "big") + (40000).to_bytes(2, "big") + bytes([10, 200, 128, 1]) + bytes(12)) + bytes(
        [10, 200, 0, 1]
    )
    identity += bytes(48 - len(identity))
    told = sessions.session_in(bytes([2, 1, 0, 0]) + identity + bytes(20))
    assert told.way == Way(("10.200.0.1", 40000), (HOST, 6379))
    assert told.identity == identity


def test_an_announcement_asks_for_its_own_address() -> None:
    frame = announcement(bytes.fromhex("0242c0ffee01"), HOST)
    assert frame[:6] == b"\xff" * 6
    assert (frame[28:32], frame[38:42]) == (socket.inet_aton(HOST),) * 2
    assert len(frame) == 42


def test_what_is_told_of_addresses_names_them() -> None:
    told = dict(netlink.attributes(_address(HOST, 7)[8:]))
    assert told == {2: socket.inet_aton(HOST)}
    assert dict(netlink.attributes(_route(HOST, 7)[12:]))[1] == socket.inet_aton(HOST)
