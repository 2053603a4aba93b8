"""The AWS command line, as it comes from PyPI."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cloud import Cloud, roles
from tests.e2e.plane import environment

pytestmark = pytest.mark.docker

AWS = Path(sys.executable).with_name("aws")


def _aws(cloud: Cloud, *arguments: str) -> subprocess.CompletedProcess[str]:
    account = {
        "AWS_ACCESS_KEY_ID": cloud.account,
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": cloud.region,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }
    command = [str(AWS), "--endpoint-url", cloud.plane.url, "elasticache", *arguments]
    return subprocess.run(
        command, env=environment() | account, capture_output=True, text=True, timeout=120, check=False
    )


def _text(cloud: Cloud, *arguments: str) -> str:
    """What a command prints that succeeds."""
    ended = _aws(cloud, *arguments, "--output", "text")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_a_cache_cluster(cloud: Cloud) -> None:
    create = "create-cache-cluster --cache-cluster-id cli --engine redis --cache-node-type cache.t3.micro"
    status = ("--query", "CacheCluster.CacheClusterStatus")
    assert _text(cloud, *create.split(), "--num-cache-nodes", "1", *status) == "creating"
    assert _text(cloud, "wait", "cache-cluster-available", "--cache-cluster-id", "cli") == ""
    shown = "CacheClusters[0].[Engine,EngineVersion,CacheClusterStatus,CacheNodes[0].Endpoint.Port]"
    describe = ("describe-cache-clusters", "--cache-cluster-id", "cli", "--show-cache-node-info", "--query", shown)
    assert _text(cloud, *describe).split() == ["redis", "7.1.0", "available", "6379"]
    assert _text(cloud, "delete-cache-cluster", "--cache-cluster-id", "cli", *status) == "deleting"


def test_an_unknown_cluster(cloud: Cloud) -> None:
    failed = _aws(cloud, "describe-cache-clusters", "--cache-cluster-id", "nobody")
    assert failed.returncode == 255  # version 2, which is not on PyPI, says 254
    assert failed.stdout == ""
    assert failed.stderr.strip() == (
        "An error occurred (CacheClusterNotFound) when calling the DescribeCacheClusters operation:"
        " CacheCluster not found: nobody"
    )


def test_a_replication_group(cloud: Cloud) -> None:
    create = "create-replication-group --replication-group-id cli --engine valkey --cache-node-type cache.t3.micro"
    more = "--num-cache-clusters 2 --automatic-failover-enabled --replication-group-description test"
    assert _text(cloud, *create.split(), *more.split(), "--query", "ReplicationGroup.Status") == "creating"
    cloud.available_group("cli")
    failover = ("test-failover", "--replication-group-id", "cli", "--node-group-id", "0001")
    assert _text(cloud, *failover, "--query", "ReplicationGroup.ReplicationGroupId") == "cli"
    assert roles(cloud.available_group("cli")) == {"cli-001": "replica", "cli-002": "primary"}
    primary = "ReplicationGroups[0].NodeGroups[0].NodeGroupMembers[?CurrentRole=='primary'].CacheClusterId"
    describe = ("describe-replication-groups", "--replication-group-id", "cli", "--query", primary)
    assert _text(cloud, *describe) == "cli-002"


def test_a_modification(cloud: Cloud) -> None:
    cloud.group("cli", 2)
    modify = "modify-replication-group --replication-group-id cli --cache-node-type cache.t3.small --apply-immediately"
    assert _text(cloud, *modify.split(), "--query", "ReplicationGroup.Status") == "modifying"
    cloud.available_group("cli")  # sooner than the waiter below, which looks every 15 seconds
    assert _text(cloud, "wait", "replication-group-available", "--replication-group-id", "cli") == ""
    assert {cloud.shown_cluster(name)["CacheNodeType"] for name in ("cli-001", "cli-002")} == {"cache.t3.small"}
