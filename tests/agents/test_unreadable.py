"""A cache that cannot be read: it serves on as it is, others are worked on, and nobody takes it for absent."""

from pathlib import Path

import pytest
from sqlalchemy import text

from cachewright.controlplane.console.bodies import answered
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.drills import NoSuchTarget
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.store.documents import Unreadable
from tests.house import House, house


def spoil(home: House, name: str) -> None:
    """Have a field in a spec that this version does not know."""
    changed = """UPDATE caches SET spec = '{"tokens":["secret"],' || substr(spec, 2) WHERE id = :name"""
    with home.store.write() as transaction:
        transaction.connection.execute(text(changed), {"name": name})


def mend(home: House, name: str) -> None:
    with home.store.write() as transaction:
        changed = """UPDATE caches SET spec = replace(spec, '"tokens":["secret"],', '') WHERE id = :name"""
        transaction.connection.execute(text(changed), {"name": name})


def refusal(home: House, operation: str, **params: str) -> Fault:
    with pytest.raises(Fault) as refused:
        home.call(operation, **params)
    return refused.value


def test_its_containers_stay_and_others_are_worked_on(tmp_path: Path) -> None:
    home = house(tmp_path)
    spoiled, other = home.group("spoiled"), home.group("other")
    before = [container for container in home.containers() if "spoiled" in container.name]
    spoil(home, "spoiled")
    for name in ("spoiled-001.0001", "other-001.0001"):
        home.machine.kill(home.container(name))
    home.restart()
    home.settle(other.key)
    with pytest.raises(AssertionError, match="never comes to rest"):
        home.settle(spoiled.key)
    after = [container.name for container in home.containers() if "spoiled" in container.name]
    assert after == [container.name for container in before]
    assert any("spoiled" not in message and "Failover" in message for message in home.messages())
    mend(home, "spoiled")
    home.settle()
    assert home.cache(spoiled.key.kind, "spoiled").status.shards["0001"].primary != "spoiled-001.0001"


def test_it_is_missing_from_lists_and_not_said_to_be_absent(tmp_path: Path) -> None:
    home = house(tmp_path)
    home.group("spoiled", 2)
    home.group("other", 2)
    spoil(home, "spoiled")
    groups = home.call("DescribeReplicationGroups")["ReplicationGroups"]
    clusters = home.call("DescribeCacheClusters")["CacheClusters"]
    assert [group["ReplicationGroupId"] for group in groups] == ["other"]
    assert [cluster["CacheClusterId"] for cluster in clusters] == ["other-001", "other-002"]
    for operation, params in {
        "DescribeReplicationGroups": {"ReplicationGroupId": "spoiled"},
        "DescribeCacheClusters": {"CacheClusterId": "spoiled-001"},
        "DeleteReplicationGroup": {"ReplicationGroupId": "spoiled"},
    }.items():
        fault = refusal(home, operation, **params)
        assert fault.shape == "InternalFailure"
        assert "its spec: tokens: no such field is known" in fault.message
        assert "secret" not in fault.message


def test_it_is_not_said_to_be_absent_where_it_is_meant_by_its_name(tmp_path: Path) -> None:
    home = house(tmp_path)
    home.group("spoiled", 2)
    spoil(home, "spoiled")
    maintenance = Maintenance(home.store, home.clock, 1.0)
    for target in ("spoiled", "SPOILED-001"):
        with pytest.raises(Unreadable, match="its spec: tokens: no such field is known"):
            maintenance.run(target, "")
    with pytest.raises(NoSuchTarget):
        maintenance.run("other", "")
    answer = answered(200, lambda: maintenance.run("spoiled", ""))
    assert (answer.status_code, b"no such field is known" in bytes(answer.body)) == (500, True)
