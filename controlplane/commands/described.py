"""A cache as the API describes it: a replication group, a cache cluster by itself, or a serverless cache."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from cachewright.controlplane.commands.aws import as_account, elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.console.seen import CLUSTER, GROUP, SERVERLESS, CacheSeen

Shown = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """What AWS calls a kind of cache."""

    name: str  # the parameter that names one
    one: str  # in an answer, and of operations
    extra: Mapping[str, Any]  # what is asked for besides


WORDS: Mapping[str, Words] = {
    CLUSTER: Words("CacheClusterId", "CacheCluster", {"ShowCacheNodeInfo": True}),
    GROUP: Words("ReplicationGroupId", "ReplicationGroup", {}),
    SERVERLESS: Words("ServerlessCacheName", "ServerlessCache", {}),
}


@dataclass(frozen=True, slots=True)
class Described:
    """Whom to ask about a cache, and by which name."""

    aws: Any  # a client of botocore's, in the account and the region of the cache
    id: str
    kind: str  # a key of WORDS

    @property
    def named(self) -> dict[str, str]:
        """The parameter that names it."""
        return {WORDS[self.kind].name: self.id}

    def shown(self) -> Shown:
        """What AWS says of it; botocore's ClientError when it is not there."""
        words = WORDS[self.kind]
        describe = getattr(self.aws, f"describe_{xform_name(words.one)}s")
        (one,) = describe(**self.named, **words.extra)[f"{words.one}s"]
        return dict(one)

    def delete(self, final: Mapping[str, str]) -> Shown:
        """Ask for its end; as AWS shows it. botocore's ClientError when that is refused."""
        words = WORDS[self.kind]
        answer = getattr(self.aws, f"delete_{xform_name(words.one)}")(**self.named, **final)
        return dict(answer[words.one])


def described(plane: ControlPlane, cache: CacheSeen) -> Described:
    """The same cache, where the API is asked about it."""
    aws = elasticache(as_account(plane, cache.account), cache.region)
    return Described(aws, cache.id, cache.kind)


def status(shown: Shown) -> str:
    """AWS's word for how a cache is."""
    return str(shown.get("Status") or shown.get("CacheClusterStatus"))


def endpoint(shown: Shown) -> str:
    """Where a client connects, `host:port`; empty before there is such a place."""
    nodes = [node.get("Endpoint") for node in shown.get("CacheNodes", ())]
    groups = [group.get("PrimaryEndpoint") for group in shown.get("NodeGroups", ())]
    told = next(filter(None, (shown.get("Endpoint"), shown.get("ConfigurationEndpoint"), *groups, *nodes)), None)
    if not told:
        return ""
    host = f"[{told['Address']}]" if ":" in told["Address"] else told["Address"]
    return f"{host}:{told['Port']}"
