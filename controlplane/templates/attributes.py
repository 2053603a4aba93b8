"""The attributes that `Fn::GetAtt` knows of a resource, from what the API shows of it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from cachewright.controlplane.templates.kinds import (
    CACHE_CLUSTER,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    USER,
    USER_GROUP,
    Kind,
)
from cachewright.controlplane.templates.values import Properties

Shown = Mapping[str, Any]


def attributes(kind: Kind, shown: Shown) -> Properties:
    """What Fn::GetAtt knows of a resource, as far as there is such a thing."""
    find = _ATTRIBUTES.get(kind.type)
    found = find(shown) if find else {}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _cluster_attributes(shown: Shown) -> Properties:
    nodes = shown.get("CacheNodes") or [{}]
    return {
        **_endpoint("ConfigurationEndpoint", shown.get("ConfigurationEndpoint")),
        **_endpoint("RedisEndpoint", nodes[0].get("Endpoint") if shown.get("Engine") != "memcached" else None),
    }


def _group_attributes(shown: Shown) -> Properties:
    first = (shown.get("NodeGroups") or [{}])[0]
    reads = [member["ReadEndpoint"] for member in first.get("NodeGroupMembers", ()) if "ReadEndpoint" in member]
    hosts, ports = ([str(endpoint[part]) for endpoint in reads] for part in ("Address", "Port"))
    clustered = bool(shown.get("ConfigurationEndpoint"))
    return {
        **_endpoint("ConfigurationEndPoint", shown.get("ConfigurationEndpoint")),
        **_endpoint("PrimaryEndPoint", None if clustered else first.get("PrimaryEndpoint")),
        **_endpoint("ReaderEndPoint", None if clustered else first.get("ReaderEndpoint")),
        "ReadEndPoint.Addresses": f"[{', '.join(hosts)}]" if hosts else None,
        "ReadEndPoint.Addresses.List": list(hosts) or None,
        "ReadEndPoint.Ports": f"[{', '.join(ports)}]" if ports else None,
        "ReadEndPoint.Ports.List": list(ports) or None,
        "EffectiveDurability": shown.get("EffectiveDurability"),
    }


def _serverless_attributes(shown: Shown) -> Properties:
    created = shown.get("CreateTime")
    return {
        **{name: shown.get(name) for name in ("ARN", "FullEngineVersion", "Status")},
        **_endpoint("Endpoint", shown.get("Endpoint")),
        **_endpoint("ReaderEndpoint", shown.get("ReaderEndpoint")),
        "CreateTime": created.isoformat() if created else None,
    }


def _endpoint(name: str, shown: Shown | None) -> Properties:
    return {f"{name}.Address": str(shown["Address"]), f"{name}.Port": str(shown["Port"])} if shown else {}


def _identity(shown: Shown) -> Properties:
    return {"Arn": shown.get("ARN"), "Status": shown.get("Status")}


_ATTRIBUTES: Mapping[str, Callable[[Shown], Properties]] = {
    CACHE_CLUSTER.type: _cluster_attributes,
    REPLICATION_GROUP.type: _group_attributes,
    SERVERLESS_CACHE.type: _serverless_attributes,
    PARAMETER_GROUP.type: lambda shown: {"CacheParameterGroupName": shown.get("CacheParameterGroupName")},
    USER.type: _identity,
    USER_GROUP.type: _identity,
}
