"""The control plane of tests: one of their own, or one that runs already."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import randbelow
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from botocore.config import Config
from botocore.session import Session

from cachewright.agents.buckets.folders import FOLDER, Folders
from cachewright.agents.pieces import PIECE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.controlplane.choice import settings
from cachewright.controlplane.commands.plane import REGION, ControlPlane, NoAnswer, asked, url_of
from cachewright.controlplane.console.paths import ZONES
from cachewright.controlplane.console.seen import CLUSTER, GROUP, SERVERLESS
from cachewright.controlplane.model.buckets import OWN_BUCKET, ObjectName, arn_of
from cachewright.controlplane.model.drills import DrillKind, Outcome
from cachewright.testing.caches import Cache, Service, Unavailable, hold
from cachewright.testing.runs import Run, root, sweep

SMALL = "cache.t4g.small"
SHAPES: Mapping[str, Mapping[str, Any]] = {  # what is asked for when the caller does not say
    "redis": {"Engine": "redis", "NumCacheClusters": 1},
    "valkey": {"Engine": "valkey", "NumCacheClusters": 1},
    "memcached": {"Engine": "memcached", "NumCacheNodes": 1},
}
_PLAIN = frozenset({"EngineVersion", "CacheNodeType", "Port"})  # a node with other wishes is never there before
_NOBODY = (None, None, None, None)  # a session variable that no file and no environment sets


def new_account() -> str:
    """An account that nobody else has."""
    return f"{randbelow(10**12):012}"


@dataclass(slots=True, eq=False)
class Cachewright:
    """A control plane for as long as a `with` block lasts, with everything that was made in it. Broken when it cannot
    start, for one because there is no Docker engine.

    `url` names one that runs already: then only the caches of the account go in the end. `settings` are variables of
    its environment, such as `{"CACHEWRIGHT_KEEP_DATA": "on"}`. Whoever has the same `run` at the same time shares it.
    """

    url: str = ""
    account: str = field(default_factory=new_account)
    region: str = REGION
    settings: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    asked: Counter[str] = field(default_factory=Counter)  # single plain nodes, by engine and version: `redis:7.1`
    _data: Path | None = None
    _stack: ExitStack = field(default_factory=ExitStack)
    _aws: Any = None
    _names: int = 0

    def __enter__(self) -> Self:
        """Start it, or join those who share it."""
        if not self.url:
            sweep(directory := root())
            run = Run(directory / (self.run or uuid4().hex))
            self._stack.enter_context(run.join(self.settings))
            self.url, self._data = run.url(), run.data
        else:
            asked(self.plane, "/healthz")
            self._stack.callback(self.leave)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End it, or leave it to the others."""
        self._stack.close()

    @property
    def plane(self) -> ControlPlane:
        """Where it is."""
        return ControlPlane(self.url)

    @property
    def aws(self) -> Any:
        """boto3's client for ElastiCache, in the account of these tests."""
        if self._aws is None:
            self._aws = self.client("elasticache")
        return self._aws

    def client(self, service: str) -> Any:
        """boto3's client of a service that the control plane speaks, whatever AWS configuration this machine has."""
        session = Session(session_vars={"profile": _NOBODY, "config_file": _NOBODY, "credentials_file": _NOBODY})
        session.set_credentials(self.account, "any")
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        return session.create_client(service, region_name=self.region, endpoint_url=self.url, config=config)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead every AWS SDK to it."""
        return {
            "AWS_ENDPOINT_URL_ELASTICACHE": self.url,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "CACHEWRIGHT_URL": self.url,
        }

    def ask(self, engine: str, name: str = "", **params: Any) -> Cache:
        """Ask for a cache, with any parameters of AWS's Create; see `Cache.await_available` for when it is there."""
        cache = self._asked(engine, name, params)
        if engine in SHAPES and not params.keys() - _PLAIN:
            self.asked[f"{engine}:{params.get('EngineVersion', '')}"] += 1
        return cache

    def _asked(self, engine: str, name: str, params: Mapping[str, Any]) -> Cache:
        self._names += 1
        name = name or f"{engine}-{self._names}"
        if engine == SERVERLESS:
            self.aws.create_serverless_cache(ServerlessCacheName=name, **{"Engine": "valkey", **params})
            return Cache(self._service(), name, SERVERLESS)
        wanted = {**SHAPES[engine], "CacheNodeType": SMALL, **params}
        if engine == "memcached":
            self.aws.create_cache_cluster(CacheClusterId=name, **wanted)
            return Cache(self._service(), name, CLUSTER)
        if "NumNodeGroups" in wanted or "NodeGroupConfiguration" in wanted:
            del wanted["NumCacheClusters"]
        wanted.setdefault("AutomaticFailoverEnabled", _has_replicas(wanted))
        self.aws.create_replication_group(ReplicationGroupId=name, ReplicationGroupDescription="of a test", **wanted)
        return Cache(self._service(), name, GROUP)

    def create(self, engine: str, name: str = "", **params: Any) -> Cache:
        """A new cache of `redis`, `valkey`, `memcached` or `serverless-cache`, available, with any parameters of AWS's
        Create.
        """
        return self.ask(engine, name, **params).await_available("creating")

    def from_rdb(self, file: Path, engine: str = "redis", name: str = "", **params: Any) -> Cache:
        """A new cache that begins with what an RDB file of this machine has; of a control plane of one's own."""
        if self._data is None:
            raise Unavailable(
                "files of this machine can only be restored where the control plane is one of these tests"
            )
        folders, held = Folders(self._data / FOLDER), ObjectName(OWN_BUCKET, f"{uuid4().hex}.rdb")
        folders.make(held.bucket)
        with file.open("rb") as source:
            folders.write(held, iter(lambda: source.read(PIECE), b""))
        try:
            return self.create(engine, name, SnapshotArns=[arn_of(held)], **params)
        finally:
            folders.remove(held)

    def zone_down(self, letter: str) -> Sequence[Outcome]:
        """Take an availability zone away, such as `a`, until `zone_up`; what it cost every cache."""
        return hold(self._service(), DrillKind.ZONE_DOWN, f"{self.region}{letter}", None)

    def zone_up(self, letter: str) -> None:
        """Bring it back."""
        asked(self.plane, f"{ZONES}/{self.region}{letter}/outage", "DELETE")

    def leave(self) -> None:
        """Delete all caches of the account, and wait until they are gone."""
        caches = self.caches()
        for cache in caches:
            cache.delete()
        for cache in caches:
            cache.await_gone()

    def caches(self) -> list[Cache]:
        """All caches of the account."""
        groups = self.aws.describe_replication_groups()["ReplicationGroups"]
        alone = self.aws.describe_cache_clusters(ShowCacheClustersNotInReplicationGroups=True)["CacheClusters"]
        serverless = self.aws.describe_serverless_caches()["ServerlessCaches"]
        return [
            *(Cache(self._service(), cache["ServerlessCacheName"], SERVERLESS) for cache in serverless),
            *(Cache(self._service(), group["ReplicationGroupId"], GROUP) for group in groups),
            *(Cache(self._service(), cluster["CacheClusterId"], CLUSTER) for cluster in alone),
        ]

    def _service(self) -> Service:
        return Service(self.plane, self.account, self.region, self.aws, self._authority)

    def _authority(self) -> str:
        """A file with the certificate of the installation."""
        file = self._stack.enter_context(NamedTemporaryFile(suffix=".pem"))  # noqa: SIM115 - the stack closes it
        file.write(asked(self.plane, "/ca.pem"))
        file.flush()
        return file.name


def _has_replicas(wanted: Mapping[str, Any]) -> bool:
    if "NodeGroupConfiguration" in wanted or "NumNodeGroups" in wanted:
        return True
    return int(wanted["NumCacheClusters"]) > 1


def running_here() -> str:
    """The URL of the control plane that runs where `cachewright up` listens; empty when none does."""
    url = url_of(settings({}, os.environ))
    with suppress(NoAnswer):
        asked(ControlPlane(url), "/healthz")
        return url
    return ""


def missing() -> str:
    """Why no control plane can run caches on this machine; empty when one can."""
    try:
        DockerRuntime("testing").version()
    except (Later, Never) as verdict:
        return f"Cachewright needs a Docker engine: {verdict.reason}"
    return ""
