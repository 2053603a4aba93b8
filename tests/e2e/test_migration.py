"""Online migration: a Redis that runs on this machine comes into a replication group, while it is written to."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import docker
import pytest
from redis import Redis
from redis.exceptions import ConnectionError, ReadOnlyError  # noqa: A004 - redis-py's own

from tests.e2e.clients import answers
from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.cluster_clients import redis_py
from tests.e2e.test_serverless_caches import created
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

KEYS = 10_000


@contextmanager
def source(machine: docker.DockerClient, image: str, engine: str = "redis") -> Iterator[Redis]:
    """A Redis of the user's, which listens on every address of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    words = ["--port", str(port), "--protected-mode", "no", "--save", "", "--repl-diskless-sync-delay", "0"]
    container = machine.containers.run(
        image, entrypoint=[f"{engine}-server"], command=words, network_mode="host", detach=True
    )
    try:
        with Redis("127.0.0.1", port, decode_responses=True) as client:
            until("the source answers", lambda: answers(("127.0.0.1", port)))
            yield client
    finally:
        container.remove(force=True)


def seen(group: dict[str, Any], end: str, command: str, *words: str) -> Any:
    """What a new connection to an endpoint is told; None when it ends."""
    with suppress(ConnectionError), redis_at(place(group[end])) as client:
        return getattr(client, command)(*words)
    return None


def status(cloud: Cloud) -> str:
    """The group's."""
    return str(cloud.whole_group("rg")["Status"])


def leader(cloud: Cloud) -> str:
    """The node that leads, by the roles that are shown."""
    members = cloud.shown_group("rg")["NodeGroupMembers"]
    return next(f"{one['CacheClusterId']}.0001" for one in members if one["CurrentRole"] == "primary")


def test_the_data_of_a_running_redis_come_into_a_group(cloud: Cloud, machine: docker.DockerClient) -> None:
    group = cloud.group("rg", 2, MultiAZEnabled=True)
    image = cloud.containers()["rg-001.0001"].image.id
    with source(machine, str(image)) as mine:
        mine.mset({f"key:{number}": number for number in range(KEYS)})
        port = int(mine.connection_pool.connection_kwargs["port"])
        endpoint = [{"Address": "localhost", "Port": port}]
        cloud.api.start_migration(ReplicationGroupId="rg", CustomerNodeEndpointList=endpoint)
        until("the group has what the source has", lambda: seen(group, "ReaderEndpoint", "dbsize") == KEYS)
        mine.set("later", "at the source")
        until("a write at the source is seen", lambda: seen(group, "ReaderEndpoint", "get", "later"))
        with pytest.raises(ReadOnlyError):
            redis_at(place(group["PrimaryEndpoint"])).set("key", "refused")

        before = leader(cloud)
        cloud.containers()[before].kill()
        until("another one leads", lambda: leader(cloud) != before)
        until("it follows the source", lambda: mine.info("replication")["connected_slaves"] == 1)
        assert mine.info("stats")["sync_full"] == 1, "a replica that takes over goes on where it was"
        mine.set("last", "before the end")

        def completed() -> bool:
            cloud.api.complete_migration(ReplicationGroupId="rg")
            return status(cloud) != "migrating"

        until("the migration is complete", completed)
        cloud.available_group("rg")
        assert ("rg", "Complete Migration successful for rg") in cloud.messages("rg")
        assert seen(group, "PrimaryEndpoint", "set", "mine", "x")
        assert seen(group, "PrimaryEndpoint", "get", "last") == "before the end"
        assert mine.get("mine") is None
        until("nobody follows the source", lambda: mine.info("replication")["connected_slaves"] == 0)


def test_the_data_of_a_running_redis_come_into_a_serverless_cache(cloud: Cloud, machine: docker.DockerClient) -> None:
    cache = created(cloud, Engine="valkey", MajorEngineVersion="8")
    with closing(cache.client(6379)) as client:
        client.set("old", "of the cache")
    (image,) = {node.image.id for node in cloud.containers().values()}
    with source(machine, str(image), "valkey") as mine:
        mine.mset({f"key:{number}": number for number in range(KEYS)})
        endpoint = [{"Address": "localhost", "Port": int(mine.connection_pool.connection_kwargs["port"])}]
        cloud.api.prepare_migration(ServerlessCacheName="s", CustomerNodeEndpointList=endpoint)
        until("it is prepared", lambda: cache.available().shown["Migration"]["Status"] == "prepared")
        cloud.api.start_migration(ServerlessCacheName="s", ClearTargetCacheData=True, AutoCutover=True)
        until("the migration is complete", lambda: "Migration" not in cache.shown)
    with closing(redis_py(cache.available())) as cluster:
        assert cluster.dbsize() == KEYS
        assert cluster.set("mine", "x")
        assert cluster.get("old") is None
