"""Auto Discovery as clients use it: those of others, unmodified, and what they are told while the cluster changes."""

import ssl
import sys
from contextlib import closing

import pytest
from elasticache_auto_discovery import discover
from pymemcache import Client, HashClient

from cachewright.agents.planning.labels import DIRECTORY
from tests.e2e.cloud import Cloud, Place, node_places, place
from tests.e2e.discovering import Told, told, told_by_whoever_answers
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


def _configuration(cloud: Cloud, nodes: int) -> Place:
    """The configuration endpoint of a new cluster."""
    return place(cloud.cluster("mc", Engine="memcached", NumCacheNodes=nodes)["ConfigurationEndpoint"])


def _told_of(where: Place, nodes: int) -> Told:
    def listed() -> bool:
        found = told_by_whoever_answers(where)
        return found is not None and len(found[1]) == nodes

    until(f"{nodes} nodes are listed", listed)
    return told(where)


def test_a_client_that_only_discovers(cloud: Cloud) -> None:
    host, port = _configuration(cloud, 3)
    found = [(ip.decode(), int(at)) for _, ip, at in discover(f"{host}:{port}", 5)]
    assert found == sorted(node_places(cloud.shown_cluster("mc")).values())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="elasticache-pyclient needs modules that Python has no more")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the client imports modules that are leaving Python
def test_a_client_that_hashes_over_what_it_discovers(cloud: Cloud) -> None:
    from elasticache_pyclient import MemcacheClient  # noqa: PLC0415

    host, port = _configuration(cloud, 3)
    client = MemcacheClient(f"{host}:{port}")
    try:
        assert client.cluster_size() == 3
        assert all(client.set(f"key{number}", number) for number in range(50))
        assert [client.get(f"key{number}") for number in range(50)] == list(range(50))
    finally:
        client.stop_timer()


def test_the_endpoint_is_a_plain_server_too(cloud: Cloud) -> None:
    where = _configuration(cloud, 2)
    with closing(Client(where, timeout=5, connect_timeout=5)) as client:
        assert client.version().startswith(b"1.6")
        assert client.set("key", b"config get cluster\r\n", noreply=False)
        assert client.raw_command(b"config get cluster", end_tokens=b"END\r\n").startswith(b"CONFIG cluster 0 ")
        assert client.get("key") == b"config get cluster\r\n"
        assert client.stats()[b"cmd_set"] == 1
    values = {f"key{number}": str(number).encode() for number in range(50)}
    with closing(HashClient(told(where)[1])) as hashing:
        assert hashing.set_many(values) == []
        assert hashing.get_many(values) == values


def test_the_version_rises_with_every_node_that_comes_or_goes(cloud: Cloud) -> None:
    where = _configuration(cloud, 2)
    version, first = told(where)
    assert (version, first) == (1, sorted(node_places(cloud.shown_cluster("mc")).values()))
    cloud.api.modify_cache_cluster(CacheClusterId="mc", NumCacheNodes=4, ApplyImmediately=True)
    version, more = _told_of(where, 4)
    assert version == 3
    assert more == sorted(node_places(cloud.available_cluster("mc")).values())
    cloud.api.modify_cache_cluster(
        CacheClusterId="mc", NumCacheNodes=3, CacheNodeIdsToRemove=["0001"], ApplyImmediately=True
    )
    version, fewer = _told_of(where, 3)
    assert version == 4
    assert fewer == sorted(node_places(cloud.available_cluster("mc")).values())


def test_a_node_that_is_replaced_stays_listed(cloud: Cloud) -> None:
    where = _configuration(cloud, 2)
    before = told(where)
    broken = cloud.containers()["mc.0001"]
    broken.kill()
    until("it is replaced", lambda: cloud.containers().get("mc.0001", broken).id != broken.id)
    cloud.available_cluster("mc")
    assert told(where) == before
    assert dict(node_places(cloud.shown_cluster("mc"))).keys() == {"0001", "0002"}


def test_it_answers_while_the_control_plane_is_dead_also_after_a_restart(cloud: Cloud) -> None:
    where = _configuration(cloud, 2)
    before = told(where)
    cloud.plane.kill()
    assert told(where) == before
    cloud.shared(DIRECTORY).restart(timeout=1)
    assert until("it answers again", lambda: told_by_whoever_answers(where)) == before
    with closing(Client(where, timeout=5, connect_timeout=5)) as client:
        assert client.version().startswith(b"1.6")


def test_it_comes_back_when_somebody_removes_it(cloud: Cloud) -> None:
    where = _configuration(cloud, 2)
    before = told(where)
    cloud.shared(DIRECTORY).remove(force=True)
    assert until("it answers again", lambda: told_by_whoever_answers(where)) == before


def test_encrypted_clusters_are_discovered_over_encrypted_connections(cloud: Cloud) -> None:
    asked = {"Engine": "memcached", "NumCacheNodes": 2, "TransitEncryptionEnabled": True}
    where = place(cloud.cluster("mc", **asked)["ConfigurationEndpoint"])
    verified = ssl.create_default_context(cafile=str(cloud.plane.data_dir / "ca.pem"))
    with closing(Client(where, timeout=5, connect_timeout=5, tls_context=verified)) as client:
        listed = client.raw_command(b"config get cluster", end_tokens=b"\n\r\nEND\r\n").split(b"\n")[2].split(b" ")
        assert client.set("key", b"value", noreply=False)
        assert client.get("key") == b"value"
    for node in listed:
        host, _, port = node.decode().split("|")
        with closing(Client((host, int(port)), timeout=5, connect_timeout=5, tls_context=verified)) as client:
            assert client.version().startswith(b"1.6")
    assert "PRIVATE KEY" not in str(cloud.shared(DIRECTORY).attrs)
