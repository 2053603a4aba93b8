"""The parameter groups of members of a global datastore. AWS makes one for each member when it joins, a copy of what
the primary used; the values of all of them are changed together. A group that leaves goes on with its own.

Source: the ElastiCache user guide, "Global datastores"; the names and the description are AWS's, as its users report
them: the id of the member, and four letters.
"""

from collections.abc import Iterable
from dataclasses import replace
from string import ascii_lowercase

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.global_replication_groups.lookup import changeable_datastore
from cachewright.controlplane.api.parameter_groups.lookup import found_group, own_groups
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.nouns import PARAMETER_GROUP
from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.model.parameters import CLUSTER_ENABLED

LETTERS = 4


def copied(context: Context, group: ParameterGroup, member: str, datastore: str) -> ParameterGroup:
    """A new parameter group with the values of another one, for a member of the context's region. Faults: the quota."""
    letters = (ascii_lowercase[context.random.randrange(len(ascii_lowercase))] for _ in range(LETTERS))
    name = f"global-datastore-{member}{''.join(letters)}"
    words = f"Created by ElastiCache to be used by global cluster {datastore}"
    mode = {CLUSTER_ENABLED: "yes"} if group.clustered else {}  # of a default group its name says so
    values = tuple(sorted((dict(group.values) | mode).items()))
    copy = replace(group, name=name, description=words, datastore=datastore, values=values)
    add_record(context, PARAMETER_GROUP, name, copy, ())
    return copy


def group_of(context: Context, member: Cache) -> ParameterGroup:
    """What a member uses, in whatever region it is."""
    return found_group(context.within(member.key.region), member.spec.parameter_group)


def detach(context: Context, member: Cache) -> None:
    """Its parameter group is one as any other from now on: the group leaves, or gets another one. AWS keeps it, too."""
    group, groups = group_of(context, member), own_groups(context.within(member.key.region))
    if group.datastore:
        groups.change(group.name, replace(group, datastore=""))


def alike(context: Context, group: ParameterGroup) -> Iterable[tuple[Context, ParameterGroup]]:
    """The groups that have the same values as one of the context's region, each with its own region: those of all
    members, if it is a member's. Fault when the global datastore cannot be changed now.
    """
    if not group.datastore:
        return [(context, group)]
    members = changeable_datastore(context, group.datastore)
    used = [(context.within(place.region), group_of(context, cache)) for place, cache in members.groups]
    return [(within, known) for within, known in used if known.datastore == group.datastore]
