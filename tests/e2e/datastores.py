"""Global datastores of two regions, and a client that writes while one takes the place of the other."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException, RedisError

from tests.e2e.cloud import Cloud
from tests.e2e.waiting import PATIENCE, until

AWAY = "eu-west-1"
LARGE = "cache.r6g.large"
SOON = 5.0  # seconds for a write to arrive in the other region
RESHARDING = 240.0  # seconds for thousands of slots to move: encrypted, on a busy machine, it is a hundred in one


@pytest.fixture
def away(cloud: Cloud) -> Iterator[Cloud]:
    """The same account in another region."""
    other = Cloud(cloud.plane, cloud.machine, cloud.account, AWAY)
    yield other
    other.leave()


def founded(cloud: Cloud, suffix: str = "world") -> str:
    """The id of a global datastore that the replication group `home` begins."""
    created = cloud.api.create_global_replication_group(
        GlobalReplicationGroupIdSuffix=suffix, PrimaryReplicationGroupId="home"
    )
    return str(created["GlobalReplicationGroup"]["GlobalReplicationGroupId"])


def datastore(cloud: Cloud, name: str) -> dict[str, Any]:
    answer = cloud.api.describe_global_replication_groups(GlobalReplicationGroupId=name, ShowMemberInfo=True)
    return dict(answer["GlobalReplicationGroups"][0])


def await_status(cloud: Cloud, name: str, status: str, patience: float = PATIENCE) -> None:
    until(f"{name} is {status}", lambda: datastore(cloud, name)["Status"] == status, patience)


@dataclass(slots=True)
class Writer:
    """Writes one number after the other to whichever region takes it, in a thread of its own."""

    connect: Sequence[Callable[[], Redis | RedisCluster]]  # to each region
    acknowledged: list[int] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until it is told to stop."""
        clients = [connect() for connect in self.connect]
        number, turn = 0, 0
        while not self._stop.is_set():
            number += 1
            try:
                clients[turn].set(f"n{number}", number)
            except (RedisError, RedisClusterException, OSError):
                turn = 1 - turn
            else:
                self.acknowledged.append(number)
                self._stop.wait(0.002)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """From some acknowledged writes before to some after."""
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            until("writes are acknowledged", lambda: len(self.acknowledged) > 50)
            yield
            enough = len(self.acknowledged) + 50
            until("writes go on", lambda: len(self.acknowledged) > enough)
        finally:
            self._stop.set()
            thread.join()

    def lost(self, client: Redis | RedisCluster) -> list[int]:
        """The acknowledged numbers that are not there."""
        return [number for number in self.acknowledged if client.get(f"n{number}") != str(number)]

    @property
    def last(self) -> str:
        """The key of the last acknowledged write."""
        return f"n{self.acknowledged[-1]}"


def written_while_away_takes_over(
    cloud: Cloud, name: str, connect: Sequence[Callable[[], Redis | RedisCluster]]
) -> Writer:
    """The writer, once the group `away` in the other region leads a datastore."""
    writer = Writer(connect)
    with writer.writing():
        cloud.api.failover_global_replication_group(
            GlobalReplicationGroupId=name, PrimaryRegion=AWAY, PrimaryReplicationGroupId="away"
        )
        await_status(cloud, name, "available")
    return writer
