"""What can be migrated, and into what."""

from dataclasses import replace

import pytest

from cachewright.controlplane.model.cache import ClusterMode, Node, Shard, Spec, Transit
from cachewright.controlplane.model.durability import Durability
from cachewright.controlplane.model.migration import Source, unfit_source, unfit_target
from cachewright.controlplane.model.versions import Engine

NODES = (Node("rg-001", "0001", "us-east-1a"), Node("rg-002", "0001", "us-east-1b"))
SPEC = Spec(
    *(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "default.redis7", (Shard("0001", NODES),)),
    automatic_failover=True,
    multi_az=True,
)
SOURCE = Source("redis 7.0.15", used=100)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"version": "5.0.6"}, ""),
        ({"version": "5.0.5"}, "its engine version is 5.0.5, and migration needs 5.0.6 or later"),
        ({"cluster_mode": ClusterMode.COMPATIBLE}, "cluster mode is enabled"),
        ({"multi_az": False}, "Multi-AZ is not enabled"),
        ({"transit": Transit.PREFERRED}, "encryption in transit is enabled"),
        ({"at_rest": True}, "encryption at rest is enabled"),
        ({"durability": Durability.ASYNC}, "it is durable"),
    ],
)
def test_a_target(change: dict[str, object], words: str) -> None:
    assert unfit_target(replace(SPEC, **change)) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (SOURCE, ""),
        (replace(SOURCE, used=1000), ""),
        (replace(SOURCE, used=1001), "it holds 1001 bytes, and a node of the replication group has room for 1000"),
        (replace(SOURCE, loading=True), "it is loading its data"),
        (replace(SOURCE, clustered=True), "it runs in cluster mode"),
        (replace(SOURCE, databases=4), "it has 4 databases, and the replication group 16"),
    ],
)
def test_a_source(source: Source, words: str) -> None:
    assert unfit_source(source, SPEC, "redis 7.0.15", 1000) == words


def test_a_source_of_a_serverless_cache_has_keys_in_one_database() -> None:
    serverless = replace(SPEC, serverless=True)
    words = "it has keys in other databases than 0, the only one of a serverless cache"
    assert unfit_source(replace(SOURCE, databases=4), serverless, "redis 7.0.15", 1000) == ""
    assert unfit_source(replace(SOURCE, beyond=True), serverless, "redis 7.0.15", 1000) == words
    assert unfit_source(replace(SOURCE, beyond=True), SPEC, "redis 7.0.15", 1000) == ""


@pytest.mark.parametrize(
    ("source", "target", "reads"),
    [
        ("redis 5.0.14", "redis 6.2.6", True),
        ("redis 7.0.15", "redis 6.2.6", False),
        ("redis 7.4.1", "redis 7.0.15", False),
        ("redis 7.2.5", "valkey 8.0.1", True),
        ("redis 8.0.2", "valkey 8.1.1", False),
        ("valkey 8.1.1", "valkey 7.2.6", True),
        ("valkey 9.0.0", "valkey 8.1.1", False),
        ("valkey 9.1.2", "valkey 9.0.0", True),
        ("something else", "redis 7.0.15", True),
    ],
)
def test_data_of_a_later_release_are_not_read(source: str, target: str, reads: bool) -> None:
    words = "" if reads else f"it is {source}, whose data {target} does not read"
    assert unfit_source(replace(SOURCE, build=source), SPEC, target, 1000) == words
