"""Whom the API asks about subnets and security groups."""

from collections.abc import Sequence
from typing import Protocol

from cachewright.controlplane.model.vpcs import SecurityGroups, Subnets


class Ec2(Protocol):
    """What there is in VPCs. Every answer comes within seconds."""

    def subnets(self, names: Sequence[str], region: str) -> Subnets:
        """Those of these subnets that exist."""

    def security_groups(self, names: Sequence[str], region: str) -> SecurityGroups:
        """Those of these security groups that exist."""


class NoEc2:
    """Implements `Ec2` where there is none."""

    def subnets(self, _names: Sequence[str], _region: str) -> Subnets:
        """See `Ec2`."""
        return None

    def security_groups(self, _names: Sequence[str], _region: str) -> SecurityGroups:
        """See `Ec2`."""
        return None
