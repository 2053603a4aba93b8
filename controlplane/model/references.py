"""Who uses what: the resources that a cache cannot be without."""

from dataclasses import dataclass

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.nouns import PARAMETER_GROUP, SUBNET_GROUP, USER_GROUP, Noun
from cachewright.controlplane.model.subnet_groups import DEFAULT


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource of the same account and region that is used."""

    noun: Noun
    id: str


def references_of(cache: Cache) -> frozenset[Reference]:
    """What a cache uses, or will use with a change that waits."""
    spec = cache.spec
    groups = {spec.parameter_group, spec.pending.parameter_group} - {""}
    subnets = {cache.presentation.cache_subnet_group_name} - {DEFAULT}  # which nobody can change or delete
    return frozenset(
        {
            *(Reference(PARAMETER_GROUP, group) for group in groups),
            *(Reference(SUBNET_GROUP, group) for group in subnets),
            *(Reference(USER_GROUP, group) for group in {spec.user_group} - {""}),
        }
    )
