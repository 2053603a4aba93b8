"""The end of everything that a data directory owns."""

from agents.drills import zones
from agents.guarding import DirectoryGuard
from agents.planning.verdicts import Later, Never
from agents.toolbox import KITS, instance_of
from controlplane.server import CannotServe, now, opened_store
from controlplane.settings import Settings


def tear_down(settings: Settings) -> list[str]:
    """Remove containers, networks and volumes, then the memory of the caches; the names of what was removed.

    CannotServe while `cachewright up` runs on the same data directory, or when the container engine does not answer.
    """
    if not settings.data_dir.exists():
        return []
    with opened_store(settings) as store:
        try:
            removed = KITS[settings.runtime](instance_of(store), DirectoryGuard(settings.data_dir, now)).runtime.raze()
        except (Later, Never) as verdict:
            raise CannotServe(verdict.reason) from verdict
        with store.write() as transaction:
            zones.forget(transaction)
        store.erase()
    return removed
