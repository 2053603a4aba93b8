"""The caller's subnet groups by name, the one that always exists among them."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.nouns import SUBNET_GROUP
from cachewright.controlplane.model.subnet_groups import DEFAULT, SubnetGroup, default_group
from cachewright.controlplane.store.records import Records


def own_groups(context: Context) -> Records[SubnetGroup]:
    """The groups that the caller created."""
    return context.records(SUBNET_GROUP, SubnetGroup)


def default(context: Context) -> SubnetGroup:
    """The group that always exists."""
    return default_group(context.caller.account, context.caller.region, context.zones)


def known_group(context: Context, wanted: str, *, lock: bool = False) -> SubnetGroup | None:
    """The caller's group of that name, or the one that always exists; names are looked up in any case."""
    name = wanted.lower()
    return default(context) if name == DEFAULT else own_groups(context).get(name, lock=lock)


def found_group(context: Context, wanted: str, *, lock: bool = False) -> SubnetGroup:
    """The caller's group of that name, or the one that always exists; Fault when there is none."""
    group = known_group(context, wanted, lock=lock)
    if group is None:
        raise SUBNET_GROUP.missing(wanted, "Cache subnet group {id} not found.")
    return group
