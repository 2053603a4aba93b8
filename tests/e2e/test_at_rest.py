"""What a cache holds is on a disk of the machine only without encryption at rest."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import docker
import pytest
from docker.models.containers import Container
from redis import Redis

from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.test_snapshots import available
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


def test_the_value_is_found_without_encryption_alone(open_cloud: Cloud) -> None:
    places = {encrypted: set(_places(open_cloud, encrypted=encrypted)) for encrypted in (False, True)}
    assert {"a container", "the data directory"} <= places[False]
    assert places[True] == set()


def _places(cloud: Cloud, *, encrypted: bool) -> Iterator[str]:
    """Where a value is found that a group was given, in all that becomes of it."""
    name, value = f"g{int(encrypted)}", uuid4().hex + uuid4().hex
    asked = {"Engine": "valkey", "EngineVersion": "8.1", "AtRestEncryptionEnabled": encrypted}
    primary = redis_at(place(cloud.group(name, 1, **asked)["PrimaryEndpoint"]))
    primary.set("key", value)
    yield from _found(cloud, value)
    cloud.api.increase_replica_count(ReplicationGroupId=name, NewReplicaCount=1, ApplyImmediately=True)
    group = cloud.available_group(name)
    replica = redis_at(place(group["ReaderEndpoint"]))
    until("the replica has it", lambda: replica.get("key") == value)
    yield from _found(cloud, value)
    _save(primary)
    yield from _found(cloud, value)
    cloud.api.create_snapshot(SnapshotName=name, CacheClusterId=f"{name}-002")
    available(cloud, name)
    yield from _found(cloud, value)
    restored = cloud.group(f"{name}r", 2, SnapshotName=name, **asked)
    for end in ("PrimaryEndpoint", "ReaderEndpoint"):
        assert redis_at(place(restored[end])).get("key") == value
    yield from _found(cloud, value)
    cloud.api.reboot_cache_cluster(CacheClusterId=f"{name}r-002", CacheNodeIdsToReboot=["0001"])
    until("it was rebooted", lambda: (f"{name}r-002", "Cache node 0001 restarted") in cloud.messages(f"{name}r-002"))
    cloud.available_group(f"{name}r")
    yield from _found(cloud, value)


def _save(client: Redis) -> None:
    """As a client does, so that the file stays."""
    before = client.lastsave()
    until("a second has passed", lambda: client.time()[0] > before.timestamp() + 1)
    client.bgsave()
    until("it has saved", lambda: client.lastsave() > before)


def _found(cloud: Cloud, value: str) -> Iterator[str]:
    sought = value.encode()
    for container in cloud.containers().values():
        if _is_in(container.export(), sought):
            yield "a container"
        if any(_is_in_file(file, sought) for folder in _folders(container) for file in _on_disk(folder)):
            yield "a container"
    if any(_is_in_file(file, sought) for file in _on_disk(cloud.plane.data_dir)):
        yield "the data directory"


def _folders(container: Container) -> Iterator[Path]:
    """What Docker keeps of a container on its disk, as far as it can be seen: the layer, the log, the volumes."""
    told = container.attrs
    yield Path(told["GraphDriver"]["Data"]["UpperDir"])
    yield Path(told["LogPath"]).parent
    yield from (Path(mount["Source"]).parent for mount in told["Mounts"] if mount["Type"] == "volume")


def _on_disk(folder: Path) -> Iterator[Path]:
    """The files under a folder, without what is mounted there."""
    for where, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if not Path(where, each).is_mount()]
        yield from (path for name in names if (path := Path(where, name)).is_file())


def _is_in_file(file: Path, sought: bytes) -> bool:
    with file.open("rb") as content:
        return _is_in(iter(lambda: content.read(1 << 20), b""), sought)


def _is_in(pieces: Iterator[bytes], sought: bytes) -> bool:
    before = b""
    for piece in pieces:
        if sought in before + piece:
            return True
        before = piece[-len(sought) :]
    return False


def test_nothing_of_a_node_goes_elsewhere(cloud: Cloud, machine: docker.DockerClient) -> None:
    cloud.group("rg", 1, AtRestEncryptionEnabled=True)
    (container,) = cloud.containers().values()
    host = container.attrs["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] > 0
    assert (host["MemorySwappiness"], host["Ulimits"]) == (0, [{"Name": "core", "Hard": 0, "Soft": 0}])
    cloud.api.delete_replication_group(ReplicationGroupId="rg")
    volumes = {mount["Name"] for mount in container.attrs["Mounts"]}
    assert volumes
    until("its memory is gone", lambda: not volumes & {volume.name for volume in machine.volumes.list()})
