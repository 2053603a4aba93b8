"""The end of everything that a data directory owns."""

from dataclasses import replace

from cachewright.agents.backends import BACKENDS
from cachewright.agents.drills import zones
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.runtime import Razed
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane import data_directory
from cachewright.controlplane.server.composition import now, opened_store
from cachewright.controlplane.server.identity import identified
from cachewright.controlplane.server.probe import cleared
from cachewright.controlplane.server.resources import CannotServe, NoDatabase
from cachewright.controlplane.settings import Settings


def tear_down(settings: Settings) -> Razed:
    """Remove containers, networks and volumes, then the memory of the caches; what was removed and what could not be.

    CannotServe while `cachewright up` runs on the same data directory, when the container engine does not answer, when
    a later release wrote the database, and when the caches cannot be forgotten; in the last case the rest is done.
    """
    if not settings.data_dir.exists():
        return Razed(())
    try:
        with opened_store(settings) as store:
            razed = _razed(settings, identified(settings, store))
            razed = replace(razed, removed=(*razed.removed, *cleared(settings)))
            with store.write() as transaction:
                zones.forget(transaction)
            store.erase()
    except NoDatabase as reason:
        known = "" if settings.database_url else data_directory.instance(settings.data_dir, "")
        if not known:
            raise
        removed = len(_razed(settings, known).removed)
        raise CannotServe(f"removed {removed} containers, networks and volumes, but {reason}") from reason
    return razed


def _razed(settings: Settings, instance: str) -> Razed:
    backend = BACKENDS[settings.runtime](instance, DirectorySecrets(settings.data_dir, now))
    try:
        return backend.runtime.raze()
    except (Later, Never) as verdict:
        raise CannotServe(verdict.reason) from verdict
