"""How often the container engine is asked what there is of a cache: not for what is known."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.labels import CACHE, Labels
from cachewright.agents.runtime.runtime import Listed
from cachewright.controlplane.model.cache import Key, Kind
from tests.agents.test_recycling import delete, is_gone
from tests.agents.test_warm_pool import redis, warmed
from tests.house import ACCOUNT, REGION, House, house


class Listing(MemoryRuntime):
    """Notes of which caches it was asked."""

    def __init__(self, home: House) -> None:
        super().__init__("test", home.machine)
        self.asked: list[str] = []

    def listed(self, labels: Mapping[str, str] | None = None) -> Listed:
        if labels and CACHE in labels:
            self.asked.append(labels[CACHE])
        return super().listed(labels)

    def of(self, name: str) -> int:
        """How often it was asked about a group since this was asked last."""
        count = self.asked.count(str(Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, name)))
        self.asked.clear()
        return count


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def test_a_new_cache_is_looked_for_once_it_was_launched(home: House) -> None:
    runtime = Listing(home)
    home.restart(replace(home.backend, runtime=runtime))
    redis(home, "other")  # for which the image was fetched
    redis(home, "rg")
    assert runtime.of("rg") == 1


def test_one_with_a_node_that_ran_before_is_listed_once_and_once_at_its_end(home: House) -> None:
    runtime = Listing(home)
    warmed(home, replace(home.backend, runtime=runtime), redis=1)
    redis(home, "rg")
    assert runtime.of("rg") == 1
    delete(home, "rg")
    assert is_gone(home, "rg")
    assert runtime.of("rg") == 1


def test_what_an_earlier_cache_of_that_name_left_is_found_all_the_same(home: House) -> None:
    key = Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "rg")
    redis(home, "rg")
    left: Labels = home.backend.runtime.containers({CACHE: str(key)})[0].labels
    with home.store.write() as transaction:
        cache = transaction.caches.get(key)
        assert cache
        transaction.caches.remove(cache)
    redis(home, "rg")
    (found,) = home.backend.runtime.containers({CACHE: str(key)})
    assert found.labels != left
