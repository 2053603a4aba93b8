"""Keys of a KMS on real caches, asked for over the API."""

from collections.abc import Iterator

import docker
import pytest
from botocore.exceptions import ClientError

from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.plane import Plane, lent
from tests.e2e.test_snapshots import available, files
from tests.kms import client_of
from tests.moto import CREDENTIALS, moto

pytestmark = pytest.mark.docker

VALKEY = {"Engine": "valkey", "EngineVersion": "8.1"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with moto() as url:
        yield url


@pytest.fixture(scope="module")
def beside(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory, url: str) -> Iterator[Plane]:
    """A control plane that knows a KMS."""
    settings = {"CACHEWRIGHT_KMS_ENDPOINT": url, **CREDENTIALS}
    with lent(machine, tmp_path_factory.mktemp("kms") / "data", settings) as plane:
        yield plane


@pytest.fixture
def cloud(machine: docker.DockerClient, account: str, beside: Plane) -> Iterator[Cloud]:
    """An account there."""
    cloud = Cloud(beside, machine, account)
    yield cloud
    cloud.leave()


def new_key(url: str) -> str:
    return str(client_of(url).create_key()["KeyMetadata"]["Arn"])


def test_a_snapshot_is_sealed_with_one_key_copied_to_another_and_restored(cloud: Cloud, url: str) -> None:
    key, other = new_key(url), new_key(url)
    group = cloud.group("rg", 1, KmsKeyId=key, **VALKEY)
    redis_at(place(group["PrimaryEndpoint"])).set("key", "value")
    assert cloud.whole_group("rg")["StorageEncryptionType"] == "sse-kms"
    cloud.api.create_snapshot(SnapshotName="snap", CacheClusterId="rg-001")
    assert available(cloud, "snap")["KmsKeyId"] == key
    cloud.api.copy_snapshot(SourceSnapshotName="snap", TargetSnapshotName="copy", KmsKeyId=other)
    assert available(cloud, "copy")["KmsKeyId"] == other
    contents = [file.read_bytes() for file in files(cloud)]
    assert sorted(sum(known.encode() in content for content in contents) for known in (key, other)) == [1, 1]
    assert not any(b"value" in content for content in contents)
    restored = cloud.group("new", 1, SnapshotName="copy", **VALKEY)
    assert redis_at(place(restored["PrimaryEndpoint"])).get("key") == "value"
    with pytest.raises(ClientError, match=r"InvalidKMSKeyFault.*Cannot use the key alias/nobody"):
        cloud.ask_group("none", 1, KmsKeyId="alias/nobody", **VALKEY)
