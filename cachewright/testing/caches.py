"""A cache of a test: where it is, a client of it, and what may become of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from pymemcache import HashClient
from redis import Redis, RedisCluster

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.plane import ControlPlane, asked
from cachewright.controlplane.console.paths import DRILLS
from cachewright.controlplane.model.drills import DrillKind, Outcome, Progress, Report

PAUSE = 0.01  # seconds between two looks
KILLED = 0.1  # seconds that the failure of a killed process lasts: it comes back by itself
PATIENCE = 120.0  # seconds for a cache to become what it is to be
Place = tuple[str, int]  # host and port


class Unavailable(Exception):  # noqa: N818
    """A cache does not become what was asked for; says why."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where caches are made, and for whom."""

    plane: ControlPlane
    account: str
    aws: Any  # botocore's ElastiCache client
    authority: Callable[[], str]  # where the certificate lies that clients of encrypted caches check others by


@dataclass(slots=True, eq=False)
class Cache:
    """A cache cluster of Memcached, or a replication group of Redis or Valkey."""

    service: Service
    name: str
    is_group: bool
    options: Mapping[str, Any] = field(default_factory=dict)  # for its client: a password, a user name
    is_touched: bool = False  # something was done to it that emptying it does not undo
    _client: Any = None

    @property
    def shown(self) -> dict[str, Any]:
        """As DescribeReplicationGroups or DescribeCacheClusters shows it now."""
        aws = self.service.aws
        if self.is_group:
            return dict(aws.describe_replication_groups(ReplicationGroupId=self.name)["ReplicationGroups"][0])
        found = aws.describe_cache_clusters(CacheClusterId=self.name, ShowCacheNodeInfo=True)
        return dict(found["CacheClusters"][0])

    @property
    def status(self) -> str:
        """AWS's status; empty when it is gone."""
        with suppress(ClientError):
            return str(self.shown["Status" if self.is_group else "CacheClusterStatus"])
        return ""

    @property
    def endpoint(self) -> Place:
        """Where clients connect: the configuration endpoint where there is one, else the primary's or the node's."""
        shown = self.shown
        found = shown.get("ConfigurationEndpoint")
        if not found and self.is_group:
            found = shown["NodeGroups"][0]["PrimaryEndpoint"]
        return _place(found or shown["CacheNodes"][0]["Endpoint"])

    @property
    def reader_endpoint(self) -> Place:
        """Where replicas are read from; of a group with cluster mode disabled."""
        return _place(self.shown["NodeGroups"][0]["ReaderEndpoint"])

    @property
    def nodes(self) -> list[Place]:
        """Where each node listens."""
        shown = self.shown
        if not self.is_group:
            return [_place(node["Endpoint"]) for node in shown["CacheNodes"]]
        return [_place(self._member(name)) for name in shown["MemberClusters"]]

    @property
    def client(self) -> Any:
        """A connected client, the same each time: redis-py's Redis or RedisCluster, pymemcache's HashClient."""
        if self._client is None:
            self._client = self.connected()
        return self._client

    def connected(self, **options: Any) -> Any:
        """Another client, with these options of its library."""
        shown = self.shown
        own = {**self.options, **options}
        if shown.get("TransitEncryptionEnabled"):
            own = {"ssl": True, "ssl_ca_certs": self.service.authority(), **own}
        host, port = self.endpoint
        if not self.is_group and shown["Engine"] == "memcached":
            return HashClient(self.nodes, **own)
        return (RedisCluster if shown.get("ClusterEnabled") else Redis)(host=host, port=port, **own)

    def flush(self) -> None:
        """Empty it, on every node that takes writes: much faster than another cache."""
        if isinstance(self.client, HashClient):
            self.client.flush_all()
        elif isinstance(self.client, RedisCluster):
            self.client.flushall(target_nodes=RedisCluster.PRIMARIES)
        else:
            self.client.flushall()

    def await_available(self) -> "Cache":
        """Returns once it is available; Unavailable with the reason when it does not become so."""
        deadline = time.monotonic() + PATIENCE
        while (status := self.status) != "available":
            if time.monotonic() > deadline or status in ("", "create-failed", "incompatible-network", "restore-failed"):
                raise Unavailable(f"{self.name} is {status or 'gone'}: {self._last_event()}")
            time.sleep(PAUSE)
        return self

    def modify(self, **params: Any) -> "Cache":
        """Change it at once, with the parameters of AWS's Modify; returns when it is available again."""
        self.is_touched = True
        aws, wanted = self.service.aws, {**params, "ApplyImmediately": True}
        if self.is_group:
            aws.modify_replication_group(ReplicationGroupId=self.name, **wanted)
        else:
            aws.modify_cache_cluster(CacheClusterId=self.name, **wanted)
        return self.await_available()

    def failover(self, shard: str = "0001") -> None:
        """TestFailover of a shard; returns when it is over."""
        self.is_touched = True
        self.service.aws.test_failover(ReplicationGroupId=self.name, NodeGroupId=shard)
        self.await_available()

    def kill_primary(self) -> Sequence[Outcome]:
        """SIGKILL the primary, or the node of a cluster; what it cost, once everything is as before."""
        return self._drill(DrillKind.KILL, self.name, KILLED)

    def pause(self, seconds: float = 1.0) -> Sequence[Outcome]:
        """Freeze the primary for some seconds: connections stay, nobody answers; what it cost."""
        return self._drill(DrillKind.PAUSE, self.name, seconds)

    def cut_off(self, seconds: float = 1.0) -> Sequence[Outcome]:
        """Take the primary off the network for some seconds; what it cost."""
        return self._drill(DrillKind.CUT_OFF, self.name, seconds)

    def snapshot(self, name: str) -> str:
        """Take a snapshot; its name, once it is available. `SnapshotName` of another cache takes it."""
        aws = self.service.aws
        shown = self.shown
        if shown.get("ClusterEnabled"):
            aws.create_snapshot(SnapshotName=name, ReplicationGroupId=self.name)
        else:
            aws.create_snapshot(SnapshotName=name, CacheClusterId=shown.get("MemberClusters", [self.name])[0])
        deadline = time.monotonic() + PATIENCE
        while (status := aws.describe_snapshots(SnapshotName=name)["Snapshots"][0]["SnapshotStatus"]) != "available":
            if time.monotonic() > deadline or status == "failed":
                raise Unavailable(f"the snapshot {name} is {status}: {self._last_event()}")
            time.sleep(PAUSE)
        return name

    def delete(self) -> None:
        """Ask for its end; who takes its name again waits until it is gone."""
        if self._client is not None:
            self._client.close()
            self._client = None
        aws = self.service.aws
        with suppress(ClientError):
            if self.is_group:
                aws.delete_replication_group(ReplicationGroupId=self.name)
            else:
                aws.delete_cache_cluster(CacheClusterId=self.name)

    def _drill(self, kind: DrillKind, target: str, seconds: float) -> Sequence[Outcome]:
        self.is_touched = True
        return hold(self.service, kind, target, seconds)

    def _member(self, name: str) -> Mapping[str, Any]:
        found = self.service.aws.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)
        endpoint: Mapping[str, Any] = found["CacheClusters"][0]["CacheNodes"][0]["Endpoint"]
        return endpoint

    def _last_event(self) -> str:
        events = self.service.aws.describe_events()["Events"]
        return next((event["Message"] for event in events if event["SourceIdentifier"] == self.name), "no event")


def hold(service: Service, kind: DrillKind, target: str, seconds: float | None) -> Sequence[Outcome]:
    """Hold a drill to its end; Unavailable when it could not be held."""
    body = {"kind": kind.value, "target": target, "seconds": seconds, "account": service.account}
    report = read(Report, asked(service.plane, DRILLS, "POST", body))
    while report.progress is Progress.RUNNING:
        time.sleep(PAUSE)
        report = read(Report, asked(service.plane, f"{DRILLS}/{report.id}"))
    if report.progress is Progress.FAILED:
        raise Unavailable(report.reason)
    return report.outcomes


def _place(endpoint: Mapping[str, Any]) -> Place:
    return endpoint["Address"], endpoint["Port"]
