"""Serverless caches through boto3: one endpoint for clients that know clusters and for those that do not."""

import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymemcache import Client
from redis import Redis
from redis.exceptions import RedisError

from tests.e2e.cloud import Cloud, Place, place
from tests.e2e.cluster_clients import crowding, redis_py
from tests.e2e.encrypted import verifying
from tests.e2e.javascript import everybody
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


@dataclass(frozen=True, slots=True)
class Serverless(Sharded):
    """A serverless cache of an account, and how its clients connect."""

    @property
    def shown(self) -> dict[str, Any]:
        """As it is shown now."""
        (shown,) = self.cloud.api.describe_serverless_caches(ServerlessCacheName=self.name)["ServerlessCaches"]
        return dict(shown)

    @property
    def entrance(self) -> Place:
        """Its endpoint."""
        return place(self.shown["Endpoint"])

    def available(self) -> "Serverless":
        """Itself, once it is available."""
        until(f"{self.name} is available", lambda: self.shown["Status"] == "available")
        return self

    def client(self, port: int) -> Any:
        """A client that knows no clusters."""
        return Redis(host=self.entrance[0], port=port, decode_responses=True, **self.options)


def created(cloud: Cloud, **params: Any) -> Serverless:
    cloud.api.create_serverless_cache(ServerlessCacheName="s", **params)
    return Serverless(cloud, "s", verifying(cloud.plane)).available()


def told_at_both(cache: Serverless) -> list[dict[int, str]]:
    """The ports that clients are told at port 6379 and at port 6380, each with the id of the node there."""
    found = []
    for port in (6379, 6380):
        with closing(cache.client(port)) as client:
            ((first, last, *nodes),) = client.execute_command("CLUSTER SLOTS")
        assert (first, last) == (0, 16383)
        assert {node[0] for node in nodes} == {cache.entrance[0]}
        found.append({node[1]: node[2] for node in nodes})
    return found


def roles(cache: Serverless) -> dict[int, str]:
    """What clients are told of a cache at rest: the same at either port."""
    first, second = told_at_both(cache)
    assert first == second
    return first


def refusals(client: Any, *commands: tuple[str, ...]) -> Mapping[str, str]:
    """What an engine says against commands."""
    found = {}
    for words in commands:
        with pytest.raises(RedisError) as refused:
            client.execute_command(*words)
        found[words[0]] = str(refused.value)
    return found


def test_one_endpoint_outlives_its_nodes(cloud: Cloud, modules: Path | None) -> None:
    cache = created(cloud, Engine="valkey")
    shown, before = cache.shown, roles(cache)
    assert (shown["Endpoint"]["Port"], shown["ReaderEndpoint"]["Port"], set(before)) == (6379, 6380, {6379, 6380})
    with closing(cache.client(6379)) as client:
        assert client.set("{k}first", "v")
        said = refusals(client, ("MSET", "a", "1", "b", "2"), ("SELECT", "1"), ("CONFIG", "GET", "*"), ("KEYS", "*"))
        assert "hash to the same slot" in said["MSET"]
        assert "no permissions" in said["CONFIG"]
        assert "no permissions" in said["KEYS"]
    with closing(cache.client(6380)) as client, client.client() as reader:
        until("the replica has it", lambda: reader.execute_command("READONLY") and reader.get("{k}first") == "v")
        assert reader.execute_command("ROLE")[0] == "slave"
    with crowding(*everybody(cache, modules)) as crowd:
        until("the primary is killed", lambda: _killed(cloud, cache))
        crowd.progress()
        changed = {6379: before[6380], 6380: before[6379]}
        until("both tell of the new roles", lambda: told_at_both(cache) == [changed, changed])
        cache.available()
    assert crowd.lost(cache) == {}
    assert cache.shown == shown
    with closing(redis_py(cache)) as cluster:
        assert cluster.get("{k}first") == "v"
        assert cluster.flushall()
        assert cluster.dbsize() == 0
    cloud.api.delete_serverless_cache(ServerlessCacheName="s")
    until("it is deleted", lambda: cloud.messages("s")[-1] == ("s", "Cache s was deleted."))
    assert cloud.containers() == {}


def _killed(cloud: Cloud, cache: Serverless) -> bool:
    """SIGKILL for the node behind port 6379."""
    with closing(cache.client(6379)) as client:
        ((_, _, (*_, told), *_),) = client.execute_command("CLUSTER SLOTS")
    for container in cloud.containers().values():
        networks = container.attrs["NetworkSettings"]["Networks"].values()
        if told["ip"] in {network["IPAddress"] for network in networks}:
            container.kill()
            return True
    return False


def test_redis_becomes_valkey_under_way(cloud: Cloud) -> None:
    cache = created(cloud, Engine="redis")
    shown = cache.shown
    with crowding(*everybody(cache, None)) as crowd:
        cloud.api.modify_serverless_cache(ServerlessCacheName="s", Engine="valkey", MajorEngineVersion="8")
        until("it is valkey", lambda: cache.shown["Engine"] == "valkey")
        crowd.progress()
    assert crowd.lost(cache) == {}
    with closing(cache.client(6379)) as client:
        assert client.info("server")["valkey_version"].startswith("8.")
    assert (cache.shown["Endpoint"], cache.shown["MajorEngineVersion"]) == (shown["Endpoint"], "8")
    assert set(roles(cache)) == {6379, 6380}


def test_memcached(cloud: Cloud) -> None:
    cache = created(cloud, Engine="memcached")
    host, port = cache.entrance
    context = ssl.create_default_context(cafile=str(cloud.plane.data_dir / "ca.pem"))
    assert port == 11211
    with closing(Client((host, port), tls_context=context)) as writer:
        assert writer.set("key", b"value", noreply=False)
    with closing(Client((host, 11212), tls_context=context)) as reader:
        assert reader.get("key") == b"value"
