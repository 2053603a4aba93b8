"""Hosts and what nodes take of them, in each kind of database."""

from dataclasses import replace

from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.server.composition import told
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store
from tests.contract.test_store import store, url

__all__ = ["store", "url"]  # fixtures

FIRST = Host("h1", "tcp://10.77.0.1:2375", "b", "10.77.0.1", 8 << 30)
SECOND = Host("h2", "ssh://me@10.77.0.2", "a", "10.77.0.2")
PLACES = {("rg-001.0001", "h1"): 1 << 40, ("rg-002.0001", "h1"): 1, ("rg-002.0001", "h2"): 2}


def test_a_host_is_told_again_and_forgotten(store: Store) -> None:
    with store.write() as transaction:
        transaction.hosts.write(FIRST)
        transaction.hosts.write(SECOND)
        transaction.hosts.write(replace(FIRST, draining=True))
    with store.read() as transaction:
        assert transaction.hosts.all() == {"h1": replace(FIRST, draining=True), "h2": SECOND}
    with store.write() as transaction:
        assert transaction.hosts.remove("h1")
        assert not transaction.hosts.remove("h1")
        assert transaction.hosts.all() == {"h2": SECOND}


def test_what_nodes_take_is_counted_by_host(store: Store) -> None:
    with store.write() as transaction:
        transaction.hosts.keep("one", PLACES)
        transaction.hosts.keep("two", {("c.0001", "h2"): 5})
        assert transaction.hosts.taken() == {"h1": (1 << 40) + 1, "h2": 7}
        assert transaction.hosts.nodes_on("h2") == 2
        transaction.hosts.left("one", {("rg-001.0001", "h1"), ("rg-002.0001", "h2")})
        assert transaction.hosts.taken() == {"h1": 1 << 40, "h2": 7}
        transaction.hosts.transfer("one", "three", "rg-002.0001")
        transaction.hosts.release("one")
        assert transaction.hosts.taken() == {"h2": 7}
        transaction.hosts.keep("three", {})
        assert transaction.hosts.taken() == {"h2": 5}


def test_the_zones_are_those_of_the_hosts_of_the_settings_and_of_commands(store: Store) -> None:
    assert told(Settings(zones=("a", "b", "c")), store) == ({}, ("a", "b", "c"))
    hosts, zones = told(Settings(hosts=(FIRST,)), store)
    assert (list(hosts), zones) == (["h1"], ("b",))
    with store.write() as transaction:
        transaction.hosts.write(SECOND)
        transaction.hosts.write(replace(FIRST, draining=True))
    hosts, zones = told(Settings(hosts=(replace(FIRST, memory=1 << 30),)), store)
    assert hosts["h1"] == replace(FIRST, memory=1 << 30, draining=True)
    assert zones == ("a", "b")


def test_a_host_that_the_settings_have_more_than_before_joins_the_others(store: Store) -> None:
    told(Settings(hosts=(FIRST,)), store)
    for _ in range(2):
        hosts, zones = told(Settings(hosts=(FIRST, SECOND)), store)
        assert hosts == {"h1": FIRST, "h2": replace(SECOND, joining=True)}
        assert zones == ("b",)
