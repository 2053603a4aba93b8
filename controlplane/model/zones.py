"""Availability zones: labels of nodes, with AWS's rules about them."""

from collections.abc import Sequence

from cachewright.controlplane.model.faults import invalid_value

SINGLE_AZ, CROSS_AZ = "single-az", "cross-az"
MULTIPLE = "Multiple"  # AWS's word for the zone of a cluster that is spread


def zones_of(region: str, letters: Sequence[str]) -> tuple[str, ...]:
    """The zones of a region."""
    return tuple(f"{region}{letter}" for letter in letters)


def spread(zones: Sequence[str], count: int) -> tuple[str, ...]:
    """One zone for each of `count` nodes, round and round."""
    return tuple(zones[number % len(zones)] for number in range(count))


def known(wanted: Sequence[str], zones: Sequence[str]) -> tuple[str, ...]:
    """The zones that a request names; Fault when the region lacks one."""
    for zone in wanted:
        if zone not in zones:
            raise invalid_value(f"{zone} is not a valid availability zone.")
    return tuple(wanted)
