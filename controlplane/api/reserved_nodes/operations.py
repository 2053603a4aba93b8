"""The operations on reserved nodes."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.reserved_nodes.describe import (
    describe_reserved_cache_nodes,
    describe_reserved_cache_nodes_offerings,
)
from cachewright.controlplane.api.reserved_nodes.purchase import purchase_reserved_cache_nodes_offering

OPERATIONS: Operations = {
    "DescribeReservedCacheNodes": Operation(describe_reserved_cache_nodes, "Complete.", writes=False),
    "DescribeReservedCacheNodesOfferings": Operation(
        describe_reserved_cache_nodes_offerings, "Complete; prices and ids are made up.", writes=False
    ),
    "PurchaseReservedCacheNodesOffering": Operation(
        purchase_reserved_cache_nodes_offering, "Complete; nothing is paid, and no payment fails."
    ),
}
