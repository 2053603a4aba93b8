"""The requests that make a resource, and that remove it. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from cachewright.controlplane.templates.kinds import (
    CACHE_CLUSTER,
    KINDS,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SECURITY_GROUP,
    SECURITY_GROUP_INGRESS,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    USER,
    USER_GROUP,
)
from cachewright.controlplane.templates.stack import Made
from cachewright.controlplane.templates.values import Properties, mapping

MOST_PARAMETERS = 20  # of one request of ModifyCacheParameterGroup
_LONGEST_SNAPSHOT = 40  # characters of a name


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the API."""

    operation: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a type of resource is spelt in the API."""

    id: str  # the parameter that names one
    noun: str  # in the names of operations
    renamed: Mapping[str, str]  # parameters, by property


_FORMS: Mapping[str, _Form] = {
    CACHE_CLUSTER.type: _Form("CacheClusterId", "CacheCluster", {"VpcSecurityGroupIds": "SecurityGroupIds"}),
    REPLICATION_GROUP.type: _Form("ReplicationGroupId", "ReplicationGroup", {}),
    SERVERLESS_CACHE.type: _Form("ServerlessCacheName", "ServerlessCache", {}),
    PARAMETER_GROUP.type: _Form("CacheParameterGroupName", "CacheParameterGroup", {}),
    SUBNET_GROUP.type: _Form(
        "CacheSubnetGroupName", "CacheSubnetGroup", {"Description": "CacheSubnetGroupDescription"}
    ),
    SECURITY_GROUP.type: _Form("CacheSecurityGroupName", "CacheSecurityGroup", {}),
    USER.type: _Form("UserId", "User", {}),
    USER_GROUP.type: _Form("UserGroupId", "UserGroup", {}),
}


def named(made: Made) -> dict[str, Any]:
    """The parameter that names a resource."""
    return {_FORMS[made.type].id: made.id}


def noun_of(made: Made) -> str:
    """What operations call the type of a resource."""
    return _FORMS[made.type].noun


def params_of(made: Made, properties: Properties) -> dict[str, Any]:
    """Properties as parameters, without the name, and without what only its deletion takes."""
    form, kind = _FORMS[made.type], KINDS[made.type]
    apart = (kind.name, kind.final)
    return {form.renamed.get(name, name): value for name, value in properties.items() if name not in apart}


def creation(made: Made, properties: Properties) -> list[Request]:
    """What makes a resource, one request after the other."""
    if made.type == SECURITY_GROUP_INGRESS.type:
        return [Request("AuthorizeCacheSecurityGroupIngress", dict(properties))]
    params = params_of(made, properties)
    values = mapping(params.pop("Properties", {}), "Properties") if made.type == PARAMETER_GROUP.type else {}
    return [Request(f"Create{noun_of(made)}", named(made) | params), *parameter_values(made, values)]


def parameter_values(made: Made, values: Properties) -> list[Request]:
    """What sets parameters of a parameter group."""
    pairs = [{"ParameterName": name, "ParameterValue": value} for name, value in sorted(values.items())]
    return [Request("ModifyCacheParameterGroup", named(made) | {"ParameterNameValues": some}) for some in _few(pairs)]


def parameter_resets(made: Made, names: list[str]) -> list[Request]:
    """What gives parameters of a parameter group back their defaults."""
    pairs = [{"ParameterName": name} for name in names]
    return [Request("ResetCacheParameterGroup", named(made) | {"ParameterNameValues": some}) for some in _few(pairs)]


def deletion(made: Made, properties: Properties, snapshot: str = "") -> Request:
    """What removes a resource; `snapshot` names the last one that is taken of it before."""
    if made.type == SECURITY_GROUP_INGRESS.type:
        return Request("RevokeCacheSecurityGroupIngress", dict(properties))
    final = {KINDS[made.type].final: snapshot} if snapshot else {}
    return Request(f"Delete{noun_of(made)}", named(made) | final)


def final_snapshot(made: Made, taken: Collection[str] = ()) -> str:
    """The name of the last snapshot of a resource: the one that a property gives it; one that none of those has that
    are `taken` already, where its policy asks for one; empty: nothing asks for any.
    """
    final = KINDS[made.type].final
    if final in made.properties:
        return str(made.properties[final])
    if made.deletion != "Snapshot" or not final:
        return ""
    endings = (f"-snapshot{f'-{number}' if number > 1 else ''}" for number in count(1))
    return next(name for end in endings if (name := _ending(made.id, end)) not in taken)


def _ending(name: str, end: str) -> str:
    return name[: _LONGEST_SNAPSHOT - len(end)].rstrip("-") + end


def _few(pairs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [pairs[first : first + MOST_PARAMETERS] for first in range(0, len(pairs), MOST_PARAMETERS)]
