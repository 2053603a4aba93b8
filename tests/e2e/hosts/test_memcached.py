"""A Memcached cluster on three machines: clients discover it at any of them, whichever has lost its power."""

import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import docker
import pytest
from elasticache_auto_discovery import discover
from pymemcache import Client, HashClient
from pymemcache.exceptions import MemcacheError

from tests.e2e.cloud import SOON as POLLED
from tests.e2e.cloud import Cloud, Place, node_places, place
from tests.e2e.discovering import told, told_by_whoever_answers
from tests.e2e.hosts import three as machines_of
from tests.e2e.plane import run
from tests.e2e.waiting import until
from tests.machines import NAMES, Machines

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("hosts")]

IMAGES = ("cachewright/memcached", "cachewright/directory", "cachewright/gateway")
SOON = 60.0  # seconds, on a machine that does much else


@pytest.fixture(scope="module")
def cloud(three: Machines, machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A control plane that was told of them."""
    with machines_of.told(three, three.hosts, machine, tmp_path_factory.mktemp("memcached"), {}) as made:
        yield made


@pytest.fixture(scope="module")
def doors(cloud: Cloud, three: Machines) -> dict[str, Place]:
    """The configuration endpoint of a cluster over the zones, at each machine."""
    shown = cloud.cluster("mc", Engine="memcached", NumCacheNodes=3, AZMode="cross-az")
    port = place(shown["ConfigurationEndpoint"])[1]
    return {host.name: (host.address, port) for host in three.hosts}


def _answer(nodes: list[Place]) -> bool:
    """Whether each takes a value of its own and gives it back."""
    values = {f"key{number}": str(number).encode() for number in range(50)}
    with closing(HashClient(nodes, timeout=5, connect_timeout=5)) as hashing:
        untaken = hashing.set_many(values)
        return not untaken and bool(hashing.get_many(values) == values)


def _machines(nodes: list[Place]) -> dict[str, int]:
    """How many nodes are on each machine."""
    return dict(Counter(NAMES[int(address.rpartition(".")[2]) - 1] for address, _ in nodes))


def test_clients_discover_the_same_nodes_at_each_machine(cloud: Cloud, doors: dict[str, Place]) -> None:
    version, nodes = told(doors["one"])
    assert version == 1
    assert nodes == sorted(node_places(cloud.shown_cluster("mc")).values())
    assert _machines(nodes) == {"one": 1, "two": 1, "three": 1}
    assert _answer(nodes)
    for host, port in doors.values():
        assert [(ip.decode(), int(at)) for _, ip, at in discover(f"{host}:{port}", 5)] == nodes
        with closing(Client((host, port), timeout=5, connect_timeout=5)) as client:
            assert client.version().startswith(b"1.6")


def test_an_encrypted_cluster_is_discovered_at_each_machine(cloud: Cloud, three: Machines) -> None:
    shown = cloud.cluster("secret", Engine="memcached", NumCacheNodes=2, TransitEncryptionEnabled=True)
    port = place(shown["ConfigurationEndpoint"])[1]
    context = ssl.create_default_context(cafile=str(cloud.plane.data_dir / "ca.pem"))
    lists = {tuple(told((host.address, port), context)[1]) for host in three.hosts}
    assert lists == {tuple(sorted(node_places(shown).values()))}
    cloud.api.delete_cache_cluster(CacheClusterId="secret")
    cloud.api.get_waiter("cache_cluster_deleted").wait(CacheClusterId="secret", WaiterConfig=POLLED)


def test_clients_discover_the_nodes_that_take_the_place_of_those_of_a_machine_without_power(
    cloud: Cloud, three: Machines, doors: dict[str, Place]
) -> None:
    version, before = told(doors["one"])
    three.do("off", 1)
    survivors = [doors["two"], doors["three"]]
    for door in survivors:
        until("all that are listed answer", partial(_all_answer, door, without="one"), SOON)
    after, nodes = told(doors["two"])
    assert after == version + 1
    assert len(nodes) == len(before)
    three.do("on", 1)
    until("it tells what the others tell", lambda: told_by_whoever_answers(doors["one"]) == (after, nodes), SOON)
    cloud.available_cluster("mc")
    names = three.docker(1, "ps", "-a", "--format={{.Names}}").split()
    assert not [name for name in names if "-mc.0" in name]


def _all_answer(door: Place, without: str) -> bool:
    found = told_by_whoever_answers(door)
    return found is not None and without not in _machines(found[1]) and _answers(found[1])


def _answers(nodes: list[Place]) -> bool:
    try:
        return _answer(nodes)
    except (OSError, MemcacheError):
        return False


def test_nodes_leave_a_machine_that_is_drained(cloud: Cloud, three: Machines, doors: dict[str, Place]) -> None:
    drained = run("host", "drain", "two", "--url", cloud.plane.url)
    assert drained.returncode == 0, drained.stderr
    for door in doors.values():
        until("all that are listed answer", partial(_all_answer, door, without="two"), SOON)
    undone = run("host", "drain", "two", "--undo", "--url", cloud.plane.url)
    assert undone.returncode == 0, undone.stderr
    cloud.available_cluster("mc")
