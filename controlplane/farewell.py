"""The end of everything that a data directory owns."""

from agents.act import container_name
from agents.drills import zones
from agents.guarding import DirectoryGuard
from agents.planning.verdicts import Later, Never
from agents.toolbox import KITS, instance_of
from controlplane.model.events import CLUSTER
from controlplane.model.names import node_id
from controlplane.server import CannotServe, now, opened_store
from controlplane.settings import Settings
from controlplane.store.database import Store


def tear_down(settings: Settings) -> list[str]:
    """Remove containers, networks and volumes, then the memory of the caches; the names of what was removed.

    CannotServe while `cachewright up` runs on the same data directory, or when the container engine does not answer.
    """
    if not settings.data_dir.exists():
        return []
    with opened_store(settings) as store:
        instance = instance_of(store)
        kit = KITS[settings.runtime](instance, DirectoryGuard(settings.data_dir, now))
        try:
            removed = kit.runtime.raze(_former(store, instance))
        except (Later, Never) as verdict:
            raise CannotServe(verdict.reason) from verdict
        with store.write() as transaction:
            zones.forget(transaction)
        store.erase()
    return removed


def _former(store: Store, instance: str) -> list[str]:
    """The containers of all Redis and Valkey nodes that anything ever happened to."""
    with store.read() as transaction:
        sources = transaction.events.sources(CLUSTER)
    return [container_name(instance, account, region, f"{name}.{node_id(1)}") for account, region, name in sources]
