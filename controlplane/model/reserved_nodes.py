"""Reserved nodes: what was reserved, how far it is, and what may be asked about it.

Nothing is paid, so no payment fails. Source: the ElastiCache API reference and the user guide, "Reserved nodes".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.node_types import node_type
from cachewright.controlplane.model.reserved_offerings import DURATIONS, TYPES, Offering, offerings

PAYING = timedelta(seconds=1)  # from payment-pending to active


class ReservationState(StrEnum):
    """AWS's words, but for `payment-failed`."""

    PAYMENT_PENDING = "payment-pending"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Reservation:
    """Nodes that an account has reserved in a region, as the offering was at that time."""

    id: str
    offering: Offering
    count: int
    start: datetime

    def state(self, now: datetime) -> ReservationState:
        """How far it is."""
        if now - self.start < PAYING:
            return ReservationState.PAYMENT_PENDING
        over = now - self.start >= timedelta(seconds=self.offering.duration)
        return ReservationState.RETIRED if over else ReservationState.ACTIVE


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which offerings a request is about; what is None does not matter."""

    id: str | None
    node_type: str | None
    duration: int | None
    product: str | None
    type: str | None

    def has(self, offering: Offering) -> bool:
        """Whether it is about that one."""
        pairs = (
            (self.id, offering.id),
            (self.node_type, offering.node_type),
            (self.duration, offering.duration),
            (self.product, offering.product),
            (self.type, offering.type),
        )
        return all(wanted in (None, found) for wanted, found in pairs)


def wanted_of(params: Mapping[str, Any]) -> Wanted:
    """The filters of a request. Faults: a node type, a duration or an offering type that there is not."""
    name, duration, kind = params.get("CacheNodeType"), params.get("Duration"), params.get("OfferingType")
    if duration and duration not in DURATIONS:
        raise invalid_value(f"Invalid value {duration} for Duration. Must be one of: {', '.join(DURATIONS)}")
    if kind and kind not in TYPES:
        raise invalid_value(f"Invalid value {kind} for OfferingType. Must be one of: {', '.join(sorted(TYPES))}")
    product = params.get("ProductDescription")
    return Wanted(
        params.get("ReservedCacheNodesOfferingId") or None,
        node_type(name).name if name else None,
        DURATIONS[duration] if duration else None,
        product.lower() if product else None,
        kind or None,
    )


def found_offering(wanted: str) -> Offering:
    """The offering of that id; Fault when there is none."""
    try:
        return offerings()[wanted]
    except KeyError:
        raise Fault(
            "ReservedCacheNodesOfferingNotFoundFault", f"ReservedCacheNodesOffering not found: {wanted}"
        ) from None


def own_id(now: datetime) -> str:
    """The id of a reservation that was given none: its moment."""
    return f"ri-{now:%Y-%m-%d-%H-%M-%S}-{now.microsecond // 1000:03}"
