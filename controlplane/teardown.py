"""The end of everything that a data directory owns."""

from cachewright.agents.backends import BACKENDS, instance_of
from cachewright.agents.drills import zones
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.runtime import Razed
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane.server.composition import now, opened_store
from cachewright.controlplane.server.resources import CannotServe
from cachewright.controlplane.settings import Settings


def tear_down(settings: Settings) -> Razed:
    """Remove containers, networks and volumes, then the memory of the caches; what was removed and what could not be.

    CannotServe while `cachewright up` runs on the same data directory, or when the container engine does not answer.
    """
    if not settings.data_dir.exists():
        return Razed(())
    with opened_store(settings) as store:
        instance = instance_of(store)
        backend = BACKENDS[settings.runtime](instance, DirectorySecrets(settings.data_dir, now))
        try:
            razed = backend.runtime.raze()
        except (Later, Never) as verdict:
            raise CannotServe(verdict.reason) from verdict
        with store.write() as transaction:
            zones.forget(transaction)
        store.erase()
    return razed
