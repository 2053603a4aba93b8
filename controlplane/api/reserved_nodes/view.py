"""Offerings and reservations as AWS shows them."""

from cachewright.controlplane.api.common.context import Answer, Context
from cachewright.controlplane.model.nouns import RESERVED_NODE
from cachewright.controlplane.model.reserved_nodes import Reservation
from cachewright.controlplane.model.reserved_offerings import Offering


def offering(shown: Offering) -> Answer:
    """What can be reserved. What is not paid by the hour has no recurring charge."""
    charge = {"RecurringChargeAmount": shown.hourly, "RecurringChargeFrequency": "Hourly"}
    return {
        "ReservedCacheNodesOfferingId": shown.id,
        "CacheNodeType": shown.node_type,
        "Duration": shown.duration,
        "FixedPrice": shown.fixed,
        "UsagePrice": shown.usage,
        "ProductDescription": shown.product,
        "OfferingType": shown.type,
        "RecurringCharges": [charge] if shown.hourly else [],
    }


def reservation(context: Context, shown: Reservation) -> Answer:
    """What was reserved, as it is at the moment of the request."""
    return {
        **offering(shown.offering),
        "ReservedCacheNodeId": shown.id,
        "StartTime": shown.start,
        "CacheNodeCount": shown.count,
        "State": shown.state(context.now).value,
        "ReservationARN": context.resource(RESERVED_NODE, shown.id).arn,
    }
