"""Online migration: a Redis that runs on this machine comes into a replication group, while it is written to."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker
import pytest
from botocore.exceptions import ClientError
from redis import Redis
from redis.exceptions import ConnectionError, ReadOnlyError  # noqa: A004 - redis-py's own

from cachewright.agents.engines.tls import AUTHORITY
from cachewright.agents.planning.containers import File
from cachewright.agents.runtime.archive import archive
from cachewright.agents.system.certificates import opened
from tests.e2e.clients import answers
from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.cluster_clients import redis_py
from tests.e2e.test_serverless_caches import created
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

KEYS = 10_000
MOVER, HUSH = "mover", "a-password-that-nobody-may-see"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:source-of-mine-AbCdEf"


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


@contextmanager
def guarded_source(machine: docker.DockerClient, image: str, directory: Path) -> Iterator[tuple[Redis, str]]:
    """A Valkey of the user's that wants TLS, and a login; and the certificate of its own authority."""
    authority = opened(directory, datetime.now(UTC))
    identity = authority.issue(["127.0.0.1"], datetime.now(UTC))
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    tls = ["--tls-port", str(port), "--port", "0", "--tls-auth-clients", "no", "--tls-cert-file", "/mine/node.crt"]
    tls += [
        "--tls-key-file",
        "/mine/node.key",
        "--tls-ca-cert-file",
        "/mine/node.crt",
        "--repl-diskless-sync-delay",
        "0",
    ]
    login = ["--user", MOVER, "on", f">{HUSH}", "~*", "&*", "+@all", "--user", "default", "off", "--save", ""]
    container = machine.containers.create(
        image, entrypoint=["valkey-server"], command=[*tls, *login], network_mode="host", user="0:0"
    )
    files = [File("/mine/node.crt", identity.certificate, 0o644), File("/mine/node.key", identity.key, 0o644)]
    try:
        container.put_archive("/", archive(files, "0:0"))
        container.start()
        options: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(directory / AUTHORITY)}
        with Redis("127.0.0.1", port, username=MOVER, password=HUSH, decode_responses=True, **options) as client:
            until("the source answers", lambda: _answers(client))
            yield client, identity.authority.decode()
    finally:
        container.remove(force=True)


def _answers(client: Redis) -> bool:
    with suppress(ConnectionError):
        return bool(client.ping())
    return False


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


def test_a_source_with_tls_and_a_login_is_entered_and_nobody_sees_with_what(
    cloud: Cloud, machine: docker.DockerClient, tmp_path: Path
) -> None:
    cache = created(cloud, Engine="valkey", MajorEngineVersion="8")
    (image,) = {node.image.id for node in cloud.containers().values()}
    secret = cloud.plane.data_dir / "secrets" / "us-east-1" / "source-of-mine"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text(f'{{"username": "{MOVER}", "password": "{HUSH}"}}')
    with guarded_source(machine, str(image), tmp_path) as (mine, certificate):
        mine.mset({f"key:{number}": number for number in range(KEYS)})
        asked: dict[str, Any] = {
            "CustomerNodeEndpointList": [
                {"Address": "localhost", "Port": int(mine.connection_pool.connection_kwargs["port"])}
            ],
            "SourceAuthenticationConfiguration": {"SecretManagerConfig": {"SecretArn": SECRET}},
            "SourceTlsConfiguration": {"SourceTlsMode": "verify-ca", "SourceTlsCertificate": certificate},
        }
        strange = {"SourceTlsMode": "verify-ca", "SourceTlsCertificate": (cloud.plane.data_dir / AUTHORITY).read_text()}
        for changed, words in (
            ({"SourceTlsConfiguration": strange}, "its certificate is signed by nobody that is trusted"),
            ({"SourceTlsConfiguration": {"SourceTlsMode": "none"}}, "it does not answer"),
            ({"SourceAuthenticationConfiguration": {}}, "it asks for a password"),
        ):
            with pytest.raises(ClientError, match=words):
                cloud.api.prepare_migration(ServerlessCacheName="s", **asked | changed)
        cloud.api.prepare_migration(ServerlessCacheName="s", **asked)
        until("it is prepared", lambda: cache.available().shown["Migration"]["Status"] == "prepared")
        cloud.api.start_migration(ServerlessCacheName="s")
        until("a node follows", lambda: mine.info("replication")["connected_slaves"] == 1)
        nodes = cloud.containers()
        assert HUSH not in str([(one.attrs, one.top(), one.logs()) for one in nodes.values()])
        assert HUSH.encode() not in b"".join(path.read_bytes() for path in cloud.plane.data_dir.glob("cachewright.db*"))

        def completed() -> bool:
            with suppress(ClientError):
                cloud.api.complete_migration(ServerlessCacheName="s")
            return cache.shown["Migration"]["Status"] == "cutover" if "Migration" in cache.shown else True

        until("the migration is complete", completed)
        until("nobody follows the source", lambda: mine.info("replication")["connected_slaves"] == 0)
    with closing(redis_py(cache.available())) as cluster:
        assert cluster.dbsize() == KEYS
        assert cluster.set("mine", "x")
