"""What `world.tf` makes."""

from dataclasses import replace

from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.waiting import until

AWAY = "eu-west-1"


def made(cloud: Cloud) -> None:
    """The secondary copies the primary, and each has a copy of the primary's parameter group."""
    away = replace(cloud, region=AWAY)
    (shown,) = cloud.api.describe_global_replication_groups(ShowMemberInfo=True)["GlobalReplicationGroups"]
    roles = {one["ReplicationGroupRegion"]: one["Role"] for one in shown["Members"]}
    assert roles == {cloud.region: "PRIMARY", AWAY: "SECONDARY"}
    assert _made_for_members(cloud) == ["home"]
    assert _made_for_members(away) == ["away"]
    node = redis_at(place(away.shown_group("away")["PrimaryEndpoint"]))
    redis_at(place(cloud.shown_group("home")["PrimaryEndpoint"])).set("key", "value")
    until("the secondary has the key", lambda: node.get("key") == "value")


def ended(cloud: Cloud) -> None:
    """Nothing of it is there any more, in either region."""
    away = replace(cloud, region=AWAY)
    assert cloud.api.describe_global_replication_groups()["GlobalReplicationGroups"] == []
    assert _made_for_members(cloud) == _made_for_members(away) == []
    away.await_nodes()


def _made_for_members(cloud: Cloud) -> list[str]:
    """For whom there are parameter groups that nobody asked for; each is used, and sets what the primary's did."""
    groups = cloud.api.describe_cache_parameter_groups()["CacheParameterGroups"]
    found = [group["CacheParameterGroupName"] for group in groups if group["IsGlobal"]]
    for name in found:
        rows = cloud.api.describe_cache_parameters(CacheParameterGroupName=name, Source="user")["Parameters"]
        assert [(row["ParameterName"], row["ParameterValue"]) for row in rows] == [("timeout", "300")]
    return [name.removeprefix("global-datastore-")[:-4] for name in found]
