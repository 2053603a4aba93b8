"""The runtime of several hosts while no Swarm answers: whoever begins then acts with what is known."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network

import pytest

from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.hosts.runtime import HostsRuntime
from cachewright.controlplane.model.hosts import Host

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
