"""Subnet groups, and what Cachewright says of subnets that nobody can look up.

Where an EC2 is at hand, subnets are what it says. Else any well-formed subnet is taken. A group's VPC is then named
after its first subnet and stays as it is. A subnet is where another group of the region has it, else in the zone that
has the fewest subnets of the group so far, and caches of every network type may be in it.
Source of the rules: the ElastiCache user guide, "Subnets and subnet groups"; texts as AWS answers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.node_counts import quiet
from cachewright.controlplane.model.quotas import SUBNETS, Quotas
from cachewright.controlplane.model.vpcs import NETWORK_TYPES, VpcSubnet

DEFAULT = "default"  # the group that exists in every region

_SUBNET = re.compile(r"subnet-[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet as far as anything is known of it."""

    id: str
    zone: str
    network_types: tuple[str, ...] = NETWORK_TYPES  # that caches in it may have


@dataclass(frozen=True, slots=True)
class SubnetGroup:
    """A subnet group of an account in a region. The first subnet of a zone is the one in which nodes there are."""

    name: str
    description: str
    vpc_id: str
    subnets: tuple[Subnet, ...]

    @property
    def zones(self) -> tuple[str, ...]:
        """Where nodes can be, each zone once."""
        return tuple(dict.fromkeys(subnet.zone for subnet in self.subnets))

    @property
    def network_types(self) -> tuple[str, ...]:
        """What caches of the group may have: what every subnet supports."""
        return tuple(kind for kind in NETWORK_TYPES if all(kind in subnet.network_types for subnet in self.subnets))

    def subnet_of(self, zone: str) -> Subnet:
        """The subnet in which the nodes of a zone are; the first one for a zone that the group does not have."""
        return next((subnet for subnet in self.subnets if subnet.zone == zone), self.subnets[0])


def check_subnets(wanted: Sequence[str], quotas: Quotas, here: int = 0) -> tuple[str, ...]:
    """The ids of a request for a group of `here` subnets, each once. Faults: none, more than before and too many, or
    what cannot be a subnet.
    """
    if not wanted:
        raise invalid_value("The parameter SubnetIds must be provided.")
    names = tuple(dict.fromkeys(wanted))
    if len(names) > here:
        quotas.check(SUBNETS, len(names))
    if not all(map(_SUBNET.fullmatch, names)):
        raise _invalid(names)
    return names


def found_subnets(names: Sequence[str], known: Mapping[str, VpcSubnet], zones: Sequence[str]) -> tuple[Subnet, ...]:
    """Subnets as an EC2 knows them. Faults: one that it does not know, two VPCs, a zone that there is not."""
    if any(name not in known for name in names):
        raise _invalid(names)
    for name in names:
        if known[name].vpc_id != known[names[0]].vpc_id:
            raise apart(names[0], name)
        if known[name].zone not in zones:
            raise Fault(
                "InvalidSubnet",
                f"The subnet {name} is in {known[name].zone}, and Cachewright has {', '.join(zones)}: CACHEWRIGHT_ZONES"
                " names the letters of others.",
            )
    return tuple(Subnet(name, known[name].zone, known[name].network_types) for name in names)


def apart(one: str, other: str) -> Fault:
    """The refusal of subnets of two VPCs."""
    return Fault("InvalidSubnet", f"Subnets {one} and {other} are not in the same VPC.")


def _invalid(names: Sequence[str]) -> Fault:
    return invalid_value(f"Some input subnets in :[{', '.join(names)}] are invalid.")


def vpc_of(subnets: Sequence[str]) -> str:
    """The VPC of a new group."""
    return f"vpc-{subnets[0].removeprefix('subnet-')}"


def placed(names: Iterable[str], zones: Sequence[str], known: Mapping[str, str]) -> tuple[Subnet, ...]:
    """Subnets with their zones, those of `known` ones as they are, and these first."""
    new = [name for name in names if name not in known]
    subnets = [Subnet(name, known[name]) for name in names if name in known]
    chosen = quiet(zones, [subnet.zone for subnet in subnets], len(new))
    return (*subnets, *map(Subnet, new, chosen))


def check_leaving(before: SubnetGroup, after: SubnetGroup, zones: Iterable[str]) -> None:
    """Fault when a subnet leaves a group in which nodes are; `zones` are those of the nodes of its caches."""
    stay = {subnet.id for subnet in after.subnets}
    for subnet in map(before.subnet_of, sorted(set(zones))):
        if subnet.id not in stay:
            raise Fault("SubnetInUse", f"The subnet {subnet.id} is currently in use by a cache cluster.")


def default_group(account: str, region: str, zones: Sequence[str]) -> SubnetGroup:
    """The group of caches that name none: a subnet in every zone, called the same at every time."""
    subnets = tuple(Subnet(f"subnet-{_number(account, zone)}", zone) for zone in zones)
    return SubnetGroup(DEFAULT, "Default CacheSubnetGroup", f"vpc-{_number(account, region)}", subnets)


def security_group_of(vpc: str) -> str:
    """The default security group of a VPC, called the same at every time."""
    return f"sg-{_number(DEFAULT, vpc)}"


def _number(account: str, place: str) -> str:
    """Seventeen digits, as AWS has them."""
    return sha256(f"{account} {place}".encode()).hexdigest()[:17]
