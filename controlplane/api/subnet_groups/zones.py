"""Where the caller's subnets are."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.subnet_groups.lookup import own_groups
from cachewright.controlplane.model.quotas import HIGHEST


def known_zones(context: Context) -> dict[str, str]:
    """The zone of every subnet that a group of the caller's has."""
    groups = own_groups(context).page("", HIGHEST).values()
    return {subnet.id: subnet.zone for group in groups for subnet in group.subnets}
