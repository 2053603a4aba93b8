"""The runtime of several hosts while no Swarm answers: whoever begins then acts with what is known."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from threading import Event

import pytest

from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.hosts.attachments import AttachedRuntime
from cachewright.agents.runtime.hosts.members import Member, Members
from cachewright.agents.runtime.hosts.pulse import SILENCE, Pulse
from cachewright.agents.runtime.hosts.runtime import HostsRuntime
from cachewright.controlplane.model.hosts import Host
from tests.e2e.waiting import until

SUBNET = "10.200.0.0/16"


@contextmanager
def unanswered() -> Iterator[HostsRuntime]:
    """Of hosts whose engines nobody hears."""
    runtime = HostsRuntime("one", [Host("h1", "unix:///nowhere/docker.sock", "a", "10.77.0.1")])
    try:
        yield runtime
    finally:
        runtime.close()


def test_a_network_that_is_known_is_what_it_was_until_the_swarm_answers() -> None:
    with unanswered() as runtime:
        assert runtime.open_network(SUBNET).subnet == IPv4Network(SUBNET)


def test_a_network_that_nobody_knows_waits_for_the_swarm() -> None:
    with unanswered() as runtime, pytest.raises(Later):
        runtime.open_network()


def test_hosts_that_come_are_attended_to_beside_those_that_were() -> None:
    with unanswered() as runtime:
        more = Host("h2", "unix:///nowhere/else.sock", "b", "10.77.0.2", joining=True)
        runtime.attend({"h2": more})
        with pytest.raises(Later, match=r"h1: .*; h2: |h2: .*; h1: "):
            runtime.version()


def test_the_memory_of_a_host_that_was_seen_is_not_asked_for() -> None:
    with unanswered() as runtime:
        assert runtime.capacities({"h1": 1 << 30}) == {"h1": 1 << 30}
        with pytest.raises(Later):
            runtime.capacities({"h2": 1 << 30})


@dataclass(eq=False)
class Dying:
    """A host that dies while something is done there, of which the engine never tells."""

    now: float = 0.0
    passed: float = 0.0  # seconds that pass meanwhile
    reason: str = ""
    released: Event = field(default_factory=Event)
    member: Member = field(init=False)

    def __post_init__(self) -> None:
        host, engine = Host("h1", "unix:///nowhere/docker.sock", "a", "10.77.0.1"), Engine("unix:///nowhere")
        pulse = Pulse(self._asked, lambda: self.now)
        self.member = Member(host, engine, AttachedRuntime("one", engine), pulse)

    def _asked(self) -> None:
        if self.reason:
            raise Later(self.reason)

    def deed(self, _: Member) -> bool:
        """Whether somebody has gone on before time is up."""
        self.reason = "no route to host"
        self.now += self.passed
        return self.released.wait(5.0)


def done_again(members: Members, *, look: bool) -> bool:
    with suppress(Later):
        return members.at("h1", "start a container", lambda _: True, look=look)
    return False


@pytest.mark.parametrize("look", [False, True])
def test_what_is_under_way_on_a_host_that_dies_is_not_waited_for(look: bool) -> None:
    dying = Dying(passed=SILENCE + 0.1)
    members = Members([dying.member])
    try:
        with pytest.raises(Later, match="host h1 does not answer"):
            members.at("h1", "start a container", dying.deed, look=look)
        dying.reason = ""
        dying.member.pulse.look()
        with pytest.raises(Later, match="it is under way"):
            members.at("h1", "start a container", dying.deed, look=look)
        dying.released.set()
        until("it is done once more", lambda: done_again(members, look=look))
    finally:
        dying.released.set()
        dying.member.pulse.end()


def test_a_deed_is_waited_for_although_somebody_doubts_that_its_host_answers() -> None:
    dying = Dying()

    def doubted(one: Member) -> bool:
        dying.reason, dying.now = "slow", 1.0
        one.pulse.doubt(0.5)
        return True

    members = Members([dying.member])
    try:
        assert members.at("h1", "start a container", doubted)
        assert members.silent()
    finally:
        dying.member.pulse.end()
