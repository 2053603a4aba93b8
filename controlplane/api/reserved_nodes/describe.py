"""DescribeReservedCacheNodesOfferings and DescribeReservedCacheNodes: what can be, and what was reserved."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.reserved_nodes import view
from cachewright.controlplane.api.reserved_nodes.lookup import own_reservations
from cachewright.controlplane.model.nouns import RESERVED_NODE
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.reserved_nodes import found_offering, wanted_of
from cachewright.controlplane.model.reserved_offerings import offerings


def describe_reserved_cache_nodes_offerings(_context: Context, params: Params) -> Answer:
    """A page of the offerings that a request is about, by id. Fault when it names one that there is not."""
    page, wanted = page_of("DescribeReservedCacheNodesOfferings", params), wanted_of(params)
    if wanted.id:
        found_offering(wanted.id)
    fitting = [each for each in offerings().values() if each.id > page.after and wanted.has(each)]
    shown, marker = page.cut(fitting, lambda each: each.id)
    return {"ReservedCacheNodesOfferings": [view.offering(each) for each in shown], **marker}


def describe_reserved_cache_nodes(context: Context, params: Params) -> Answer:
    """A page of the reservations that a request is about, by id. Fault when it names one that there is not."""
    page, wanted = page_of("DescribeReservedCacheNodes", params), wanted_of(params)
    every, name = own_reservations(context), params.get("ReservedCacheNodeId")
    if name and name.lower() not in every:
        raise RESERVED_NODE.missing(name)
    named = [every[name.lower()]] if name else every.values()
    fitting = [each for each in named if each.id > page.after and wanted.has(each.offering)]
    shown, marker = page.cut(fitting, lambda each: each.id)
    return {"ReservedCacheNodes": [view.reservation(context, each) for each in shown], **marker}
