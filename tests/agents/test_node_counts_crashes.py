"""Memcached clusters that change: the agent may die at any instruction, and requests may come in any order."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.agents.planning.containers import State
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.cache import Cache, Key, Kind
from tests.agents.test_crashes import moments
from tests.house import ACCOUNT, REGION, House, house

KEY = Key(ACCOUNT, REGION, Kind.CACHE_CLUSTER, "m")


def begin(home: House) -> None:
    """A cluster of three."""
    home.cluster("m", Engine="memcached", NumCacheNodes=3)


def modify(home: House, **params: Any) -> None:
    """One request, at once."""
    home.call("ModifyCacheCluster", CacheClusterId="m", ApplyImmediately=True, **params)


def grow(home: House) -> None:
    modify(home, NumCacheNodes=5)


def shrink(home: House) -> None:
    modify(home, NumCacheNodes=1, CacheNodeIdsToRemove=["0001", "0003"])


def roll(home: House) -> None:
    modify(home, CacheNodeType="cache.m5.large")


def roll_and_shrink(home: House) -> None:
    modify(home, CacheNodeType="cache.m5.large", NumCacheNodes=2, CacheNodeIdsToRemove=["0002"])


def reboot(home: House) -> None:
    home.call("ModifyCacheCluster", CacheClusterId="m", NumCacheNodes=4)
    home.call("RebootCacheCluster", CacheClusterId="m", CacheNodeIdsToReboot=["0001", "0002", "0003"])


WAYS: tuple[Callable[[House], None], ...] = (grow, shrink, roll, roll_and_shrink, reboot)


def assert_sound(home: House) -> Cache:
    """Just the desired nodes run and answer, clients are told of them and of no others."""
    cache = home.cache(Kind.CACHE_CLUSTER, "m")
    desired = [node.name for node in cache.spec.nodes]
    running = {container.labels["cachewright.node"]: container.state for container in home.containers()}
    assert running == dict.fromkeys(desired, State.RUNNING)
    assert sorted(cache.status.nodes) == sorted(desired)
    assert cache.status.discovery
    assert sorted(cache.status.discovery.nodes) == sorted(desired)
    assert sorted(cache.status.discovery.live) == sorted(desired)
    assert cache.status.generation == cache.generation
    return cache


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_prefix_of_every_plan_comes_to_rest(way: Callable[[House], None], tmp_path: Path) -> None:
    home = house(tmp_path)
    begin(home)
    way(home)
    for _ in moments(home, lambda: home.reconcile(KEY)):
        home.settle()
        assert_sound(home)


REQUESTS = st.lists(st.tuples(st.integers(1, 7), st.booleans()), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(REQUESTS)
def test_whatever_is_asked_for_last_is_so_after_the_window(requests: list[tuple[int, bool]]) -> None:
    """Numbers in any order, at once or not; what waits is cancelled first where AWS wants it."""
    with TemporaryDirectory() as directory:
        home = house(Path(directory))
        begin(home)
        for count, now in requests:
            active = home.cache(Kind.CACHE_CLUSTER, "m").spec.nodes
            waits = len(active) + len(home.cache(Kind.CACHE_CLUSTER, "m").spec.pending.resize.zones)
            if len(active) < count < waits:
                home.call("ModifyCacheCluster", CacheClusterId="m", NumCacheNodes=len(active))
            leaving = {"CacheNodeIdsToRemove": [node.id for node in active[count:]]} if count < len(active) else {}
            home.call("ModifyCacheCluster", CacheClusterId="m", NumCacheNodes=count, ApplyImmediately=now, **leaving)
            home.settle()
        Maintenance(home.store, home.clock, 1.0).run("m", "")
        home.settle()
        assert len(assert_sound(home).spec.nodes) == requests[-1][0]
