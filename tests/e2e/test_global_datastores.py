"""A global datastore of two regions: one takes writes, the other copies it and takes over, and no write is lost."""

from functools import partial

import pytest
from redis.exceptions import ReadOnlyError

from tests.e2e.cloud import Cloud, place, primary_of, redis_at
from tests.e2e.datastores import LARGE, SOON, await_status, away, datastore, founded, written_while_away_takes_over
from tests.e2e.waiting import until

__all__ = ["away"]  # a fixture
pytestmark = pytest.mark.docker


def test_two_regions(cloud: Cloud, away: Cloud) -> None:
    """One test, because what it begins with takes seconds."""
    home_group = cloud.group("home", 2, CacheNodeType=LARGE)
    name = founded(cloud)
    home = redis_at(place(home_group["PrimaryEndpoint"]))
    home.set("before", "1")
    away.api.create_replication_group(
        ReplicationGroupId="away",
        ReplicationGroupDescription="d",
        GlobalReplicationGroupId=name,
        NumCacheClusters=2,
    )
    away_group = away.available_group("away")
    await_status(cloud, name, "available")
    copy = redis_at(place(away_group["PrimaryEndpoint"]))
    reader = redis_at(place(away_group["ReaderEndpoint"]))
    assert copy.get("before") == "1"
    home.set("after", "2")
    until("a write arrives", lambda: copy.get("after") == reader.get("after") == "2", SOON)
    with pytest.raises(ReadOnlyError):
        copy.set("mine", "3")

    regions = [partial(redis_at, place(group["PrimaryEndpoint"])) for group in (home_group, away_group)]
    writer = written_while_away_takes_over(cloud, name, regions)
    assert writer.lost(copy) == []
    roles = {member["ReplicationGroupId"]: member["Role"] for member in datastore(cloud, name)["Members"]}
    assert roles == {"home": "SECONDARY", "away": "PRIMARY"}
    until("the old primary has it all", lambda: home.get(writer.last) is not None, SOON)
    with pytest.raises(ReadOnlyError):
        home.set("mine", "3")
    assert primary_of(cloud.shown_group("home")) == primary_of(home_group)
    assert copy.info("stats")["sync_full"] == 1, (
        "for its own replica, when that came: the old primary goes on where it is"
    )

    cloud.api.disassociate_global_replication_group(
        GlobalReplicationGroupId=name, ReplicationGroupId="home", ReplicationGroupRegion="us-east-1"
    )
    cloud.available_group("home")
    assert home.set("mine", "3")
    assert copy.set("theirs", "4")
    assert home.get("theirs") is None
    await_status(cloud, name, "primary-only")
    away.api.delete_global_replication_group(GlobalReplicationGroupId=name, RetainPrimaryReplicationGroup=True)
    assert away.available_group("away")["PrimaryEndpoint"] == away_group["PrimaryEndpoint"]
