"""The caller's parameter groups by name, those that always exist among them."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.nouns import PARAMETER_GROUP
from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS, ParameterGroup
from cachewright.controlplane.store.records import Records


def own_groups(context: Context) -> Records[ParameterGroup]:
    """The groups that the caller created."""
    return context.records(PARAMETER_GROUP, ParameterGroup)


def found_group(context: Context, wanted: str, *, lock: bool = False) -> ParameterGroup:
    """The caller's group of that name, or one that always exists; Fault when there is none."""
    group = known_group(context, wanted, lock=lock)
    if group is None:
        raise PARAMETER_GROUP.missing(wanted, "CacheParameterGroup {id} not found.")
    return group


def known_group(context: Context, wanted: str, *, lock: bool = False) -> ParameterGroup | None:
    """The caller's group of that name, or one that always exists, if there is one; names are looked up in any case."""
    name = wanted.lower()
    return DEFAULT_GROUPS.get(name) or own_groups(context).get(name, lock=lock)
