"""What the caller has reserved."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.nouns import RESERVED_NODE
from cachewright.controlplane.model.quotas import HIGHEST
from cachewright.controlplane.model.reserved_nodes import Reservation


def own_reservations(context: Context) -> dict[str, Reservation]:
    """All reservations by id, in the order of the ids; those that are over are among them."""
    return context.records(RESERVED_NODE, Reservation).page("", HIGHEST)
