"""Who is listed at the configuration endpoint, and when."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from cachewright.agents.directory.program.listing import Entry, Listing
from cachewright.agents.memory.directory import MemoryDirectory
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address, Cache, Discovery, Kind
from cachewright.controlplane.model.lifecycle import Phase
from tests.house import MODES, House, house


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


def directory(home: House) -> MemoryDirectory:
    """The pretend directory."""
    known = home.backend.directory(Address("", 0), "")
    assert isinstance(known, MemoryDirectory)
    return known


def discovery(cache: Cache) -> Discovery:
    assert cache.status.discovery
    return cache.status.discovery


def listing(home: House, cache: Cache) -> Listing:
    """What clients are told."""
    return directory(home).state().discovery[discovery(cache).address.port]


def entries(cache: Cache, nodes: Sequence[str]) -> tuple[Entry, ...]:
    told = [cache.status.shown_address(node) for node in nodes]
    return tuple(Entry(address.host, address.host, address.port) for address in told)


def one_round(home: House, cache: Cache) -> None:
    home.reconcile(cache.key)


def test_the_first_list_is_that_of_the_whole_cluster(home: House) -> None:
    cache = home.cluster("mc", Engine="memcached", NumCacheNodes=3)
    told = listing(home, cache)
    assert told.version == 1
    assert told.nodes == entries(cache, ["mc.0001", "mc.0002", "mc.0003"])
    addresses = [node.address for node in cache.status.nodes.values()]
    assert told.targets == tuple((address.host, address.port) for address in addresses)


def test_redis_is_not_listed(home: House) -> None:
    assert home.cluster("one").status.discovery is None
    assert directory(home).state().discovery == {}


def test_every_node_that_comes_or_goes_raises_the_version(home: House) -> None:
    home.cluster("mc", Engine="memcached", NumCacheNodes=2)
    home.call("ModifyCacheCluster", CacheClusterId="mc", NumCacheNodes=5, ApplyImmediately=True)
    home.settle()
    cache = home.cache(Kind.CACHE_CLUSTER, "mc")
    assert (listing(home, cache).version, len(listing(home, cache).nodes)) == (4, 5)
    gone = ["0002", "0004"]
    home.call(
        "ModifyCacheCluster", CacheClusterId="mc", NumCacheNodes=3, CacheNodeIdsToRemove=gone, ApplyImmediately=True
    )
    home.settle()
    cache = home.cache(Kind.CACHE_CLUSTER, "mc")
    assert listing(home, cache).version == 6
    assert listing(home, cache).nodes == entries(cache, ["mc.0001", "mc.0003", "mc.0005"])


def test_a_node_runs_as_long_as_clients_may_be_told_of_it(home: House) -> None:
    """The directory does not answer: the node that shall go stays until it does."""
    cache = home.cluster("mc", Engine="memcached", NumCacheNodes=2)
    directory(home).answers = False
    home.call(
        "ModifyCacheCluster", CacheClusterId="mc", NumCacheNodes=1, CacheNodeIdsToRemove=["0002"], ApplyImmediately=True
    )
    for _ in range(3):
        one_round(home, cache)
    assert home.container("mc.0002")
    directory(home).answers = True
    home.settle()
    assert [container.labels["cachewright.node"] for container in home.containers()] == ["mc.0001"]
    assert listing(home, cache).nodes == entries(cache, ["mc.0001"])


def test_a_failed_node_stays_listed_and_is_led_to_no_more_until_it_is_back(home: House) -> None:
    cache = home.cluster("mc", Engine="memcached", NumCacheNodes=2)
    before = listing(home, cache)
    home.machine.refusal = lambda _: Later("the machine is full")
    home.machine.kill(home.container("mc.0001"))
    for _ in range(3):
        one_round(home, cache)
    assert listing(home, cache).nodes == before.nodes
    assert listing(home, cache).version == before.version
    assert listing(home, cache).targets == before.targets[1:]
    home.machine.refusal = lambda _: None
    home.settle()
    assert listing(home, cache) == before


def test_nothing_is_available_that_the_directory_does_not_list(home: House) -> None:
    directory(home).answers = False
    home.call(
        "CreateCacheCluster", CacheClusterId="mc", Engine="memcached", CacheNodeType="cache.t3.micro", NumCacheNodes=1
    )
    cache = home.cache(Kind.CACHE_CLUSTER, "mc")
    for _ in range(3):
        one_round(home, cache)
    assert home.cache(Kind.CACHE_CLUSTER, "mc").phase is Phase.CREATING
    directory(home).answers = True
    home.settle()
    assert home.cache(Kind.CACHE_CLUSTER, "mc").phase is Phase.AVAILABLE


def test_another_directory_is_told_everything_again(home: House) -> None:
    cache = home.cluster("mc", Engine="memcached", NumCacheNodes=2)
    before = listing(home, cache)
    directory(home).withdraw(discovery(cache).address.port)
    home.restart()
    home.settle()
    assert listing(home, cache) == before


def test_a_deleted_cluster_is_listed_no_more(home: House) -> None:
    home.cluster("mc", Engine="memcached", NumCacheNodes=2)
    home.call("DeleteCacheCluster", CacheClusterId="mc")
    home.settle()
    assert directory(home).state().discovery == {}


def test_connections_of_an_encrypted_cluster_are_encrypted(home: House) -> None:
    cache = home.cluster("mc", Engine="memcached", NumCacheNodes=2, TransitEncryptionEnabled=True)
    assert listing(home, cache).encrypted
