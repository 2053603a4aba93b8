"""Replication groups through boto3, used by real clients."""

import pytest

from tests.e2e.clients import identity, idle_session, leads, writing
from tests.e2e.cloud import SOON, Cloud, member_places, place, redis_at, roles
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

CONNECTIONS = 12  # enough for every replica to get some


@pytest.mark.parametrize(("engine", "version"), [("redis", "7.1"), ("valkey", "8.1")])
def test_roles_and_endpoints(cloud: Cloud, engine: str, version: str) -> None:
    group = cloud.group("shop", Engine=engine, EngineVersion=version, Port=6390)
    assert roles(group) == {"shop-001": "primary", "shop-002": "replica", "shop-003": "replica"}
    members = member_places(group)
    assert {name: leads(where) for name, where in members.items()} == {
        "shop-001": True,
        "shop-002": False,
        "shop-003": False,
    }
    primary, reader = place(group["PrimaryEndpoint"]), place(group["ReaderEndpoint"])
    assert {port for _, port in (primary, reader, *members.values())} == {6390}
    assert redis_at(primary).set("written", "once")
    until("the reader endpoint has it", lambda: redis_at(reader).get("written") == "once")
    readers = {identity(reader) for _ in range(CONNECTIONS)}
    assert readers == {identity(members["shop-002"]), identity(members["shop-003"])}

    cloud.api.delete_replication_group(ReplicationGroupId="shop")
    cloud.api.get_waiter("replication_group_deleted").wait(ReplicationGroupId="shop", WaiterConfig=SOON)
    assert cloud.containers() == {}


@pytest.mark.parametrize(("engine", "version"), [("redis", "6.2"), ("redis", "7.1"), ("valkey", "8.1")])
def test_failover_loses_nothing(cloud: Cloud, engine: str, version: str) -> None:
    before = cloud.group("fo", Engine=engine, EngineVersion=version)
    primary = place(before["PrimaryEndpoint"])
    with writing(primary) as writer, idle_session(primary) as session:
        cloud.api.test_failover(ReplicationGroupId="fo", NodeGroupId="0001")
        until("the old session is closed", session.closed)
        after = cloud.available_group("fo")
        writer.progress()
    assert writer.lost() == []
    assert after["PrimaryEndpoint"] == before["PrimaryEndpoint"]
    assert after["ReaderEndpoint"] == before["ReaderEndpoint"]
    assert member_places(after) == member_places(before)
    _check_succession(cloud, after)


def _check_succession(cloud: Cloud, after: dict[str, object]) -> None:
    (candidate,) = (name for name, role in roles(after).items() if role == "primary")
    assert candidate != "fo-001"
    assert [name for name, where in member_places(after).items() if leads(where)] == [candidate]
    completed = f"Failover from primary node fo-001 to replica node {candidate} completed"
    told = cloud.messages("fo", "fo-001")
    assert told[-5:] == [
        ("fo", "Test Failover API called for node group 0001"),
        ("fo-001", completed),
        ("fo", completed),
        ("fo-001", "Recovering cache nodes 0001"),
        ("fo-001", "Finished recovery for cache nodes 0001"),
    ]
