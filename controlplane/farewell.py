"""The end of everything that a data directory owns."""

from agents.drills import zones
from agents.guarding import DirectoryGuard
from agents.planning.verdicts import Later, Never
from agents.runtime.runtime import Razed
from agents.toolbox import KITS, instance_of
from controlplane.server import CannotServe, now, opened_store
from controlplane.settings import Settings


def tear_down(settings: Settings) -> Razed:
    """Remove containers, networks and volumes, then the memory of the caches; what was removed and what could not be.

    CannotServe while `cachewright up` runs on the same data directory, or when the container engine does not answer.
    """
    if not settings.data_dir.exists():
        return Razed(())
    with opened_store(settings) as store:
        instance = instance_of(store)
        kit = KITS[settings.runtime](instance, DirectoryGuard(settings.data_dir, now))
        try:
            razed = kit.runtime.raze()
        except (Later, Never) as verdict:
            raise CannotServe(verdict.reason) from verdict
        with store.write() as transaction:
            zones.forget(transaction)
        store.erase()
    return razed
