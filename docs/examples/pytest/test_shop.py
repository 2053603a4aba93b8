"""What Cachewright gives to tests: real caches, an empty one for each test, failures on purpose."""

from collections.abc import Callable

import pytest
import shop

from cachewright.testing.caches import Cache


def test_a_basket_fills(redis_cache: Cache) -> None:
    assert shop.add(redis_cache.client, "ann", "tea") == 1
    assert shop.add(redis_cache.client, "ann", "milk") == 2


def test_every_test_has_an_empty_cache(redis_cache: Cache) -> None:
    assert redis_cache.client.dbsize() == 0


def test_the_code_finds_its_cache(aws_environment: dict[str, str], valkey_cache: Cache) -> None:
    store = shop.basket_store(valkey_cache.name)
    assert shop.add(store, "ann", "tea") == 1
    assert valkey_cache.client.llen("basket:ann") == 1


@pytest.mark.cachewright(engine="redis", version="7.0", NumCacheClusters=2)
def test_baskets_survive_the_death_of_the_primary(redis_cache: Cache) -> None:
    shop.add(redis_cache.client, "ann", "tea")
    redis_cache.client.wait(1, 1000)
    (cost,) = redis_cache.kill_primary()
    assert cost.lost == 0
    assert redis_cache.connected().llen("basket:ann") == 1


def test_slots_are_shared(valkey_cluster: Cache) -> None:
    for number in range(100):
        valkey_cluster.client.set(f"article:{number}", number)
    assert len(valkey_cluster.client.get_primaries()) == 3


def test_one_endpoint_for_everything(serverless_cache: Cache) -> None:
    serverless_cache.client.set("cart", "tea")
    assert serverless_cache.connected(decode_responses=True).get("cart") == "tea"


def test_sessions(memcached_cache: Cache) -> None:
    memcached_cache.client.set("session", "ann")
    assert memcached_cache.client.get("session") == b"ann"


def test_a_snapshot_is_the_beginning_of_another_cache(create_cache: Callable[..., Cache], redis_cache: Cache) -> None:
    shop.add(redis_cache.client, "ann", "tea")
    copy = create_cache("redis", SnapshotName=redis_cache.snapshot("yesterday"))
    assert copy.client.llen("basket:ann") == 1


def test_encrypted_and_with_a_token(create_cache: Callable[..., Cache]) -> None:
    cache = create_cache("valkey", TransitEncryptionEnabled=True, AuthToken="correct-horse-battery")
    assert cache.connected(password="correct-horse-battery").ping()
