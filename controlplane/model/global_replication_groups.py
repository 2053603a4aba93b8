"""Global datastores: replication groups of several regions, of which one takes writes and the others copy it.

Source: the ElastiCache user guide, "Replication across AWS Regions using global datastores"; the API reference of the
operations on global replication groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from cachewright.controlplane.model.upstreams import Upstream
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers

MOST_SECONDARIES = 2
FIRST_REDIS = (5, 0, 6)
NODE_FAMILIES = ("m5", "m6g", "m7g", "r5", "r6g", "r6gd", "r7g", "c7gn")  # that AWS has in global datastores
PREFIXES: Mapping[str, str] = {
    "us-east-1": "ldgnf",
    "us-east-2": "fpkhr",
    "us-west-1": "virxk",
    "us-west-2": "sgaui",
    "ca-central-1": "bxodz",
    "ap-south-1": "erpgt",
    "ap-northeast-1": "quwsw",
    "ap-northeast-2": "lfqnh",
    "ap-northeast-3": "nlapn",
    "ap-southeast-1": "vlqxn",
    "ap-southeast-2": "vbgxd",
    "eu-central-1": "iudkw",
    "eu-west-1": "gxeiz",
    "eu-west-2": "okuqm",
    "eu-west-3": "fgjhi",
    "sa-east-1": "juxlw",
    "ap-east-1": "knjmp",
    "cn-north-1": "emvgo",
    "cn-northwest-1": "ckbem",
    "us-gov-west-1": "sgwui",
}  # of the ids of global datastores that are created in a region


class Role(StrEnum):
    """What a member is for the others; the values are AWS's on the wire."""

    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"


class GlobalStatus(StrEnum):
    """Where a global datastore is in its life; the values are AWS's."""

    CREATING = "creating"
    PRIMARY_ONLY = "primary-only"
    AVAILABLE = "available"
    MODIFYING = "modifying"
    DELETING = "deleting"


class MemberStatus(StrEnum):
    """Whether a replication group is a member already; the values are AWS's."""

    ASSOCIATING = "associating"
    ASSOCIATED = "associated"
    DISASSOCIATING = "disassociating"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A replication group of the same account, wherever it is."""

    region: str
    group: str


@dataclass(frozen=True, slots=True)
class Membership:
    """What a replication group is in a global datastore. Whom a secondary follows is its upstream."""

    datastore: str
    role: Role
    succeeds: Place | None = None  # the primary whose place it takes or has taken; None: it was the first


@dataclass(frozen=True, slots=True)
class GlobalReplicationGroup:
    """A global datastore of an account."""

    id: str
    description: str
    primary: Place
    secondaries: tuple[Place, ...] = ()

    @property
    def members(self) -> tuple[Place, ...]:
        """Every member, the primary first."""
        return (self.primary, *self.secondaries)

    def led_by(self, place: Place) -> "GlobalReplicationGroup":
        """The same with another primary, which was a secondary; the old one becomes one."""
        others = (self.primary if known == place else known for known in self.secondaries)
        return replace(self, primary=place, secondaries=tuple(others))

    def without(self, place: Place) -> "GlobalReplicationGroup":
        """The same without a secondary."""
        return replace(self, secondaries=tuple(known for known in self.secondaries if known != place))

    def membership(self, place: Place) -> Membership:
        """What a member is."""
        return Membership(self.id, Role.PRIMARY if place == self.primary else Role.SECONDARY)

    def upstream(self, place: Place) -> Upstream | None:
        """Whom a member follows; the primary nobody."""
        if place == self.primary:
            return None
        return Upstream(group=self.primary.group, region=self.primary.region)


def prefix(region: str) -> str:
    """How the ids of global datastores begin that are created in a region. AWS tells none of regions that came later:
    they have one that follows from their names.
    """
    return PREFIXES.get(region) or "".join(chr(ord("a") + byte % 26) for byte in sha256(region.encode()).digest()[:5])


def is_supported(release: EngineVersion) -> bool:
    """Whether AWS has global datastores of that engine version."""
    return release.engine is not Engine.REDIS or numbers(release.described) >= FIRST_REDIS


def has_family(node_type: str) -> bool:
    """Whether AWS has global datastores of that node type."""
    _, family, _ = node_type.split(".")
    return family in NODE_FAMILIES
