"""Why a cache is not as wished, as it is now."""

from collections.abc import Callable
from datetime import datetime

from cachewright.agents.drills.zones import zones_down
from cachewright.agents.planning.explain import explain
from cachewright.agents.planning.outages import Outages
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.slow_regions import delays_in
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.store.database import Store


def explained(
    cache: Cache, tools: Callable[[], Tools], store: Store, outages: Outages, now: datetime
) -> tuple[str, ...]:
    """In sentences. `outages`: who serves nobody, as far as this process knows."""
    try:
        sites = tools().sites()
    except (Later, Never) as verdict:
        return (verdict.reason,)
    with store.read() as transaction:
        down, delays = zones_down(transaction, now), delays_in(transaction)
    return explain(cache, sites, down, outages, now, delays)
