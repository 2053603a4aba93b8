"""A global datastore in cluster mode of a single node group, on a pretend machine."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cachewright.agents.engines.redis.cluster_options import ALONE, SILENCE, TIMEOUT
from tests.agents.test_global_clusters import (
    HOUSES,
    ID,
    assert_cluster,
    assert_copies,
    disassociate,
    fail_over,
    leaders,
    lives,
    member,
    of_any_engine,
    pair,
    processes,
    write,
)
from tests.agents.test_global_shards import regroup, settle, status
from tests.house import House

READS = "cluster-allow-reads-when-down"


@pytest.fixture(params=HOUSES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A house with a datastore of two members of a single shard, `home` and `away`."""
    return pair(tmp_path, shards=1, **HOUSES[request.param])


def settings(home: House, name: str, setting: str) -> set[str]:
    """The values of a setting at the nodes of a member."""
    return {process.configuration[setting] for process in processes(home, name).values()}


def test_reads_are_answered_though_its_cluster_is_down(home: House) -> None:
    assert_copies(home, "away", "home")
    assert_cluster(home, "home")
    assert set(lives(home, "home") + lives(home, "away")) == {1}
    assert settings(home, "away", READS) == {"yes"}
    assert processes(home, "away")[leaders(home, "away")[0]].configuration[TIMEOUT] == str(ALONE)
    with pytest.raises(ConnectionError, match="it takes no writes"):
        write(home, "away", "k0", "x")


@pytest.mark.parametrize("fault", ["kill", "remove"])
def test_a_secondary_that_loses_a_node_mends_itself(fault: str, home: House) -> None:
    for node in tuple(member(home, "away").status.nodes):
        getattr(home.machine, fault)(home.container(node))
        settle(home)
        assert_copies(home, "away", "home")


@of_any_engine
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_secondary_takes_over_and_gives_it_back(replicas: int, engine: Mapping[str, str], tmp_path: Path) -> None:
    home = pair(tmp_path, replicas, shards=1, engine=engine)
    fail_over(home)
    settle(home)
    assert_cluster(home, "away")
    assert_copies(home, "home", "away")
    assert set(lives(home, "away")) == {1}
    assert settings(home, "away", TIMEOUT) == {str(SILENCE)}
    write(home, "away", "more", "x")
    fail_over(home, "home")
    settle(home)
    assert_cluster(home, "home", more="x")
    assert_copies(home, "away", "home", more="x")


@of_any_engine
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_secondary_becomes_a_cluster_of_its_own(replicas: int, engine: Mapping[str, str], tmp_path: Path) -> None:
    home = pair(tmp_path, replicas, shards=1, engine=engine)
    disassociate(home)
    settle(home)
    assert_cluster(home, "away")
    assert set(lives(home, "away")) == {1}
    assert settings(home, "away", TIMEOUT) == {str(SILENCE)}
    assert settings(home, "away", READS) == {"no"}
    assert settings(home, "home", READS) == {"yes"}
    home.call("DeleteGlobalReplicationGroup", GlobalReplicationGroupId=ID, RetainPrimaryReplicationGroup=True)
    settle(home)
    assert settings(home, "home", READS) == {"no"}
    assert_cluster(home, "home")


@of_any_engine
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_second_node_group_comes_and_goes(replicas: int, engine: Mapping[str, str], tmp_path: Path) -> None:
    home = pair(tmp_path, replicas, shards=1, engine=engine)
    regroup(home, "IncreaseNodeGroups", NodeGroupCount=2)
    settle(home)
    assert status(home) == "available"
    assert_cluster(home, "home")
    assert_copies(home, "away", "home")
    regroup(home, "DecreaseNodeGroups", NodeGroupCount=1, GlobalNodeGroupsToRemove=[f"{ID}-0001"])
    settle(home)
    assert set(member(home, "away").status.shards) == {"0002"}
    assert_cluster(home, "home")
    assert_copies(home, "away", "home")
    fail_over(home)
    settle(home)
    assert_cluster(home, "away")
    assert_copies(home, "home", "away")
