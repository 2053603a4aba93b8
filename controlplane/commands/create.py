"""`cachewright create`: the everyday shapes of caches as requests of AWS's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cachewright.controlplane.console.seen import CLUSTER, GROUP, SERVERLESS
from cachewright.controlplane.model.versions import Engine

DESCRIPTION = "made by cachewright create"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cache as somebody asks for it; what is empty or None AWS decides."""

    engine: Engine
    name: str
    node_type: str
    version: str = ""
    nodes: int | None = None
    shards: int | None = None
    replicas: int | None = None
    tls: bool = False
    token: str = field(default="", repr=False)
    multi_az: bool = False
    serverless: bool = False

    @property
    def kind(self) -> str:
        """What AWS calls it, as the model words it."""
        if self.serverless:
            return SERVERLESS
        return CLUSTER if self.engine is Engine.MEMCACHED else GROUP


def misuse(wanted: Wanted) -> str:
    """Which option has no meaning for the engine; empty when all have."""
    if wanted.serverless:
        return _of_nodes(wanted)
    if wanted.kind == GROUP:
        others = " and --shards" if wanted.shards is None else ""
        return "" if wanted.nodes is None else f"--nodes is for memcached; {wanted.engine} has --replicas{others}"
    given = {
        "--shards": wanted.shards is not None,
        "--replicas": wanted.replicas is not None,
        "--auth-token": wanted.token,
    }
    wrong = [option for option, is_given in given.items() if is_given]
    return f"{wrong[0]} is for redis and valkey; memcached has --nodes" if wrong else ""


def _of_nodes(wanted: Wanted) -> str:
    given = {
        "--nodes": wanted.nodes is not None,
        "--shards": wanted.shards is not None,
        "--replicas": wanted.replicas is not None,
        "--auth-token": wanted.token,
        "--multi-az": wanted.multi_az,
    }
    wrong = [option for option, is_given in given.items() if is_given]
    return f"{wrong[0]} is for caches of nodes; AWS decides it for serverless ones" if wrong else ""


def request(wanted: Wanted) -> Mapping[str, Any]:
    """The parameters of CreateReplicationGroup, of CreateCacheCluster for Memcached, or of CreateServerlessCache."""
    if wanted.serverless:
        major = {"MajorEngineVersion": wanted.version} if wanted.version else {}
        return {"ServerlessCacheName": wanted.name, "Engine": wanted.engine.value, **major}
    told: dict[str, Any] = {"Engine": wanted.engine.value, "CacheNodeType": wanted.node_type}
    if wanted.version:
        told["EngineVersion"] = wanted.version
    if wanted.tls:
        told["TransitEncryptionEnabled"] = True
    return told | (_group(wanted) if wanted.kind == GROUP else _cluster(wanted))


def _cluster(wanted: Wanted) -> dict[str, Any]:
    nodes = 1 if wanted.nodes is None else wanted.nodes
    zones = {"AZMode": "cross-az"} if wanted.multi_az else {}
    return {"CacheClusterId": wanted.name, "NumCacheNodes": nodes, **zones}


def _group(wanted: Wanted) -> dict[str, Any]:
    """With replicas it fails over by itself, and with shards it has to."""
    told: dict[str, Any] = {"ReplicationGroupId": wanted.name, "ReplicationGroupDescription": DESCRIPTION}
    replicas = wanted.replicas or 0
    if wanted.shards is None:
        told["NumCacheClusters"] = 1 + replicas
    else:
        told |= {"NumNodeGroups": wanted.shards, "ReplicasPerNodeGroup": replicas}
    if replicas or wanted.shards is not None:
        told["AutomaticFailoverEnabled"] = True
    if wanted.multi_az:
        told["MultiAZEnabled"] = True
    if wanted.token:
        told["AuthToken"] = wanted.token
    return told
