"""Groups get more replicas and fewer, are made out of a cluster and leave one behind, while clients write."""

import pytest
from botocore.exceptions import ClientError

from tests.e2e.checks import check_copies, check_roles
from tests.e2e.clients import answers, crowding, identity, leads, writing
from tests.e2e.cloud import (
    SOON,
    Cloud,
    addresses,
    member_places,
    node_places,
    place,
    primary_of,
    roles,
)
from tests.e2e.encrypted import GUARDED, PLAIN, TOKEN, verifying
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

NOW = {"ApplyImmediately": True}


@pytest.mark.parametrize("guarded", [False, True], ids=["plain", "guarded"])
def test_more_and_fewer_replicas(cloud: Cloud, guarded: bool) -> None:
    guest = verifying(cloud.plane, TOKEN) if guarded else PLAIN
    before = cloud.group("rg", 2, **(GUARDED if guarded else {}))
    with crowding(place(before["PrimaryEndpoint"]), (guest, guest)) as crowd:
        cloud.api.increase_replica_count(ReplicationGroupId="rg", NewReplicaCount=3, **NOW)
        more = cloud.available_group("rg")
        check_roles(more, guest)
        cloud.api.decrease_replica_count(ReplicationGroupId="rg", ReplicasToRemove=["rg-002", "rg-004"], **NOW)
        fewer = cloud.available_group("rg")
        check_roles(fewer, guest)
        crowd.progress()
    assert crowd.lost() == {}
    assert [writer.failures for writer in crowd.writers] == [0, 0]
    assert roles(more) == {"rg-001": "primary", **dict.fromkeys(("rg-002", "rg-003", "rg-004"), "replica")}
    assert roles(fewer) == {"rg-001": "primary", "rg-003": "replica"}
    assert addresses(before).items() <= addresses(more).items()
    assert addresses(fewer).items() <= addresses(more).items()
    check_copies(fewer, guest)
    cloud.await_nodes("rg-001.0001", "rg-003.0001")


def test_no_replica_any_more(cloud: Cloud) -> None:
    """Readers are then served by the primary."""
    cloud.group("rg", 2, AutomaticFailoverEnabled=False)
    cloud.api.decrease_replica_count(ReplicationGroupId="rg", NewReplicaCount=0, **NOW)
    after = cloud.available_group("rg")
    assert roles(after) == {"rg-001": "primary"}
    check_roles(after)
    cloud.await_nodes("rg-001.0001")


def test_one_replica_as_a_cluster(cloud: Cloud) -> None:
    before = cloud.group("rg", 2)
    with writing(place(before["PrimaryEndpoint"])) as writer:
        cloud.api.create_cache_cluster(CacheClusterId="extra", ReplicationGroupId="rg")
        cluster = cloud.available_cluster("extra")
        more = cloud.available_group("rg")
        check_roles(more)
        cloud.api.delete_cache_cluster(CacheClusterId="rg-002")
        cloud.api.get_waiter("cache_cluster_deleted").wait(CacheClusterId="rg-002", WaiterConfig=SOON)
        fewer = cloud.available_group("rg")
        writer.progress()
    assert (writer.lost(), writer.failures) == ([], 0)
    assert member_places(more)["extra"] == node_places(cluster)["0001"]
    assert roles(fewer) == {"rg-001": "primary", "extra": "replica"}
    assert addresses(fewer).items() <= addresses(more).items()
    check_copies(fewer)
    with pytest.raises(ClientError, match="CacheClusterNotFound"):
        cloud.shown_cluster("rg-002")
    cloud.await_nodes("rg-001.0001", "extra.0001")


def test_a_group_out_of_a_cluster(cloud: Cloud) -> None:
    """The cluster becomes the primary: same data, same address, same process."""
    where = node_places(cloud.cluster("one"))["0001"]
    run = identity(where)
    with writing(where) as writer:
        asked = {"ReplicationGroupDescription": "out of one", "NumCacheClusters": 3, "AutomaticFailoverEnabled": True}
        cloud.api.create_replication_group(ReplicationGroupId="rg", PrimaryClusterId="one", **asked)
        group = cloud.available_group("rg")
        writer.progress()
    assert (writer.lost(), writer.failures) == ([], 0)
    assert member_places(group)["one"] == where
    assert primary_of(group) == "one"
    assert len(roles(group)) == 3
    assert (identity(where), identity(place(group["PrimaryEndpoint"]))) == (run, run)
    check_roles(group)
    check_copies(group)
    cloud.containers()["one.0001"].kill()  # it is a member like any other
    until("another node leads", lambda: roles(cloud.shown_group("rg"))["one"] == "replica")
    assert addresses(cloud.available_group("rg")) == addresses(group)


@pytest.mark.parametrize("guarded", [False, True], ids=["plain", "guarded"])
def test_a_cluster_that_outlives_its_group(cloud: Cloud, guarded: bool) -> None:
    """The primary stays: same data, same address, same process."""
    guest = verifying(cloud.plane, TOKEN) if guarded else PLAIN
    before = cloud.group("rg", 3, **(GUARDED if guarded else {}))
    where = member_places(before)["rg-001"]
    run = identity(where, **guest)
    with crowding(where, (guest, guest)) as crowd:
        cloud.api.delete_replication_group(ReplicationGroupId="rg", RetainPrimaryCluster=True)
        cloud.api.get_waiter("replication_group_deleted").wait(ReplicationGroupId="rg", WaiterConfig=SOON)
        after = cloud.available_cluster("rg-001")
        crowd.progress()
    assert crowd.lost() == {}
    assert [writer.failures for writer in crowd.writers] == [0, 0]
    assert "ReplicationGroupId" not in after
    assert node_places(after) == {"0001": where}
    assert (identity(where, **guest), leads(where, **guest)) == (run, True)
    cloud.await_nodes("rg-001.0001")
    assert not answers(place(before["PrimaryEndpoint"]), **guest)
    cloud.api.delete_cache_cluster(CacheClusterId="rg-001")
    cloud.api.get_waiter("cache_cluster_deleted").wait(CacheClusterId="rg-001", WaiterConfig=SOON)
    cloud.await_nodes()
