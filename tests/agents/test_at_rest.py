"""Encryption at rest on the pretend machine: where what a cache holds can be read, and what becomes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.rdb import PATH
from cachewright.agents.planning.containers import Blueprint, File
from cachewright.agents.planning.labels import HOLDER, ROLE
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.questions import NoEngines
from cachewright.controlplane.model.snapshots import SnapshotStatus
from tests.agents.test_refusing_engines import look_for
from tests.agents.test_snapshots import DATA, contents, fill, found
from tests.house import House, house


@dataclass(frozen=True, slots=True)
class Believing(NoEngines):
    """A KMS takes any key while it is asked by the API."""

    def kms_key(self, _key: str, _region: str) -> str:
        """See `Engines`."""
        return ""


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


def encrypted(home: House, name: str = "rg", **params: Any) -> Cache:
    return home.group(name, 2, Engine="valkey", EngineVersion="8.1", **params)


def taken(home: House, **params: Any) -> None:
    home.call("CreateSnapshot", SnapshotName="snap", CacheClusterId="rg-001", **params)
    home.settle_snapshot("snap")


def on_disk(home: House) -> Iterator[bytes]:
    """The content of every file of snapshots."""
    yield from (path.read_bytes() for path in home.directory.rglob("*.rdb*"))


def test_files_of_its_snapshots_are_sealed_and_restored(home: House) -> None:
    fill(home, encrypted(home))
    taken(home)
    assert found(home).sealed
    assert list(contents(home, found(home))) == [DATA]
    assert not any(b'"one"' in content for content in on_disk(home))
    cache = encrypted(home, "new", SnapshotName="snap")
    for node in cache.spec.nodes:
        assert home.machine.processes.at(cache.status.nodes[node.name].address.host).data == DATA


def test_what_a_node_saved_is_gone_with_its_process(home: House) -> None:
    cache = encrypted(home)
    container = home.container("rg-001.0001")
    home.machine.keep(cache.status.nodes["rg-001.0001"].address.host, File(PATH, b"content"))
    assert PATH in home.machine.files(container)
    home.machine.kill(container)
    assert PATH not in home.machine.files(container)


def test_a_sealed_file_that_was_changed_fails_what_is_made_of_it(home: House) -> None:
    fill(home, encrypted(home, "source"))
    home.call("CreateSnapshot", SnapshotName="snap", CacheClusterId="source-001")
    home.settle_snapshot("snap")
    (path,) = home.directory.rglob("*.rdb")
    path.write_bytes(path.read_bytes()[:-1])
    usual = {"ReplicationGroupDescription": "d", "SnapshotName": "snap", "Engine": "valkey"}
    home.call("CreateReplicationGroup", ReplicationGroupId="rg", **usual)
    cache = look_for(home, timedelta(minutes=1))
    reason = "cannot open the file of shard 0001 of a snapshot: it is damaged, or its key is another one"
    assert (cache.phase, cache.reason) == (Phase.FAILED, reason)
    home.call("CopySnapshot", SourceSnapshotName="snap", TargetSnapshotName="copy")
    home.settle_snapshot("copy")
    assert (found(home, "copy").status, found(home, "copy").failure) == (SnapshotStatus.FAILED, reason)


def test_a_kms_that_is_gone_fails_the_snapshot_with_the_reason(home: House) -> None:
    home.engines = Believing()
    fill(home, encrypted(home))
    taken(home, KmsKeyId="k")
    reason = "cannot use the key k: no KMS is configured: CACHEWRIGHT_KMS_ENDPOINT or AWS_ENDPOINT_URL_KMS names one"
    assert (found(home).status, found(home).failure) == (SnapshotStatus.FAILED, reason)
    assert any(reason in message for message in home.messages())
    assert not list(on_disk(home))


def test_what_a_killed_agent_left_of_a_launch_is_removed(home: House) -> None:
    cache = encrypted(home)
    node = home.container("rg-001.0001")
    labels = home.machine.labels_of(node)
    assert labels
    left = Blueprint(f"{node}-{HOLDER}", "valkey", ("valkey-server",), "", 64 << 20, {**labels, ROLE: HOLDER})
    home.tools().runtime.launch(left)
    home.restart()
    home.reconcile(cache.key)
    names = {container.name for container in home.containers()}
    assert node in names
    assert left.name not in names
