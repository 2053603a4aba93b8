"""How resources, their parts and their ARNs are called.

Source: the ElastiCache API reference (constraints of the identifiers) and texts that AWS answers with.
"""

import re

from cachewright.controlplane.model.faults import Fault, invalid_value

_IDENTIFIER = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9])*")
LONGEST_CLUSTER = 50
LONGEST_GROUP = 40
LONGEST_PARAMETER_GROUP = 255


def cluster_id(wanted: str) -> str:
    """The id of a cache cluster as it is stored: in lower case. Fault when it is none."""
    name = _identifier(wanted, "CacheClusterIdentifier")
    if len(name) > LONGEST_CLUSTER:
        raise _too_long("Cache Cluster ID", LONGEST_CLUSTER)
    return name


def group_id(wanted: str) -> str:
    """The id of a replication group as it is stored: in lower case. Fault when it is none."""
    name = _identifier(wanted, "ReplicationGroupId")
    if len(name) > LONGEST_GROUP:
        raise _too_long("Replication Group ID", LONGEST_GROUP)
    return name


def parameter_group_name(wanted: str) -> str:
    """The name of a parameter group as it is stored: in lower case. Fault when it is none."""
    name = _identifier(wanted, "CacheParameterGroupName")
    if len(name) > LONGEST_PARAMETER_GROUP:
        raise _too_long("Cache Parameter Group Name", LONGEST_PARAMETER_GROUP)
    return name


def node_id(number: int) -> str:
    """The id of the `number`-th node of a cache cluster, counted from 1; node groups are numbered alike."""
    return f"{number:04}"


def member_id(group: str, number: int) -> str:
    """The cache cluster that is the `number`-th member of a group with cluster mode disabled, counted from 1."""
    return f"{group}-{number:03}"


def shard_member_id(group: str, shard: str, number: int) -> str:
    """The cache cluster that is the `number`-th member of a shard with cluster mode enabled, counted from 1."""
    return member_id(f"{group}-{shard}", number)


def cluster_arn(account: str, region: str, cluster: str) -> str:
    """The ARN of a cache cluster, be it a member of a group or not."""
    return f"arn:aws:elasticache:{region}:{account}:cluster:{cluster}"


def group_arn(account: str, region: str, group: str) -> str:
    """The ARN of a replication group."""
    return f"arn:aws:elasticache:{region}:{account}:replicationgroup:{group}"


def parameter_group_arn(account: str, region: str, group: str) -> str:
    """The ARN of a parameter group."""
    return f"arn:aws:elasticache:{region}:{account}:parametergroup:{group}"


def _identifier(wanted: str, parameter: str) -> str:
    if not _IDENTIFIER.fullmatch(wanted):
        raise invalid_value(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain"
            " only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive"
            " hyphens."
        )
    return wanted.lower()


def _too_long(what: str, longest: int) -> Fault:
    return invalid_value(f"{what} cannot be longer than {longest} characters.")
