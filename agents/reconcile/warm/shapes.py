"""Which caches can have a node that was started ahead, and what that is started as."""

from dataclasses import replace
from datetime import UTC, datetime

from cachewright.agents.reconcile.addresses import AHEAD
from cachewright.controlplane.model.cache import (
    Address,
    Cache,
    ClusterMode,
    Key,
    Kind,
    Node,
    NodeStatus,
    Shard,
    Spec,
    Status,
    Transit,
)
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.pending import Change, Pending
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.versions import DEFAULT_PORT, Engine, EngineVersion
from cachewright.controlplane.model.vpcs import IPV4

USUAL = "cache.t4g.small"  # the node type until somebody asks for another one
NODE = Node(AHEAD, "0001", "")

_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)  # no container is made from when a cache was
_NOBODY = Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, AHEAD)


def shape_of(spec: Spec) -> Spec | None:
    """A spec without what no container of a single node is made from; None for one whose nodes are not started ahead:
    they know others, or have files of their cache's own.
    """
    alone = len(spec.nodes) == 1 and spec.cluster_mode is ClusterMode.DISABLED
    bare = spec.transit is Transit.OFF and not (spec.seed or spec.durable or spec.at_rest or spec.logs or spec.updates)
    if not (alone and bare and spec.network_type == IPV4) or spec.origins or spec.upstream:
        return None
    return replace(
        spec,
        shards=(Shard("0001", (NODE,)),),
        automatic_failover=False,
        multi_az=False,
        schedule=Schedule(),
        pending=Pending(),
        change=Change(),
        released=(),
    )


def usual(row: EngineVersion, *, restricted: bool) -> Spec:
    """The shape that is asked for most often."""
    return Spec(
        row.engine,
        row.described,
        USUAL,
        DEFAULT_PORT[row.engine],
        row.default_group,
        (Shard("0001", (NODE,)),),
        restricted=restricted and row.engine is not Engine.MEMCACHED,
    )


def nobodys(shape: Spec, host: str) -> Cache:
    """A cache of that shape with its one node at an address, for its container to be made from."""
    made = fingerprints_of(shape)
    address = Address(host, shape.port)
    node = NodeStatus(address, fingerprint=made.fingerprint, transit=made.transit, login=made.login)
    return Cache(_NOBODY, AHEAD, _EPOCH, 1, deleting=False, spec=shape, status=Status(nodes={NODE.name: node}))
