"""Terraform with the AWS provider, where both are on this machine: nothing is downloaded."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.clients import answers
from tests.e2e.cloud import Cloud, addresses, closed_window, node_places, place, redis_at, roles
from tests.e2e.encrypted import TOKEN, verifying
from tests.e2e.plane import environment, run
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

MIRRORS = (os.environ.get("TF_PLUGIN_DIR", ""), "/opt", str(Path.home() / ".terraform.d"), "/usr/share")
PROVIDER = "registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws*"
NO_DIFFERENCE = 0  # of `plan -detailed-exitcode`

SETTINGS = """
disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path = "{mirror}"
  }}
}}
"""

PROVIDED = """
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

locals {{
  topic = "arn:aws:sns:{region}:{account}:alerts"
}}
"""

WISH = """
variable "team" {
  default = "shop"
}

variable "basket_type" {
  default = "cache.t3.micro"
}

variable "pages" {
  default = 3
}

variable "shards" {
  default = 2
}

variable "idle" {
  default = "300"
}

variable "reserved" {
  default = "reserved-memory"
}

variable "records" {
  default = "json"
}

variable "subnets" {
  type    = set(string)
  default = ["subnet-0a1b2c3d", "subnet-1b2c3d4e"]
}

resource "aws_elasticache_subnet_group" "shop" {
  name       = "Shop"
  subnet_ids = var.subnets
  tags       = { team = var.team }
}

resource "aws_elasticache_parameter_group" "sessions" {
  name        = "sessions"
  family      = "redis7"
  description = "of sessions, which end by themselves"
  tags        = { team = var.team }

  parameter {
    name  = "timeout"
    value = var.idle
  }

  parameter {
    name  = "notify-keyspace-events"
    value = "Ex"
  }

  parameter {
    name  = var.reserved
    value = "30"
  }
}

resource "aws_elasticache_cluster" "sessions" {
  cluster_id      = "sessions"
  engine          = "redis"
  node_type       = "cache.t3.micro"
  num_cache_nodes = 1
  port            = 7001
  tags            = { team = var.team }

  parameter_group_name   = aws_elasticache_parameter_group.sessions.name
  notification_topic_arn = local.topic

  log_delivery_configuration {
    destination      = "sessions"
    destination_type = "cloudwatch-logs"
    log_format       = "text"
    log_type         = "engine-log"
  }
}

resource "aws_elasticache_cluster" "pages" {
  cluster_id      = "pages"
  engine          = "memcached"
  node_type       = "cache.t3.micro"
  num_cache_nodes = var.pages
  az_mode         = "cross-az"

  apply_immediately = true
}

resource "aws_elasticache_replication_group" "basket" {
  replication_group_id       = "basket"
  description                = "what people are about to buy"
  engine                     = "valkey"
  engine_version             = "8.1"
  node_type                  = var.basket_type
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  apply_immediately          = true
  subnet_group_name          = aws_elasticache_subnet_group.shop.name
  notification_topic_arn     = local.topic
  tags                       = { team = var.team }

  log_delivery_configuration {
    destination      = "basket"
    destination_type = "cloudwatch-logs"
    log_format       = var.records
    log_type         = "slow-log"
  }
}

resource "aws_elasticache_replication_group" "orders" {
  replication_group_id       = "orders"
  description                = "what people have bought"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t3.micro"
  parameter_group_name       = "default.redis7.cluster.on"
  num_node_groups            = var.shards
  replicas_per_node_group    = 1
  automatic_failover_enabled = true
  apply_immediately          = true
}
"""

# One node, and two replicas that are resources of their own.
ENCRYPTED = """
variable "mode" {
  default = "preferred"
}

variable "token" {
  default = null
}

resource "aws_elasticache_replication_group" "vault" {
  replication_group_id       = "vault"
  description                = "what nobody else shall read"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t3.micro"
  num_cache_clusters         = 1
  transit_encryption_enabled = true
  transit_encryption_mode    = var.mode
  auth_token                 = var.token
  auth_token_update_strategy = var.token == null ? null : "SET"
  apply_immediately          = true

  lifecycle {
    ignore_changes = [num_cache_clusters]
  }
}

resource "aws_elasticache_cluster" "readers" {
  count                = 2
  cluster_id           = "vault-reader-${count.index}"
  replication_group_id = aws_elasticache_replication_group.vault.id
}
"""

# Saved once a day, made of a snapshot, and with a last one in the end. Shards are saved together.
SAVED = """
variable "days" {
  default = 0
}

variable "origin" {
  default = null
}

resource "aws_elasticache_cluster" "notes" {
  cluster_id                = "notes"
  engine                    = "redis"
  node_type                 = "cache.t3.micro"
  num_cache_nodes           = 1
  snapshot_retention_limit  = 5
  snapshot_window           = "WINDOW"
  final_snapshot_identifier = "notes-last"
}

resource "aws_elasticache_replication_group" "letters" {
  replication_group_id      = "letters"
  description               = "what is saved from the second apply on"
  engine                    = "valkey"
  node_type                 = "cache.t3.micro"
  num_cache_clusters        = 2
  snapshot_retention_limit  = var.days
  snapshot_window           = "WINDOW"
  final_snapshot_identifier = "letters-last"
  apply_immediately         = true
}

resource "aws_elasticache_replication_group" "books" {
  replication_group_id       = "books"
  description                = "of two shards"
  engine                     = "redis"
  node_type                  = "cache.t3.micro"
  parameter_group_name       = "default.redis7.cluster.on"
  num_node_groups            = 2
  replicas_per_node_group    = 0
  automatic_failover_enabled = true
  snapshot_retention_limit   = 2
  snapshot_window            = "WINDOW"
}

resource "aws_elasticache_cluster" "again" {
  count           = var.origin == null ? 0 : 1
  cluster_id      = "again"
  engine          = "redis"
  node_type       = "cache.t3.micro"
  num_cache_nodes = 1
  snapshot_name   = var.origin
}
"""

# Users, with a group, and one that joins it by itself; and what they may enter.
USERS = """
variable "gigabytes" {
  default = 10
}

variable "access" {
  default = "on ~app::* -@all +@read +@hash -hset"
}

variable "password" {
  default = "correct-horse-battery-1"
}

resource "aws_elasticache_user" "nobody" {
  user_id       = "nobody"
  user_name     = "default"
  engine        = "redis"
  access_string = "off -@all"
  passwords     = ["never-to-be-said-aloud"]
}

resource "aws_elasticache_user" "app" {
  user_id       = "app"
  user_name     = "App"
  engine        = "redis"
  access_string = var.access
  tags          = { team = "shop" }

  authentication_mode {
    type      = "password"
    passwords = [var.password]
  }
}

resource "aws_elasticache_user" "guest" {
  user_id              = "guest"
  user_name            = "guest"
  engine               = "redis"
  access_string        = "on ~* +@read +ping"
  no_password_required = true
}

resource "aws_elasticache_user" "role" {
  user_id       = "role"
  user_name     = "role"
  engine        = "valkey"
  access_string = "on ~* +@all"

  authentication_mode {
    type = "iam"
  }
}

resource "aws_elasticache_user_group" "shop" {
  user_group_id = "shop"
  engine        = "redis"
  user_ids      = [aws_elasticache_user.nobody.user_id, aws_elasticache_user.app.user_id]

  lifecycle {
    ignore_changes = [user_ids]
  }
}

resource "aws_elasticache_user_group_association" "guest" {
  user_group_id = aws_elasticache_user_group.shop.user_group_id
  user_id       = aws_elasticache_user.guest.user_id
}

resource "aws_elasticache_replication_group" "guarded" {
  replication_group_id       = "guarded"
  description                = "for users alone"
  engine                     = "redis"
  node_type                  = "cache.t3.micro"
  num_cache_clusters         = 1
  transit_encryption_enabled = true
  user_group_ids             = [aws_elasticache_user_group.shop.user_group_id]
  apply_immediately          = true
}

resource "aws_elasticache_serverless_cache" "carts" {
  name                 = "carts"
  description          = "what is in nobody's hands"
  engine               = "redis"
  major_engine_version = "7"
  user_group_id        = aws_elasticache_user_group.shop.user_group_id
  tags                 = { team = "shop" }

  cache_usage_limits {
    data_storage {
      maximum = var.gigabytes
      unit    = "GB"
    }
  }
}
"""


def _mirrors() -> Iterator[Path]:
    """Directories with the provider in the layout of a mirror."""
    for folder in filter(None, MIRRORS):
        yield from (binary.parents[5] for binary in Path(folder).rglob(PROVIDER))


@pytest.fixture
def mirror() -> Path:
    """A directory from which Terraform takes its provider."""
    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed")
    found = next(_mirrors(), None)
    if found is None:
        pytest.skip("no mirror with the AWS provider of Terraform")
    return found


def _terraform(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {"TF_CLI_CONFIG_FILE": str(directory / "settings"), "TF_IN_AUTOMATION": "1"}
    command = ["terraform", *arguments, "-no-color", "-input=false"]
    return subprocess.run(
        command, cwd=directory, env=environment() | own, capture_output=True, text=True, timeout=170, check=False
    )


def provider(cloud: Cloud) -> str:
    """The block that leads Terraform to the control plane."""
    return PROVIDED.format(region=cloud.region, account=cloud.account, url=cloud.plane.url)


def begin(mirror: Path, directory: Path, *files: tuple[str, str]) -> None:
    """Terraform has its provider and what it is asked for."""
    for name, text in (("settings", SETTINGS.format(mirror=mirror)), *files):
        (directory / name).write_text(text)
    done(directory, "init")


def done(directory: Path, *arguments: str) -> None:
    """Terraform has done it."""
    ended = _terraform(directory, *arguments)
    assert ended.returncode == 0, ended.stderr


def agrees(directory: Path, *arguments: str) -> None:
    """Terraform sees nothing to change in what it has made."""
    ended = _terraform(directory, "plan", "-detailed-exitcode", *arguments)
    assert ended.returncode == NO_DIFFERENCE, ended.stdout + ended.stderr


def _team(cloud: Cloud, arn: str) -> list[str]:
    tags = cloud.api.list_tags_for_resource(ResourceName=arn)["TagList"]
    return [tag["Value"] for tag in tags if tag["Key"] == "team"]


def _set(cloud: Cloud, group: str) -> dict[str, str]:
    """What a parameter group sets."""
    rows = cloud.api.describe_cache_parameters(CacheParameterGroupName=group, Source="user")["Parameters"]
    return {row["ParameterName"]: row["ParameterValue"] for row in rows}


def _slots(cloud: Cloud, group: str) -> list[str]:
    return [shard["Slots"] for shard in cloud.whole_group(group)["NodeGroups"]]


def _subnets(cloud: Cloud, group: str) -> list[str]:
    (shown,) = cloud.api.describe_cache_subnet_groups(CacheSubnetGroupName=group)["CacheSubnetGroups"]
    return sorted(subnet["SubnetIdentifier"] for subnet in shown["Subnets"])


def _topic(cloud: Cloud, cluster: str) -> dict[str, str]:
    return dict(cloud.shown_cluster(cluster)["NotificationConfiguration"])


def _logs(cloud: Cloud, group: str) -> list[tuple[str, str]]:
    """What is delivered of a group, and in which form."""
    shown = cloud.whole_group(group)["LogDeliveryConfigurations"]
    return [(each["LogType"], each["LogFormat"]) for each in shown if each["Status"] == "active"]


def _apply_status(cloud: Cloud, name: str) -> str:
    return str(cloud.shown_cluster(name)["CacheParameterGroup"]["ParameterApplyStatus"])


def _entrances(cloud: Cloud) -> set[str]:
    """How clients are let in by every node of the encrypted group."""
    ways: dict[str, Any] = {"plain": {}, "verified": verifying(cloud.plane), "token": verifying(cloud.plane, TOKEN)}
    group = cloud.shown_group("vault")
    assert sorted(roles(group)) == ["vault-001", "vault-reader-0", "vault-reader-1"]
    return {name for name, way in ways.items() if all(answers(where, **way) for where in addresses(group).values())}


def test_apply_plan_and_destroy(cloud: Cloud, mirror: Path, tmp_path: Path) -> None:
    begin(mirror, tmp_path, ("main.tf", provider(cloud) + WISH), ("encrypted.tf", ENCRYPTED))
    done(tmp_path, "apply", "-auto-approve")
    agrees(tmp_path)
    assert roles(cloud.shown_group("basket")) == {"basket-001": "primary", "basket-002": "replica"}
    assert _set(cloud, "sessions") == {"timeout": "300", "notify-keyspace-events": "Ex", "reserved-memory": "30"}
    assert _slots(cloud, "orders") == ["0-8191", "8192-16383"]
    assert _entrances(cloud) == {"plain", "verified", "token"}  # who asks for no token takes any
    assert cloud.shown_cluster("basket-001")["CacheSubnetGroupName"] == "shop"
    assert _subnets(cloud, "shop") == ["subnet-0a1b2c3d", "subnet-1b2c3d4e"]
    alerts = {"TopicArn": f"arn:aws:sns:{cloud.region}:{cloud.account}:alerts", "TopicStatus": "active"}
    assert [_topic(cloud, name) for name in ("sessions", "basket-002")] == [alerts, alerts]
    assert _logs(cloud, "basket") == [("slow-log", "json")]

    more = ["subnet-0a1b2c3d", "subnet-1b2c3d4e", "subnet-2c3d4e5f"]
    changed = {
        "subnets": json.dumps(more),
        "shards": "3",
        "team": "web",
        "basket_type": "cache.t3.small",
        "idle": "60",
        "pages": "2",
        "reserved": "reserved-memory-percent",
        "records": "text",
        "mode": "required",
        "token": TOKEN,
    }
    chosen = [f"-var={name}={value}" for name, value in changed.items()]
    done(tmp_path, "apply", "-auto-approve", *chosen)
    agrees(tmp_path, *chosen)
    assert cloud.shown_cluster("basket-002")["CacheNodeType"] == "cache.t3.small"
    until("the records have the other form", lambda: _logs(cloud, "basket") == [("slow-log", "text")])
    assert _team(cloud, cloud.shown_cluster("sessions")["ARN"]) == ["web"]
    assert _set(cloud, "sessions") == {"timeout": "60", "notify-keyspace-events": "Ex", "reserved-memory-percent": "30"}
    until("the node has the new value", lambda: _apply_status(cloud, "sessions") == "in-sync")
    assert _team(cloud, cloud.shown_cluster("basket-002")["ARN"]) == ["web"]
    assert _subnets(cloud, "shop") == more
    assert list(node_places(cloud.shown_cluster("pages"))) == ["0001", "0002"]
    assert _slots(cloud, "orders") == ["2730-8191", "10923-16383", "0-2729,8192-10922"]
    assert cloud.whole_group("vault")["TransitEncryptionMode"] == "required"
    assert _entrances(cloud) == {"token"}

    cloud.modified("vault", PrimaryClusterId="vault-001")  # a reader that leads could not be removed before the group
    done(tmp_path, "destroy", "-auto-approve", *chosen)
    cloud.await_nodes()


def _last(cloud: Cloud) -> dict[str, tuple[str, str]]:
    """The status and the source of every snapshot."""
    found = cloud.api.describe_snapshots()["Snapshots"]
    return {each["SnapshotName"]: (each["SnapshotStatus"], each["SnapshotSource"]) for each in found}


def test_snapshots(cloud: Cloud, mirror: Path, tmp_path: Path) -> None:
    window = closed_window()
    begin(mirror, tmp_path, ("main.tf", provider(cloud)), ("saved.tf", SAVED.replace("WINDOW", window)))
    done(tmp_path, "apply", "-auto-approve")
    agrees(tmp_path)
    shown = cloud.shown_cluster("notes")
    assert (shown["SnapshotRetentionLimit"], shown["SnapshotWindow"]) == (5, window)
    redis_at(place(shown["CacheNodes"][0]["Endpoint"])).set("note", "kept")
    ran = run("snapshot", "run", "notes", "--account", cloud.account, "--url", cloud.plane.url)
    name = ran.stdout.strip()
    assert _last(cloud) == {name: ("available", "automated")}

    chosen = ["-var=days=3", f"-var=origin={name}"]
    done(tmp_path, "apply", "-auto-approve", *chosen)
    agrees(tmp_path, *chosen)
    group = cloud.whole_group("letters")
    assert (group["SnapshotRetentionLimit"], group["SnapshottingClusterId"]) == (3, "letters-001")
    assert redis_at(place(cloud.shown_cluster("again")["CacheNodes"][0]["Endpoint"])).get("note") == "kept"

    done(tmp_path, "destroy", "-auto-approve", *chosen)
    cloud.await_nodes()
    last = {name: known for name, known in _last(cloud).items() if name.endswith("-last")}
    assert last == dict.fromkeys(("notes-last", "letters-last"), ("available", "manual"))


def _enters(cloud: Cloud, name: str, password: str) -> bool:
    """Whether a user gets into both; AssertionError when it is one of them alone."""
    doors = (cloud.shown_group("guarded")["PrimaryEndpoint"], _carts(cloud)["Endpoint"])
    (entered,) = {answers(place(door), **verifying(cloud.plane, password), username=name) for door in doors}
    return entered


def _carts(cloud: Cloud) -> dict[str, Any]:
    (shown,) = cloud.api.describe_serverless_caches(ServerlessCacheName="carts")["ServerlessCaches"]
    return dict(shown)


def test_users(cloud: Cloud, mirror: Path, tmp_path: Path) -> None:
    begin(mirror, tmp_path, ("main.tf", provider(cloud)), ("users.tf", USERS))
    done(tmp_path, "apply", "-auto-approve")
    agrees(tmp_path)
    assert cloud.whole_group("guarded")["UserGroupIds"] == ["shop"]
    assert not _enters(cloud, "default", "never-to-be-said-aloud")
    assert _enters(cloud, "guest", "anything")

    assert _carts(cloud)["CacheUsageLimits"]["DataStorage"]["Maximum"] == 10

    chosen = ["-var=access=on ~* +@all", "-var=password=correct-horse-battery-2", "-var=gigabytes=20"]
    done(tmp_path, "apply", "-auto-approve", *chosen)
    agrees(tmp_path, *chosen)
    assert not _enters(cloud, "App", "correct-horse-battery-1")
    assert _enters(cloud, "App", "correct-horse-battery-2")
    assert _carts(cloud)["CacheUsageLimits"]["DataStorage"]["Maximum"] == 20

    done(tmp_path, "destroy", "-auto-approve", *chosen)
    assert [user["UserId"] for user in cloud.api.describe_users()["Users"]] == ["default"]
    assert cloud.api.describe_serverless_caches()["ServerlessCaches"] == []
    cloud.await_nodes()
