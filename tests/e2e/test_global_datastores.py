"""A global datastore of two regions: one takes writes, the other copies it and takes over, and no write is lost."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from redis.exceptions import ReadOnlyError, RedisError

from tests.e2e.cloud import Cloud, Place, place, primary_of, redis_at
from tests.e2e.encrypted import Options
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

LARGE = "cache.r6g.large"
SOON = 5.0  # seconds for a write to arrive in the other region


@dataclass(slots=True)
class Writer:
    """Writes one number after the other to whichever region takes it, in a thread of its own."""

    places: list[Place]
    options: Options = field(default_factory=dict)  # of their clients
    acknowledged: list[tuple[int, float]] = field(default_factory=list)  # number, moment (monotonic seconds)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until it is told to stop."""
        clients = [redis_at(where, **self.options) for where in self.places]
        number, turn = 0, 0
        while not self._stop.is_set():
            number += 1
            try:
                clients[turn].set(f"n{number}", number)
            except (RedisError, OSError):
                turn = 1 - turn
            else:
                self.acknowledged.append((number, time.monotonic()))
                self._stop.wait(0.002)

    def stop(self) -> None:
        """Enough."""
        self._stop.set()

    @property
    def outage(self) -> float:
        """The longest time between two acknowledged writes, in seconds."""
        moments = [moment for _, moment in self.acknowledged]
        return max(later - earlier for earlier, later in pairwise(moments))


@pytest.fixture
def away(cloud: Cloud) -> Iterator[Cloud]:
    """The same account in another region."""
    other = Cloud(cloud.plane, cloud.machine, cloud.account, "eu-west-1")
    yield other
    other.leave()


def datastore(cloud: Cloud, name: str) -> dict[str, Any]:
    answer = cloud.api.describe_global_replication_groups(GlobalReplicationGroupId=name, ShowMemberInfo=True)
    return dict(answer["GlobalReplicationGroups"][0])


def await_status(cloud: Cloud, name: str, status: str) -> None:
    until(f"{name} is {status}", lambda: datastore(cloud, name)["Status"] == status)


def test_two_regions(cloud: Cloud, away: Cloud) -> None:
    """One test, because what it begins with takes seconds."""
    home_group = cloud.group("home", 2, CacheNodeType=LARGE)
    created = cloud.api.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="home"
    )
    name = created["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
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

    writer = Writer([place(group["PrimaryEndpoint"]) for group in (home_group, away_group)])
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        until("writes are acknowledged", lambda: len(writer.acknowledged) > 50)
        cloud.api.failover_global_replication_group(
            GlobalReplicationGroupId=name, PrimaryRegion="eu-west-1", PrimaryReplicationGroupId="away"
        )
        await_status(cloud, name, "available")
        enough = len(writer.acknowledged) + 50
        until("writes go on", lambda: len(writer.acknowledged) > enough)
    finally:
        writer.stop()
        thread.join()
    lost = [number for number, _ in writer.acknowledged if copy.get(f"n{number}") != str(number)]
    assert lost == []
    assert writer.outage < 1, "far more than it takes, on a busy machine"
    roles = {member["ReplicationGroupId"]: member["Role"] for member in datastore(cloud, name)["Members"]}
    assert roles == {"home": "SECONDARY", "away": "PRIMARY"}
    last = f"n{writer.acknowledged[-1][0]}"
    until("the old primary has it all", lambda: home.get(last) is not None, SOON)
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
