"""Caches for tests with Testcontainers: the control plane runs in a container, and each node of a cache in another."""

import os
import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import docker
import pytest
import redis
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HealthcheckWaitStrategy

IMAGE = os.environ.get("IMAGE", "cachewright:latest")
SOCKET = "/var/run/docker.sock"


def control_plane(port: int, volume: str) -> DockerContainer:
    """In the host's network, where the addresses of caches are; `volume` is what it remembers."""
    container = DockerContainer(IMAGE, network_mode="host").with_env("CACHEWRIGHT_PORT", str(port))
    return container.with_volume_mapping(SOCKET, SOCKET, "rw").with_volume_mapping(volume, "/data", "rw")


@pytest.fixture(scope="session")
def elasticache() -> Iterator[Any]:
    """A client of a control plane of which nothing is left in the end, nor of its caches."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    volume = f"visitors-{uuid4().hex}"
    try:
        with control_plane(port, volume).waiting_for(HealthcheckWaitStrategy()):
            yield boto3.client(
                "elasticache",
                endpoint_url=f"http://127.0.0.1:{port}",
                region_name="us-east-1",
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
    finally:
        with control_plane(port, volume).with_command("down") as down:
            assert down.wait() == 0, down.get_logs()
        docker.from_env().volumes.get(volume).remove()


def test_visitors_are_counted(elasticache: Any) -> None:
    elasticache.create_replication_group(
        ReplicationGroupId="shop", ReplicationGroupDescription="-", Engine="valkey", CacheNodeType="cache.t4g.small"
    )
    elasticache.get_waiter("replication_group_available").wait(
        ReplicationGroupId="shop", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    (group,) = elasticache.describe_replication_groups(ReplicationGroupId="shop")["ReplicationGroups"]
    endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]
    with redis.Redis(host=endpoint["Address"], port=endpoint["Port"]) as cache:
        assert cache.incr("visitors") == 1
