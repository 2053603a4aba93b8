"""The gateway, broken by hand: it comes back, and leads where it led."""

from contextlib import closing

import pytest
from pymemcache import Client
from pymemcache.exceptions import MemcacheError

from cachewright.agents.planning.labels import GATEWAY
from tests.e2e.clients import answers, identity, writing
from tests.e2e.cloud import Cloud, Place, member_places, place, primary_of, redis_at
from tests.e2e.test_by_hand import Deed, by_hand
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


def _one_runs(cloud: Cloud) -> bool:
    """Whether there is one gateway, and it runs. A paused one leads on, and so does one that is being replaced."""
    return [found.status for found in cloud.all_shared(GATEWAY)] == ["running"]


def _version(where: Place) -> bytes:
    try:
        with closing(Client(where, timeout=2, connect_timeout=2)) as client:
            return bytes(client.version())
    except (MemcacheError, OSError):
        return b""


@by_hand
def test_it_comes_back_with_its_routes(cloud: Cloud, deed: Deed) -> None:
    cloud.ask_cluster("web", Engine="memcached", NumCacheNodes=2)
    group = cloud.group("rg")
    configuration = place(cloud.available_cluster("web")["ConfigurationEndpoint"])
    primary, reader = place(group["PrimaryEndpoint"]), place(group["ReaderEndpoint"])
    members = member_places(group)
    with writing(primary) as writer:
        deed(cloud.shared(GATEWAY))
        writer.progress()
    until("the gateway runs, or another one", lambda: _one_runs(cloud))
    until("the reader endpoint answers", lambda: answers(reader))
    assert writer.lost() == []
    assert identity(primary) == identity(members["rg-001"])
    assert identity(reader) in {identity(members["rg-002"]), identity(members["rg-003"])}
    until("the configuration endpoint answers", lambda: _version(configuration))


def _taken_at(where: Place) -> Place:
    """The address at which the node that takes a client believes itself to be."""
    with closing(redis_at(where)) as client:
        host, _, port = str(client.client_info()["laddr"]).rpartition(":")
        return host, int(port)


def test_nothing_is_between_a_client_and_its_primary(cloud: Cloud) -> None:
    """The node has the endpoint's address itself. Readers are led to several, by their own."""
    group = cloud.group("rg")
    primary, reader = place(group["PrimaryEndpoint"]), place(group["ReaderEndpoint"])
    assert _taken_at(primary) == primary
    cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001")
    after = cloud.available_group("rg")
    assert primary_of(after) != primary_of(group)
    assert _taken_at(primary) == primary
    assert identity(primary) == identity(member_places(after)[primary_of(after)])
    assert _taken_at(reader) in member_places(after).values()
