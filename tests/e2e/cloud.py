"""An account on a control plane: what it is told over the API, and what of it can be seen on the machine."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import docker
from botocore.exceptions import BotoCoreError, ClientError
from docker.models.containers import Container
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from cachewright.agents.planning.labels import CACHE, INSTANCE, NODE, ROLE
from tests.e2e.plane import Plane
from tests.e2e.waiting import PATIENCE, until

POLL = 0.05  # seconds
SOON = {"Delay": POLL, "MaxAttempts": int(PATIENCE / POLL)}
MICRO = "cache.t3.micro"

Place = tuple[str, int]


@dataclass(slots=True)
class Cloud:
    """One account in one region."""

    plane: Plane
    machine: docker.DockerClient
    account: str
    region: str = "us-east-1"
    api: Any = field(init=False)

    def __post_init__(self) -> None:
        self.api = self.plane.client(self.account, self.region)

    def ask_cluster(self, name: str, **params: Any) -> None:
        """Ask for a cache cluster: Redis with one node, unless the parameters say otherwise."""
        usual = {"Engine": "redis", "CacheNodeType": MICRO, "NumCacheNodes": 1}
        self.api.create_cache_cluster(CacheClusterId=name, **usual | params)

    def ask_group(self, name: str, nodes: int = 3, **params: Any) -> None:
        """Ask for a replication group with automatic failover: Redis, unless the parameters say otherwise."""
        usual: dict[str, Any] = {"Engine": "redis", "CacheNodeType": MICRO}
        usual |= {"ReplicationGroupDescription": "of a test"}
        usual |= {"NumCacheClusters": nodes, "AutomaticFailoverEnabled": nodes > 1}
        self.api.create_replication_group(ReplicationGroupId=name, **usual | params)

    def cluster(self, name: str, **params: Any) -> dict[str, Any]:
        """A new cache cluster, available."""
        self.ask_cluster(name, **params)
        return self.available_cluster(name)

    def group(self, name: str, nodes: int = 3, **params: Any) -> dict[str, Any]:
        """The one node group of a new replication group, available."""
        self.ask_group(name, nodes, **params)
        return self.available_group(name)

    def modified(self, name: str, **params: Any) -> dict[str, Any]:
        """The one node group of a replication group that was modified at once, available again."""
        self.api.modify_replication_group(ReplicationGroupId=name, ApplyImmediately=True, **params)
        return self.available_group(name)

    def available_cluster(self, name: str) -> dict[str, Any]:
        """A cache cluster as it is shown, once it is available."""
        self.api.get_waiter("cache_cluster_available").wait(CacheClusterId=name, WaiterConfig=SOON)
        return self.shown_cluster(name)

    def available_group(self, name: str) -> dict[str, Any]:
        """The node group of a replication group as it is shown, once the group is available."""
        self.api.get_waiter("replication_group_available").wait(ReplicationGroupId=name, WaiterConfig=SOON)
        return self.shown_group(name)

    def shown_cluster(self, name: str) -> dict[str, Any]:
        """A cache cluster as it is shown now."""
        answer = self.api.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)
        return dict(answer["CacheClusters"][0])

    def shown_group(self, name: str) -> dict[str, Any]:
        """The one node group of a replication group as it is shown now."""
        return dict(self.whole_group(name)["NodeGroups"][0])

    def whole_group(self, name: str) -> dict[str, Any]:
        """A replication group with everything that is shown of it now."""
        answer = self.api.describe_replication_groups(ReplicationGroupId=name)
        return dict(answer["ReplicationGroups"][0])

    def messages(self, *sources: str) -> list[tuple[str, str]]:
        """Source and text of every event of these sources, from the oldest to the newest."""
        events = self.api.describe_events()["Events"]
        told = [(event["SourceIdentifier"], event["Message"]) for event in reversed(events)]
        return [event for event in told if event[0] in sources]

    def containers(self) -> dict[str, Container]:
        """The containers of the account's nodes by node name, running or not; without what stands beside them."""
        mine = {"label": f"{INSTANCE}={self.plane.instance}"}
        every = self.machine.containers.list(all=True, filters=mine, ignore_removed=True)
        here = f"{self.account}/{self.region}/"
        nodes = [container for container in every if ROLE not in container.labels]
        own = [container for container in nodes if container.labels.get(CACHE, "").startswith(here)]
        found = {container.labels[NODE]: container for container in own}
        assert len(found) == len(own), f"two containers of one node: {[container.name for container in own]}"
        return found

    def all_shared(self, kind: Mapping[str, str]) -> list[Container]:
        """The containers of a kind that serves every cache, running or not: more than one while it is replaced."""
        labels = [f"{INSTANCE}={self.plane.instance}", *(f"{name}={value}" for name, value in kind.items())]
        return list(self.machine.containers.list(all=True, filters={"label": labels}, ignore_removed=True))

    def shared(self, kind: Mapping[str, str]) -> Container:
        """The one of them; ValueError while there is none, or more."""
        (container,) = self.all_shared(kind)
        return container

    def leave(self) -> None:
        """Ask for the end of all caches, as far as they can be deleted now: what nobody looks at any more keeps the
        machine from what others look at. Whatever stays ends with the control plane.
        """
        with suppress(BotoCoreError):  # the test may have stopped the control plane
            for group in self.api.describe_replication_groups()["ReplicationGroups"]:
                with suppress(ClientError):
                    self.api.delete_replication_group(ReplicationGroupId=group["ReplicationGroupId"])
            alone = self.api.describe_cache_clusters(ShowCacheClustersNotInReplicationGroups=True)["CacheClusters"]
            for cluster in alone:
                with suppress(ClientError):
                    self.api.delete_cache_cluster(CacheClusterId=cluster["CacheClusterId"])

    def await_nodes(self, *nodes: str) -> None:
        """Exactly these nodes have a container, and it runs."""

        def just_these() -> bool:
            found = self.containers()
            return set(found) == set(nodes) and all(one.status == "running" for one in found.values())

        until(f"containers of just {nodes}", just_these)

    def await_reason(self, source: str, words: str) -> str:
        """The first event of a source that contains these words, once there is one."""

        def told() -> str:
            return next((message for _, message in self.messages(source) if words in message), "")

        return until(f"an event of {source} with '{words}'", told)


def closed_window() -> str:
    """A snapshot window that does not open while a test runs: half a day from now."""
    hour = datetime.now(UTC).hour
    return f"{(hour + 12) % 24:02}:00-{(hour + 13) % 24:02}:00"


def place(endpoint: dict[str, Any]) -> Place:
    """An endpoint as address and port."""
    return endpoint["Address"], endpoint["Port"]


def node_places(cluster: dict[str, Any]) -> dict[str, Place]:
    """The address of every node of a cache cluster, by node id."""
    return {node["CacheNodeId"]: place(node["Endpoint"]) for node in cluster["CacheNodes"]}


def member_places(group: dict[str, Any]) -> dict[str, Place]:
    """The address of every member of a replication group, by cache cluster."""
    return {member["CacheClusterId"]: place(member["ReadEndpoint"]) for member in group["NodeGroupMembers"]}


def roles(group: dict[str, Any]) -> dict[str, str]:
    """The role that is told of every member of a replication group."""
    return {member["CacheClusterId"]: member["CurrentRole"] for member in group["NodeGroupMembers"]}


def primary_of(group: dict[str, Any]) -> str:
    """The member that is told to lead a replication group."""
    (leader,) = (name for name, role in roles(group).items() if role == "primary")
    return leader


def addresses(group: dict[str, Any]) -> dict[str, Place]:
    """Every address that callers were told of a replication group: of its endpoints and of its members."""
    endpoints = {name: place(group[name]) for name in ("PrimaryEndpoint", "ReaderEndpoint")}
    return endpoints | member_places(group)


def redis_at(where: Place, **options: Any) -> Redis:
    """A client of a single connection that tries everything once; `options` are redis-py's own."""
    return Redis(
        host=where[0],
        port=where[1],
        single_connection_client=False,
        max_connections=1,
        socket_timeout=5,
        socket_connect_timeout=5,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        **options,
    )
