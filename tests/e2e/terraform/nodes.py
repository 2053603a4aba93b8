"""What `nodes.tf` and `encrypted.tf` make, and what their changes come to."""

from typing import Any

from tests.e2e.clients import answers
from tests.e2e.cloud import Cloud, addresses, node_places, roles
from tests.e2e.encrypted import TOKEN, verifying
from tests.e2e.waiting import until

CHANGES = {
    "subnets": ["subnet-0a1b2c3d", "subnet-1b2c3d4e", "subnet-2c3d4e5f"],
    "shards": 3,
    "team": "web",
    "basket_type": "cache.t3.small",
    "idle": "60",
    "pages": 2,
    "reserved": "reserved-memory-percent",
    "records": "text",
    "mode": "required",
    "token": TOKEN,
}


def made(cloud: Cloud) -> None:
    """Everything is as it was asked for first."""
    assert roles(cloud.shown_group("basket")) == {"basket-001": "primary", "basket-002": "replica"}
    assert _set(cloud, "sessions") == {"timeout": "300", "notify-keyspace-events": "Ex", "reserved-memory": "30"}
    assert _slots(cloud, "orders") == ["0-8191", "8192-16383"]
    assert _entrances(cloud) == {"plain", "verified", "token"}  # who asks for no token takes any
    assert cloud.shown_cluster("basket-001")["CacheSubnetGroupName"] == "shop"
    assert _subnets(cloud, "shop") == ["subnet-0a1b2c3d", "subnet-1b2c3d4e"]
    alerts = {"TopicArn": f"arn:aws:sns:{cloud.region}:{cloud.account}:alerts", "TopicStatus": "active"}
    assert [_topic(cloud, name) for name in ("sessions", "basket-002")] == [alerts, alerts]
    assert _logs(cloud, "basket") == [("slow-log", "json")]


def changed(cloud: Cloud) -> None:
    """Everything is as the changes ask for it."""
    assert cloud.shown_cluster("basket-002")["CacheNodeType"] == "cache.t3.small"
    until("the records have the other form", lambda: _logs(cloud, "basket") == [("slow-log", "text")])
    assert _team(cloud, cloud.shown_cluster("sessions")["ARN"]) == ["web"]
    assert _set(cloud, "sessions") == {"timeout": "60", "notify-keyspace-events": "Ex", "reserved-memory-percent": "30"}
    until("the node has the new value", lambda: _apply_status(cloud, "sessions") == "in-sync")
    assert _team(cloud, cloud.shown_cluster("basket-002")["ARN"]) == ["web"]
    assert _subnets(cloud, "shop") == CHANGES["subnets"]
    assert list(node_places(cloud.shown_cluster("pages"))) == ["0001", "0002"]
    assert _slots(cloud, "orders") == ["2730-8191", "10923-16383", "0-2729,8192-10922"]
    assert cloud.whole_group("vault")["TransitEncryptionMode"] == "required"
    assert _entrances(cloud) == {"token"}


def leave(cloud: Cloud) -> None:
    """A reader that leads could not be removed before the group: none leads any more."""
    cloud.modified("vault", PrimaryClusterId="vault-001")


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
