"""Replication groups in cluster mode: what is told of them, and what their engines say."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from cachewright.controlplane.model.slots import Ranges, parsed, union
from tests.e2e.cloud import MICRO, Cloud, Place, node_places, place, redis_at
from tests.e2e.encrypted import Options
from tests.e2e.waiting import until

NOW = {"ApplyImmediately": True}


@dataclass(frozen=True, slots=True)
class Sharded:
    """A group of an account, and how its clients connect."""

    cloud: Cloud
    name: str
    options: Options = field(default_factory=dict)

    def ask(self, shards: int = 3, replicas: int | None = 1, **params: Any) -> None:
        """Ask for it: Redis, unless the parameters say otherwise."""
        usual: dict[str, Any] = {"Engine": "redis", "CacheNodeType": MICRO, "AutomaticFailoverEnabled": True}
        usual |= {"ReplicationGroupDescription": "of a test"}
        usual |= {"NumNodeGroups": shards}
        usual |= {"ReplicasPerNodeGroup": replicas} if replicas is not None else {}
        self.cloud.api.create_replication_group(ReplicationGroupId=self.name, **usual | params)

    def create(self, shards: int = 3, replicas: int | None = 1, **params: Any) -> "Sharded":
        """Ask for it, until it is available."""
        self.ask(shards, replicas, **params)
        return self.available()

    def available(self) -> "Sharded":
        """Itself, once it is available."""
        self.cloud.available_group(self.name)
        return self

    def ask_shards(self, count: int, **params: Any) -> None:
        """Ask for another number of shards."""
        self.cloud.api.modify_replication_group_shard_configuration(
            ReplicationGroupId=self.name, NodeGroupCount=count, **NOW, **params
        )

    def reshard(self, count: int, **params: Any) -> "Sharded":
        """Ask for another number of shards, until they are there."""
        self.ask_shards(count, **params)
        return self.available()

    def modify(self, **params: Any) -> "Sharded":
        """Modify it at once, until that is done."""
        self.cloud.api.modify_replication_group(ReplicationGroupId=self.name, **NOW, **params)
        return self.available()

    @property
    def shown(self) -> dict[str, Any]:
        """With everything that is shown of it now."""
        return self.cloud.whole_group(self.name)

    @property
    def entrance(self) -> Place:
        """The configuration endpoint."""
        return place(self.shown["ConfigurationEndpoint"])

    @property
    def members(self) -> dict[str, list[str]]:
        """The cache clusters of each shard."""
        groups = self.shown["NodeGroups"]
        return {one["NodeGroupId"]: [member["CacheClusterId"] for member in one["NodeGroupMembers"]] for one in groups}

    @property
    def slots(self) -> dict[str, Ranges]:
        """The slots that are told of each shard."""
        return {one["NodeGroupId"]: parsed(one["Slots"]) for one in self.shown["NodeGroups"]}

    @property
    def places(self) -> dict[str, Place]:
        """The address of every cache cluster."""
        clusters = [name for members in self.members.values() for name in members]
        return {name: node_places(self.cloud.shown_cluster(name))["0001"] for name in clusters}

    @property
    def nodes(self) -> list[str]:
        """Every node."""
        return [f"{name}.0001" for members in self.members.values() for name in members]

    @contextmanager
    def connected(self, where: Place) -> Iterator[Redis]:
        """A client of one node."""
        with closing(redis_at(where, **self.options)) as client:
            yield client

    def leader(self, shard: str) -> str:
        """The member that says that it leads a shard, once just one says so."""
        places = {name: where for name, where in self.places.items() if name in self.members[shard]}
        return until(f"one leads {shard}", lambda: _only([name for name in places if self._leads(places[name])]))

    def seen_from(self, where: Place) -> dict[Place, Ranges]:
        """The slots of each primary, as a node tells its clients."""
        found: dict[Place, Ranges] = {}
        with self.connected(where) as client:
            answer: Any = client.execute_command("CLUSTER SLOTS")
        for first, last, (host, port, *_), *_ in answer:
            primary = host, port
            found[primary] = union(found.get(primary, ()), ((first, last),))
        return found

    def check(self) -> None:
        """All nodes tell clients what the API tells of the slots, and every replica has the data of its primary, which
        nobody writes to.
        """
        places, slots = self.places, self.slots
        leaders = {shard: places[self.leader(shard)] for shard in slots}
        wanted = {leaders[shard]: slots[shard] for shard in slots}
        assert self.told_slots() == dict.fromkeys(places.values(), wanted)
        for shard, members in self.members.items():
            for name in members:
                until(f"{name} has everything", partial(self._holds, places[name], leaders[shard]))

    def told_slots(self) -> dict[Place, dict[Place, Ranges]]:
        """What each node tells clients of the slots of all primaries."""
        return {where: self.seen_from(where) for where in self.places.values()}

    def _leads(self, where: Place) -> bool:
        with self.connected(where) as client:
            try:
                role: Any = client.execute_command("ROLE")
            except (RedisError, OSError):
                return False
        return bool(role[0] == "master")

    def _holds(self, where: Place, leader: Place) -> bool:
        with self.connected(where) as own, self.connected(leader) as other:
            try:
                role: Any = own.execute_command("ROLE")
                in_place = where == leader or tuple(role[1:4]) == (*leader, "connected")
                return in_place and own.dbsize() == other.dbsize()
            except (RedisError, OSError):  # it loads, or is not there yet
                return False


def _only(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ""
