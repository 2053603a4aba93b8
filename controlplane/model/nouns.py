"""AWS's nouns: a row for each kind of resource, with what every operation has to know about it alike.

Source: the ElastiCache API reference (constraints of the identifiers, faults), the user guide ("Quotas", "Tagging your
resources"), and texts that AWS answers with.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.controlplane.model import cache_security_groups, quotas, subnet_groups, users
from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS
from cachewright.controlplane.model.quotas import Quota

_IDENTIFIER = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9])*")


@dataclass(frozen=True, slots=True)
class Noun:
    """One row. Texts have a place for the `id`; a fault is named by its shape in the service model."""

    type: str  # of the resource in its ARN; the store knows the noun by it
    parameter: str  # what AWS calls the id where it is malformed
    label: str  # what AWS calls the id where it is too long
    longest: int  # of an id, in characters
    not_found: str
    exists: str
    exists_words: str
    not_found_words: str = "{id} is not present"
    quota: Quota | None = None  # of an account in a region; None: another one counts, such as that of nodes
    defaults: frozenset[str] = frozenset()  # ids of those that exist without being created
    untagged_words: str = ""  # why those take no tags; empty: they do
    regional: bool = True  # whether each region has its own; if not, its ARN names none

    def checked_id(self, wanted: str) -> str:
        """An id as it is stored: in lower case. Fault when it is none."""
        if not _IDENTIFIER.fullmatch(wanted):
            raise invalid_value(
                f"The parameter {self.parameter} is not a valid identifier. Identifiers must begin with a letter; must"
                " contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two"
                " consecutive hyphens."
            )
        if len(wanted) > self.longest:
            raise invalid_value(f"{self.label} cannot be longer than {self.longest} characters.")
        return wanted.lower()

    def missing(self, wanted: str, words: str = "") -> Fault:
        """The refusal when there is none of that id; some operations have `words` of their own."""
        return Fault(self.not_found, (words or self.not_found_words).format(id=wanted))

    def taken(self, wanted: str) -> Fault:
        """The refusal when there is one of that id already."""
        return Fault(self.exists, self.exists_words.format(id=wanted))


@dataclass(frozen=True, slots=True)
class Resource:
    """The name of one resource of an account in a region, which is empty for nouns that are of no region."""

    account: str
    region: str
    noun: Noun
    id: str

    @property
    def arn(self) -> str:
        """As AWS writes it."""
        return f"arn:aws:elasticache:{self.region}:{self.account}:{self.noun.type}:{self.id}"


CACHE_CLUSTER = Noun(
    "cluster",
    "CacheClusterIdentifier",
    "Cache Cluster ID",
    50,
    "CacheClusterNotFoundFault",
    "CacheClusterAlreadyExistsFault",
    "Cache cluster already exists",
    not_found_words="CacheCluster not found: {id}",
)
REPLICATION_GROUP = Noun(
    "replicationgroup",
    "ReplicationGroupId",
    "Replication Group ID",
    40,
    "ReplicationGroupNotFoundFault",
    "ReplicationGroupAlreadyExistsFault",
    "Replication group already exists",
    not_found_words="ReplicationGroup not found: {id}",
)
PARAMETER_GROUP = Noun(
    "parametergroup",
    "CacheParameterGroupName",
    "Cache Parameter Group Name",
    255,
    "CacheParameterGroupNotFoundFault",
    "CacheParameterGroupAlreadyExistsFault",
    "Parameter group {id} already exists",
    quota=quotas.PARAMETER_GROUPS,
    defaults=frozenset(DEFAULT_GROUPS),
    untagged_words="The parameter group {id} is a default group and cannot be tagged.",
)

SUBNET_GROUP = Noun(
    "subnetgroup",
    "CacheSubnetGroupName",
    "Cache Subnet Group Name",
    255,
    "CacheSubnetGroupNotFoundFault",
    "CacheSubnetGroupAlreadyExistsFault",
    "Cache subnet group {id} already exists.",
    quota=quotas.SUBNET_GROUPS,
    defaults=frozenset({subnet_groups.DEFAULT}),
)
SNAPSHOT = Noun(
    "snapshot",
    "SnapshotName",
    "Snapshot Name",
    40,
    "SnapshotNotFoundFault",
    "SnapshotAlreadyExistsFault",
    "Snapshot with specified name already exists.",
)
USER = Noun(
    "user",
    "UserId",
    "User ID",
    40,
    "UserNotFoundFault",
    "UserAlreadyExistsFault",
    "User {id} already exists.",
    not_found_words="User {id} not found.",
    quota=quotas.USERS,
    defaults=frozenset({users.DEFAULT}),
)
USER_GROUP = Noun(
    "usergroup",
    "UserGroupId",
    "User Group ID",
    40,
    "UserGroupNotFoundFault",
    "UserGroupAlreadyExistsFault",
    "UserGroup {id} already exists.",
    not_found_words="UserGroup {id} not found.",
    quota=quotas.USER_GROUPS,
)
CACHE_SECURITY_GROUP = Noun(
    "securitygroup",
    "CacheSecurityGroupName",
    "Cache Security Group Name",
    255,
    "CacheSecurityGroupNotFoundFault",
    "CacheSecurityGroupAlreadyExistsFault",
    "Cache security group {id} already exists",
    not_found_words="CacheSecurityGroup not found: {id}",
    quota=quotas.CACHE_SECURITY_GROUPS,
    defaults=frozenset({cache_security_groups.DEFAULT}),
    untagged_words="The cache security group {id} is a default group and cannot be tagged.",
)
RESERVED_NODE = Noun(
    "reserved-instance",
    "ReservedCacheNodeId",
    "Reserved Cache Node ID",
    255,
    "ReservedCacheNodeNotFoundFault",
    "ReservedCacheNodeAlreadyExistsFault",
    "Reserved cache node {id} already exists",
    not_found_words="ReservedCacheNode not found: {id}",
)
SERVERLESS_CACHE = Noun(
    "serverlesscache",
    "ServerlessCacheName",
    "Serverless Cache Name",
    40,
    "ServerlessCacheNotFoundFault",
    "ServerlessCacheAlreadyExistsFault",
    "Serverless cache {id} already exists.",
    not_found_words="ServerlessCache not found: {id}",
    quota=quotas.SERVERLESS_CACHES,
)
SERVERLESS_CACHE_SNAPSHOT = Noun(
    "serverlesscachesnapshot",
    "ServerlessCacheSnapshotName",
    "Serverless Cache Snapshot Name",
    255,
    "ServerlessCacheSnapshotNotFoundFault",
    "ServerlessCacheSnapshotAlreadyExistsFault",
    "Serverless cache snapshot {id} already exists.",
    not_found_words="ServerlessCacheSnapshot not found: {id}",
)
GLOBAL_REPLICATION_GROUP = Noun(
    "globalreplicationgroup",
    "GlobalReplicationGroupIdSuffix",
    "Global Replication Group ID",
    63,
    "GlobalReplicationGroupNotFoundFault",
    "GlobalReplicationGroupAlreadyExistsFault",
    "Global replication group {id} already exists.",
    not_found_words="GlobalReplicationGroup not found: {id}",
    regional=False,
)

NOUNS: Mapping[str, Noun] = {
    noun.type: noun
    for noun in (
        CACHE_CLUSTER,
        REPLICATION_GROUP,
        PARAMETER_GROUP,
        SUBNET_GROUP,
        SNAPSHOT,
        USER,
        USER_GROUP,
        CACHE_SECURITY_GROUP,
        RESERVED_NODE,
        SERVERLESS_CACHE,
        SERVERLESS_CACHE_SNAPSHOT,
        GLOBAL_REPLICATION_GROUP,
    )
}
OF_KIND: Mapping[Kind, Noun] = {
    Kind.CACHE_CLUSTER: CACHE_CLUSTER,
    Kind.REPLICATION_GROUP: REPLICATION_GROUP,
    Kind.SERVERLESS_CACHE: SERVERLESS_CACHE,
}


def snapshot_noun(*, serverless: bool) -> Noun:
    """What AWS calls a snapshot of a serverless cache, or of any other one."""
    return SERVERLESS_CACHE_SNAPSHOT if serverless else SNAPSHOT


def resource_of(key: Key) -> Resource:
    """The cache cluster, replication group or serverless cache that a cache is."""
    return Resource(key.account, key.region, OF_KIND[key.kind], key.id)


def cluster_of(key: Key, name: str) -> Resource:
    """The cache cluster `name` of a cache: itself, or a member of the group that it is."""
    return Resource(key.account, key.region, CACHE_CLUSTER, name)
