"""Engines that refuse to start with the values of their parameter group."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.queries.engines import LIMIT, LiveEngines
from cachewright.agents.toolbox import LazyTools
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_reconcile import assert_sound, home_key
from tests.house import House, house

WORDS = "activedefrag: Active defragmentation cannot be enabled"


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a parameter group that sets nothing, on a machine that cannot defragment."""
    home = house(tmp_path)
    new_group(home, "redis7")
    home.machine.stillbirth = refusing("activedefrag", "yes")
    return home


def new_group(home: House, family: str) -> None:
    home.call(
        "CreateCacheParameterGroup", CacheParameterGroupName="own", CacheParameterGroupFamily=family, Description="d"
    )


def refusing(name: str, value: str) -> Callable[[Blueprint], str]:
    def said(blueprint: Blueprint) -> str:
        words = list(blueprint.command)
        return WORDS if (f"--{name}", value) in pairwise(words) else ""

    return said


def modify(home: House, **values: str) -> None:
    pairs = [{"ParameterName": name.replace("_", "-"), "ParameterValue": value} for name, value in values.items()]
    home.call("ModifyCacheParameterGroup", CacheParameterGroupName="own", ParameterNameValues=pairs)


def ask(home: House, kind: Kind) -> None:
    if kind is Kind.CACHE_CLUSTER:
        asked: Mapping[str, Any] = {"CacheClusterId": "rg", "NumCacheNodes": 1}
        home.call("CreateCacheCluster", **asked, **_USUAL)
    else:
        asked = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "NumCacheClusters": 2}
        home.call("CreateReplicationGroup", **asked, **_USUAL)


_USUAL = {"CacheNodeType": "cache.t3.micro", "Engine": "redis", "CacheParameterGroupName": "own"}


def look_for(home: House, span: timedelta, kind: Kind = Kind.REPLICATION_GROUP, name: str = "rg") -> Cache:
    """Look as often as it is due, for some time."""
    until = home.clock.moment + span
    key = home.cache(kind, name).key
    while home.clock.moment < until:
        delay = home.reconcile(key)
        home.clock.moment += timedelta(seconds=delay or 0)
    return home.cache(kind, name)


FAILED = {
    Kind.CACHE_CLUSTER: "rg: Failed to create the cache cluster due to incompatible network state",
    Kind.REPLICATION_GROUP: "rg: Failed to create replication group rg due to unsuccessful creation of its cache"
    " cluster(s).",
}


@pytest.mark.parametrize("kind", FAILED)  # a serverless cache has no parameter group
def test_a_cache_whose_engine_refuses_to_start_has_failed(home: House, kind: Kind) -> None:
    modify(home, activedefrag="yes")
    ask(home, kind)
    failed = look_for(home, timedelta(seconds=5), kind)
    assert failed.status.phase is Phase.FAILED
    told = [message for message in home.messages() if WORDS in message]
    assert len(told) == 1
    assert [message for message in home.messages() if message.startswith("rg: ")][-2:] == [told[0], FAILED[kind]]


def test_a_cache_that_failed_is_tried_again_in_growing_pauses(home: House) -> None:
    modify(home, activedefrag="yes")
    ask(home, Kind.REPLICATION_GROUP)
    lives = [max(node.life for node in look_for(home, timedelta(minutes=1)).status.nodes.values()) for _ in range(3)]
    assert lives[0] <= 7
    assert [later - earlier for earlier, later in pairwise(lives)] == [2, 2]
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert home.containers() == []


def test_a_cache_that_failed_is_tried_at_once_with_other_values(home: House) -> None:
    modify(home, activedefrag="yes")
    ask(home, Kind.REPLICATION_GROUP)
    look_for(home, timedelta(minutes=2))
    began = last_life(home)
    while last_life(home) == began:
        look_for(home, timedelta(seconds=1))
    before = home.clock.moment
    modify(home, activedefrag="no")
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert after.status.phase is Phase.AVAILABLE
    assert home.clock.moment - before < timedelta(seconds=5)


def last_life(home: House) -> int:
    return max(node.life for node in home.cache(Kind.REPLICATION_GROUP, "rg").status.nodes.values())


def test_a_node_that_dies_once_as_it_starts_fails_nobody(home: House) -> None:
    home.machine.stillbirth = lambda _: WORDS
    ask(home, Kind.REPLICATION_GROUP)
    home.reconcile(home_key(home))
    home.machine.stillbirth = lambda _: ""
    home.settle()
    assert home.cache(Kind.REPLICATION_GROUP, "rg").status.phase is Phase.AVAILABLE
    assert [message for message in home.messages() if WORDS in message]


def test_a_reboot_with_values_that_the_engine_refuses_says_so(home: House) -> None:
    """The others go on; with other values the node is itself again."""
    home.group("rg", CacheParameterGroupName="own")
    home.machine.stillbirth = refusing("rename-command", "KEYS")
    modify(home, rename_commands="KEYS HIDDEN")
    home.settle()
    home.call("RebootCacheCluster", CacheClusterId="rg-002", CacheNodeIdsToReboot=["0001"])
    stuck = look_for(home, timedelta(minutes=1))
    assert stuck.phase is not Phase.AVAILABLE
    assert stuck.status.nodes["rg-002.0001"].life <= 8
    assert len([message for message in home.messages() if WORDS in message]) == 1
    home.call("ResetCacheParameterGroup", CacheParameterGroupName="own", ResetAllParameters=True)
    home.settle()
    assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def test_a_group_that_nobody_uses_cannot_have_what_its_engine_refuses(home: House) -> None:
    home.engines = live(home)
    with pytest.raises(Fault, match=WORDS) as refused:
        modify(home, activedefrag="yes", timeout="30")
    assert refused.value.shape == "InvalidParameterValueException"
    assert not home.call("DescribeCacheParameters", CacheParameterGroupName="own", Source="user")["Parameters"]
    modify(home, timeout="30")
    assert home.containers() == []


def test_what_a_node_takes_only_as_it_starts_is_tried_although_others_run(home: House) -> None:
    home.group("rg", CacheParameterGroupName="own")
    home.machine.stillbirth = refusing("rename-command", "KEYS")
    home.engines = live(home)
    with pytest.raises(Fault, match=WORDS):
        modify(home, rename_commands="KEYS HIDDEN")


def test_what_nodes_that_run_are_asked_is_not_tried_as_well(home: House) -> None:
    home.group("rg", CacheParameterGroupName="own")
    home.engines = live(home)
    home.machine.stillbirth = lambda _: WORDS
    modify(home, timeout="30")


def test_an_image_is_asked_once_about_the_same_values(home: House) -> None:
    home.engines = live(home)
    with pytest.raises(Fault, match=WORDS):
        modify(home, activedefrag="yes")
    home.machine.stillbirth = lambda _: ""
    with pytest.raises(Fault, match=WORDS):
        modify(home, activedefrag="yes")


def test_a_build_that_says_the_same_of_the_values_of_the_family_refuses_nothing(home: House) -> None:
    home.engines = live(home)
    home.machine.stillbirth = lambda _: "it ends in other words"
    modify(home, timeout="30")


def test_without_the_container_engine_values_are_accepted(home: House) -> None:
    home.engines = live(home)
    home.machine.away = True
    modify(home, activedefrag="yes")


@pytest.fixture
def web(tmp_path: Path) -> House:
    """A house with a parameter group of Memcached, on a machine that takes few values."""
    web = house(tmp_path)
    new_group(web, "memcached1.6")
    web.machine.stillbirth = lambda blueprint: WORDS if {"-C", "1025"} & set(blueprint.command) else ""
    web.engines = live(web)
    return web


def test_values_that_memcached_refuses_are_refused(web: House) -> None:
    with pytest.raises(Fault, match=WORDS):
        modify_flag(web, "cas_disabled", "1")


def test_values_that_go_together_later_are_not_tried(web: House) -> None:
    """AWS takes them one after the other, and complains when a cache is to have them."""
    modify_flag(web, "max_item_size", "1025")


def test_a_trial_has_more_time_than_other_questions(web: House) -> None:
    web.engines = live(web, limit=0.0)
    with pytest.raises(Fault, match=WORDS):
        modify_flag(web, "cas_disabled", "1")


def modify_flag(home: House, name: str, value: str) -> None:
    pairs = [{"ParameterName": name, "ParameterValue": value}]
    home.call("ModifyCacheParameterGroup", CacheParameterGroupName="own", ParameterNameValues=pairs)


def live(home: House, limit: float = LIMIT) -> LiveEngines:
    return LiveEngines(LazyTools(home.store, "test", home.backend, home.files, home.buckets).tools, home.buckets, limit)
