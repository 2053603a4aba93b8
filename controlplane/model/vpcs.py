"""What an EC2 of the user's says about subnets and security groups."""

from collections.abc import Mapping
from dataclasses import dataclass

IPV4, IPV6, DUAL_STACK = NETWORK_TYPES = ("ipv4", "ipv6", "dual_stack")


@dataclass(frozen=True, slots=True)
class VpcSubnet:
    """A subnet of a VPC."""

    zone: str
    vpc_id: str
    network_types: tuple[str, ...]  # that caches in it may have


@dataclass(frozen=True, slots=True)
class Silent:
    """There is an EC2, but it cannot be asked; `reason` says why in words."""

    reason: str


Subnets = Mapping[str, VpcSubnet] | Silent | None
"""Those that exist, by id. None: there is no EC2, and every subnet is as good as another."""

SecurityGroups = Mapping[str, str] | Silent | None
"""The VPCs of those that exist, by id. None as above."""
