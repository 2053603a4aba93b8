"""Properties in one form, so that what means the same is the same; and secrets kept out of sight."""

import json
from hashlib import sha256

from cachewright.controlplane.templates.kinds import Kind
from cachewright.controlplane.templates.values import Properties, Value, WrongTemplate, mapping, text

_WHOLE = frozenset(
    (
        *("Maximum", "Minimum", "NumCacheClusters", "NumCacheNodes", "NumNodeGroups", "Port", "ReplicaCount"),
        *("ReplicasPerNodeGroup", "SnapshotRetentionLimit"),
    )
)
_FLAGS = frozenset(
    (
        *("AtRestEncryptionEnabled", "AutoMinorVersionUpgrade", "AutomaticFailoverEnabled", "DataTieringEnabled"),
        *("MultiAZEnabled", "NoPasswordRequired", "TransitEncryptionEnabled"),
    )
)
_LISTS = frozenset(
    (
        *("CacheSecurityGroupNames", "LogDeliveryConfigurations", "NodeGroupConfiguration", "Passwords"),
        *("PreferredAvailabilityZones", "PreferredCacheClusterAZs", "ReplicaAvailabilityZones", "SecurityGroupIds"),
        *(
            "SnapshotArns",
            "SnapshotArnsToRestore",
            "SubnetIds",
            "Tags",
            "UserGroupIds",
            "UserIds",
            "VpcSecurityGroupIds",
        ),
    )
)
_ORDERED = frozenset({"NodeGroupConfiguration", "PreferredCacheClusterAZs", "ReplicaAvailabilityZones", "SnapshotArns"})
SECRETS = frozenset({"AuthToken", "Passwords"})
_DIGEST = "SHA-256"


def typed(kind: Kind, logical: str, written: Properties) -> Properties:
    """A resource's properties with numbers, flags, texts and lists as the API takes them, and each list whose order
    means nothing in one order. WrongTemplate for what the type does not have, or has to have.
    """
    if unknown := sorted(written.keys() - kind.properties.keys()):
        raise WrongTemplate(f"{logical}: {kind.type} has no property {unknown[0]}")
    if missing := sorted(kind.required - written.keys()):
        raise WrongTemplate(f"{logical}: {kind.type} needs the property {missing[0]}")
    return {name: _typed(name, value, f"{logical}.{name}") for name, value in written.items() if value is not None}


def _typed(name: str, value: Value, where: str) -> Value:
    if name == "Properties":
        return {key: text(part, f"{where}.{key}") for key, part in mapping(value, where).items()}
    if name in _LISTS:
        parts = [_typed("", part, where) for part in (value if isinstance(value, list) else [value])]
        return parts if name in _ORDERED else sorted(parts, key=json.dumps)
    if isinstance(value, dict):
        return {key: _typed(key, part, f"{where}.{key}") for key, part in value.items()}
    if name in _WHOLE:
        return _whole(value, where)
    return _flag(value, where) if name in _FLAGS else text(value, where)


def _whole(value: Value, where: str) -> int:
    written = text(value, where)
    try:
        return int(float(written)) if float(written).is_integer() else int(written)
    except (ValueError, OverflowError) as error:
        raise WrongTemplate(f"{where} has to be a whole number, and is {written}") from error


def _flag(value: Value, where: str) -> bool:
    written = text(value, where).lower()
    if written not in {"true", "false"}:
        raise WrongTemplate(f"{where} has to be true or false, and is {written}")
    return written == "true"


def sealed(properties: Properties, salt: str) -> Properties:
    """Properties as they are remembered: secrets as digests alone."""
    return {name: _sealed(name, value, salt) for name, value in properties.items()}


def _sealed(name: str, value: Value, salt: str) -> Value:
    if name in SECRETS:
        return {_DIGEST: sha256(f"{salt}/{json.dumps(value)}".encode()).hexdigest()}
    if isinstance(value, dict):
        return {key: _sealed(key, part, salt) for key, part in value.items()}
    return value


def is_sealed(value: Value) -> bool:
    """Whether a remembered value stands for a secret."""
    return isinstance(value, dict) and value.keys() == {_DIGEST}


def unsealed(properties: Properties, secret: Value) -> Properties:
    """Remembered properties with something else in place of secrets."""
    return {
        name: secret if is_sealed(value) else unsealed(value, secret) if isinstance(value, dict) else value
        for name, value in properties.items()
    }
