"""Keys of a KMS on real caches, asked for over the API and by Terraform."""

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from botocore.exceptions import ClientError

from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.plane import lent
from tests.e2e.test_snapshots import available, files
from tests.e2e.test_terraform import SETTINGS, _agrees, _done, mirror
from tests.kms import CREDENTIALS, client_of, kms_server

pytestmark = pytest.mark.docker

VALKEY = {"Engine": "valkey", "EngineVersion": "8.1"}
WISH = """
terraform {{
  required_providers {{
    aws = {{ source = "hashicorp/aws" }}
  }}
}}

provider "aws" {{
  region                      = "{region}"
  access_key                  = "{account}"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {{
    elasticache = "{url}"
  }}
}}

resource "aws_elasticache_replication_group" "vault" {{
  replication_group_id       = "vault"
  description                = "sealed"
  engine                     = "{engine}"
  node_type                  = "cache.t3.micro"
  num_cache_clusters         = 1
  at_rest_encryption_enabled = true
  kms_key_id                 = "{key}"
}}
"""

__all__ = ["mirror"]  # a fixture


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with kms_server() as url:
        yield url


@pytest.fixture
def cloud(machine: docker.DockerClient, tmp_path: Path, account: str, url: str) -> Iterator[Cloud]:
    """An account on a control plane that knows a KMS."""
    with lent(machine, tmp_path / "data", {"CACHEWRIGHT_KMS_ENDPOINT": url, **CREDENTIALS}) as plane:
        cloud = Cloud(plane, machine, account)
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


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_terraform_sees_no_difference(cloud: Cloud, url: str, mirror: Path, tmp_path: Path, engine: str) -> None:
    told = {"region": cloud.region, "account": cloud.account, "url": cloud.plane.url}
    (tmp_path / "settings").write_text(SETTINGS.format(mirror=mirror))
    (tmp_path / "main.tf").write_text(WISH.format(**told, key=new_key(url), engine=engine))
    _done(tmp_path, "init")
    _done(tmp_path, "apply", "-auto-approve")
    _agrees(tmp_path)
    _done(tmp_path, "destroy", "-auto-approve")
    cloud.await_nodes()
