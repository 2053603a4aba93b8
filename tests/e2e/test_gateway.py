"""The gateway, broken by hand: it comes back, and leads where it led."""

from contextlib import closing

import pytest
from pymemcache import Client
from pymemcache.exceptions import MemcacheError

from cachewright.agents.planning.labels import GATEWAY
from tests.e2e.clients import answers, identity, writing
from tests.e2e.cloud import Cloud, Place, member_places, place
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
