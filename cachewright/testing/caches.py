"""A cache of a test: where it is, a client of it, and what may become of it."""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from pymemcache import HashClient
from redis import Redis, RedisCluster

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.described import WORDS, Described, status
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, asked
from cachewright.controlplane.commands.waiting import FAILED
from cachewright.controlplane.console.paths import DRILLS, STATUS
from cachewright.controlplane.console.seen import CLUSTER, GROUP, SERVERLESS, StatusSeen
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
    region: str
    aws: Any  # botocore's ElastiCache client
    authority: Callable[[], str]  # where the certificate lies that clients of encrypted caches check others by


@dataclass(slots=True, eq=False)
class Cache:
    """A cache cluster of Memcached, a replication group of Redis or Valkey, or a serverless cache."""

    service: Service
    name: str
    kind: str  # of `described.WORDS`
    options: Mapping[str, Any] = field(default_factory=dict)  # for its client: a password, a user name
    is_touched: bool = False  # something was done to it that emptying it does not undo
    _client: Any = None

    @property
    def shown(self) -> dict[str, Any]:
        """As AWS's Describe operation shows it now."""
        return dict(self._described.shown())

    @property
    def status(self) -> str:
        """AWS's status; empty when it is gone."""
        with suppress(ClientError):
            return status(self.shown)
        return ""

    @property
    def endpoint(self) -> Place:
        """Where clients connect: the configuration endpoint where there is one, else the primary's or the node's."""
        return self._endpoint(self.shown)

    @property
    def reader_endpoint(self) -> Place:
        """Where replicas are read from; of a group with cluster mode disabled, or a serverless cache."""
        shown = self.shown
        return _place(shown.get("ReaderEndpoint") or shown["NodeGroups"][0]["ReaderEndpoint"])

    @property
    def nodes(self) -> list[Place]:
        """Where each node listens; of a serverless cache, which shows none, where its endpoint does."""
        shown = self.shown
        if self.kind == SERVERLESS:
            return [self.endpoint]
        if self.kind == CLUSTER:
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
        encrypted = shown.get("TransitEncryptionEnabled") or self.kind == SERVERLESS
        host, port = self._endpoint(shown)
        if shown["Engine"] == "memcached":
            trust = {"tls_context": ssl.create_default_context(cafile=self.service.authority())} if encrypted else {}
            return HashClient(self.nodes, **{**trust, **own})
        if encrypted:
            own = {"ssl": True, "ssl_ca_certs": self.service.authority(), **own}
        return (RedisCluster if shown.get("ClusterEnabled") else Redis)(host=host, port=port, **own)

    def flush(self) -> None:
        """Empty it, on every node that takes writes: much faster than another cache."""
        if isinstance(self.client, HashClient):
            self.client.flush_all()
        elif isinstance(self.client, RedisCluster):
            self.client.flushall(target_nodes=RedisCluster.PRIMARIES)
        else:
            self.client.flushall()

    def await_available(self, seen: str = "") -> "Cache":
        """Returns once it is available; Unavailable with the reason when it does not become so. `seen` is the status
        that it had last.
        """
        deadline = time.monotonic() + PATIENCE
        while (seen := self._status_after(seen)) != "available":
            if time.monotonic() > deadline or seen in FAILED | {""}:
                raise Unavailable(f"{self.name} is {seen or 'gone'}: {self._last_event()}")
        return self

    def await_gone(self) -> None:
        """Returns once nothing of it is left; Unavailable when that takes too long."""
        deadline, seen = time.monotonic() + PATIENCE, "deleting"
        while seen := self._status_after(seen):
            if time.monotonic() > deadline:
                raise Unavailable(f"{self.name} is {seen}: {self._last_event()}")

    def modify(self, **params: Any) -> "Cache":
        """Change it at once, with the parameters of AWS's Modify; returns when it is available again."""
        self.is_touched = True
        now = {} if self.kind == SERVERLESS else {"ApplyImmediately": True}
        modify = getattr(self.service.aws, f"modify_{xform_name(WORDS[self.kind].one)}")
        modify(**self._described.named, **params, **now)
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
        while (now := aws.describe_snapshots(SnapshotName=name)["Snapshots"][0]["SnapshotStatus"]) != "available":
            if time.monotonic() > deadline or now == "failed":
                raise Unavailable(f"the snapshot {name} is {now}: {self._last_event()}")
            time.sleep(PAUSE)
        return name

    def delete(self) -> None:
        """Ask for its end; who takes its name again waits until it is gone."""
        if self._client is not None:
            self._client.close()
            self._client = None
        with suppress(ClientError):
            self._described.delete({})

    def _endpoint(self, shown: Mapping[str, Any]) -> Place:
        found = shown.get("Endpoint") or shown.get("ConfigurationEndpoint")
        if not found and self.kind == GROUP:
            found = shown["NodeGroups"][0]["PrimaryEndpoint"]
        return _place(found or shown["CacheNodes"][0]["Endpoint"])

    @property
    def _described(self) -> Described:
        return Described(self.service.aws, self.name, self.kind)

    def _drill(self, kind: DrillKind, target: str, seconds: float) -> Sequence[Outcome]:
        self.is_touched = True
        return hold(self.service, kind, target, seconds)

    def _status_after(self, seen: str) -> str:
        """Its status once it is another one than was seen, or after a while."""
        place = {"account": self.service.account, "region": self.service.region}
        cache = {**place, "kind": self.kind, "id": self.name.lower(), "status": seen}
        try:
            return read(StatusSeen, asked(self.service.plane, STATUS, "POST", cache)).status
        except NoAnswer:  # one of an earlier version cannot tell; why one is away is seen by the next look
            time.sleep(PAUSE)
            return self.status

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
