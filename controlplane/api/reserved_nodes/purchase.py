"""PurchaseReservedCacheNodesOffering: nodes are reserved. Caches cost nothing here, with or without."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.reserved_nodes import view
from cachewright.controlplane.api.reserved_nodes.lookup import own_reservations
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.nouns import RESERVED_NODE
from cachewright.controlplane.model.quotas import RESERVED_NODES
from cachewright.controlplane.model.reserved_nodes import Reservation, ReservationState, found_offering, own_id


def purchase_reserved_cache_nodes_offering(context: Context, params: Params) -> Answer:
    """A reservation of nodes. Faults: there is no such offering, the id is taken, the quota."""
    offering = found_offering(params["ReservedCacheNodesOfferingId"])
    wanted, count = params.get("ReservedCacheNodeId"), params.get("CacheNodeCount", 1)
    name = RESERVED_NODE.checked_id(wanted) if wanted else own_id(context.now)
    if count < 1:
        raise invalid_value(f"Invalid value {count} for CacheNodeCount. Must be at least 1")
    tags = asked_tags(context, params)
    context.quotas.check(RESERVED_NODES, _reserved(context) + count)
    bought = Reservation(name, offering, count, context.now)
    add_record(context, RESERVED_NODE, name, bought, tags)
    return {"ReservedCacheNode": view.reservation(context, bought)}


def _reserved(context: Context) -> int:
    """How many nodes are reserved now."""
    every = own_reservations(context).values()
    return sum(each.count for each in every if each.state(context.now) is not ReservationState.RETIRED)
