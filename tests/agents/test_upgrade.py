"""The database of version 0.1, opened by this one. The file was written by that version's own code, with its agent on
the pretend machine and every shape of cache; it died while it switched over, and while it deleted.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from cachewright.agents.backends import pretend
from cachewright.agents.memory.machine import Machine
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane.model.cache import Address, Cache
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.store.database import Store
from tests.golden.files import VERSION_0_1
from tests.golden.written import load
from tests.house import ACCOUNT, REGION, House

ANSWERS: dict[str, Any] = json.loads(VERSION_0_1.read_text())["answers"]
BUSY = {"switching", "leaving"}  # when the control plane of 0.1 died
LISTS = {
    "DescribeReplicationGroups": ("ReplicationGroups", "ReplicationGroupId"),
    "DescribeCacheClusters": ("CacheClusters", "CacheClusterId"),
}


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house of this version with that database."""
    url = f"sqlite:///{tmp_path / 'house.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        load(connection, VERSION_0_1)
    engine.dispose()
    store = Store(url)
    store.prepare()
    machine = Machine()
    return House(store, machine, pretend("test", DirectorySecrets(tmp_path, lambda: datetime.now(UTC)), machine))


def caches(home: House) -> dict[str, Cache]:
    with home.store.read() as transaction:
        return {cache.key.id: cache for cache in transaction.caches.all()}


def shown(home: House, operation: str) -> dict[str, Any]:
    """What an operation says, by name, as JSON has it."""
    answers, name = LISTS[operation]
    options = {"ShowCacheNodeInfo": True} if operation == "DescribeCacheClusters" else {}
    text = json.dumps(home.call(operation, **options)[answers], default=datetime.isoformat)
    return {answer[name]: answer for answer in json.loads(text)}


def before(operation: str) -> dict[str, Any]:
    return {answer[LISTS[operation][1]]: answer for answer in ANSWERS[operation]}


def rest(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers about what was not busy."""
    return {name: answer for name, answer in answers.items() if not any(name.startswith(busy) for busy in BUSY)}


@pytest.mark.parametrize("operation", LISTS)
def test_everything_is_described_as_before(home: House, operation: str) -> None:
    assert shown(home, operation) == before(operation)


@pytest.mark.parametrize("operation", LISTS)
def test_it_comes_to_rest_as_it_was(home: House, operation: str) -> None:
    home.settle()
    assert rest(shown(home, operation)) == rest(before(operation))


def test_parameter_groups_and_tags_are_as_before(home: House) -> None:
    (mine,) = home.call("DescribeCacheParameterGroups", CacheParameterGroupName="mine")["CacheParameterGroups"]
    assert [mine] == ANSWERS["DescribeCacheParameterGroups"]
    for resource, tags in ANSWERS["ListTagsForResource"].items():
        arn = f"arn:aws:elasticache:{REGION}:{ACCOUNT}:{resource}"
        assert home.call("ListTagsForResource", ResourceName=arn)["TagList"] == tags


def test_no_node_is_made_from_something_else(home: House) -> None:
    """Else an upgrade would rebuild what runs."""
    resting = {name: cache for name, cache in caches(home).items() if name not in BUSY}
    assert len(resting) == 10
    for cache in resting.values():
        now = fingerprints_of(cache.spec)
        for name, node in cache.status.nodes.items():
            made = (node.fingerprint, node.transit, node.login, node.parameters, node.static)
            wanted = (now.fingerprint, now.transit, now.login or cache.spec.auth.required, now.immediate, now.static)
            assert made == wanted, name


def test_what_was_half_done_is_done(home: House) -> None:
    switching = caches(home)["switching"].status.shards["0001"]
    assert switching.old_primary == "switching-001.0001"
    assert caches(home)["leaving"].deleting
    home.settle()
    after = caches(home)
    assert "leaving" not in after
    assert after["switching"].phase is Phase.AVAILABLE
    done = after["switching"].status.shards["0001"]
    assert (done.primary, done.old_primary, done.failovers) == (switching.primary, "", 1)


def test_every_node_and_endpoint_keeps_its_address(home: House) -> None:
    def told() -> dict[tuple[str, str], Address]:
        known = [(name, cache.status) for name, cache in caches(home).items() if name != "leaving"]
        nodes = {(name, node): status.nodes[node].address for name, status in known for node in status.nodes}
        return nodes | {(name, part): address for name, status in known for part, address in status.endpoints.items()}

    written = told()
    assert len(set(written.values())) == len(written)
    home.settle()
    assert told() == written
    home.group("another")
    assert len(set(told().values())) == len(told())


def test_a_promotion_names_the_same_node(home: House) -> None:
    (shard,) = caches(home)["promoted"].spec.shards
    assert (shard.candidate, shard.promotions) == ("promoted-002.0001", 1)


def test_tokens_are_kept(home: House) -> None:
    auth = caches(home)["secure"].spec.auth
    assert (len(auth.tokens), auth.required) == (1, True)
