"""The resource types as AWS's own schemas have them, in the copy that cfn-lint brings."""

from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from cachewright.controlplane.templates.kinds import (
    GLOBAL_REPLICATION_GROUP,
    KINDS,
    PARAMETER_GROUP,
    SNAPSHOTS,
    Kind,
    Update,
)

# What the schemas let change, and no operation of the API can.
UNCHANGEABLE = {
    "CacheCluster": {"PreferredAvailabilityZone", "PreferredAvailabilityZones", "TransitEncryptionEnabled"},
    "ParameterGroup": {"Description"},
    "SecurityGroup": {"Description"},
    "SecurityGroupIngress": {"CacheSecurityGroupName", "EC2SecurityGroupName", "EC2SecurityGroupOwnerId"},
}
# Documented to replace a group, unless UseOnlineResharding is true; in the schema the number of shards is not marked.
RESHARDED = {"NodeGroupConfiguration", "NumNodeGroups"}


def schema(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return found


def names(part: list[str]) -> set[str]:
    return {path.removeprefix("/properties/").replace("/", ".") for path in part}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.short)
def test_properties_are_those_of_the_schema(kind: Kind) -> None:
    told = schema(kind.type)
    readable = names(told.get("readOnlyProperties", []))
    own = {kind.name} if kind is PARAMETER_GROUP else set()
    settable = {name for name in told["properties"] if name not in {path.split(".")[0] for path in readable}}
    assert set(kind.properties) == settable | own
    assert kind.required == set(told["required"])
    created = names(told.get("createOnlyProperties", [])) | UNCHANGEABLE.get(kind.short, set()) | own
    assert {name for name, update in kind.properties.items() if update is Update.REPLACEMENT} == created
    assert {name for name, update in kind.properties.items() if update is Update.RESHARDING} == (
        RESHARDED if "NumNodeGroups" in kind.properties else set()
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.short)
def test_attributes_are_those_of_the_schema(kind: Kind) -> None:
    told = schema(kind.type)
    readable = names(told.get("readOnlyProperties", []))
    leaves = {path for path in readable if not any(other.startswith(f"{path}.") for other in readable)}
    told_lists = {name.replace("AddressesList", "Addresses.List").replace("PortsList", "Ports.List") for name in leaves}
    assert kind.attributes == told_lists - {"Id"}


def test_every_type_of_the_service_is_known() -> None:
    every = PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1")
    assert {kind for kind in every if kind.startswith("AWS::ElastiCache::")} == {
        *(*KINDS, *SNAPSHOTS, GLOBAL_REPLICATION_GROUP)
    }
