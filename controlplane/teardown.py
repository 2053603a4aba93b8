"""The end of everything that a data directory owns."""

from collections.abc import Mapping
from dataclasses import replace

from cachewright.agents.backends import backend_of
from cachewright.agents.buckets.folders import FOLDER as BUCKETS
from cachewright.agents.buckets.folders import Folders
from cachewright.agents.drills import zones
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile import slow_regions
from cachewright.agents.runtime.runtime import Razed
from cachewright.agents.snapshots.files import FOLDER, SnapshotFiles
from cachewright.agents.system.hosts import hosts_in
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane import data_directory
from cachewright.controlplane.model.buckets import OWN_BUCKET
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.server.clock import now
from cachewright.controlplane.server.database import opened_store
from cachewright.controlplane.server.identity import identified
from cachewright.controlplane.server.probe import cleared
from cachewright.controlplane.server.resources import CannotServe, NoDatabase
from cachewright.controlplane.settings import Settings


def tear_down(settings: Settings, *, keep_data: bool = False) -> Razed:
    """Remove containers, networks and volumes, then the memory of the caches and snapshots, then the snapshots' files;
    what was removed and what could not be. With `keep_data` only containers and networks.

    CannotServe while `cachewright up` runs on the same data directory, when the container engine does not answer, when
    a later release wrote the database, and when the caches cannot be forgotten; in the last case the rest is done.
    """
    if not settings.data_dir.exists():
        return Razed(())
    razed: Razed | None = None
    try:
        with opened_store(settings) as store:
            hosts = hosts_in(store).told()
            razed = _razed(settings, identified(settings, store), hosts, keep_volumes=keep_data)
            if keep_data:
                return razed
            with store.write() as transaction:
                zones.forget(transaction)
                slow_regions.forget(transaction)
            store.erase()
        SnapshotFiles(settings.files / FOLDER).erase()
        _remove_own_bucket(settings)
    except Later as verdict:
        raise CannotServe(verdict.reason) from verdict
    except NoDatabase as reason:
        razed = razed or (None if keep_data else _razed_unread(settings))
        if razed is None:
            raise
        words = f"removed {len(razed.removed)} containers, networks and volumes, but {reason}"
        raise CannotServe(words) from reason
    return razed


def _remove_own_bucket(settings: Settings) -> None:
    """The other buckets are the user's."""
    try:
        Folders(settings.files / BUCKETS).remove_bucket(OWN_BUCKET)
    except OSError as error:
        raise CannotServe(f"cannot remove the bucket {OWN_BUCKET}: {error.strerror or error}") from error


def _razed_unread(settings: Settings) -> Razed | None:
    """The same without a look into the database; None when nothing else knows the name of the installation."""
    known = "" if settings.database_url else data_directory.instance(settings.data_dir, "")
    return _razed(settings, known) if known else None


def _razed(
    settings: Settings, instance: str, hosts: Mapping[str, Host] | None = None, *, keep_volumes: bool = False
) -> Razed:
    """What an installation and its doctor left."""
    backend = backend_of(settings.runtime, instance, DirectorySecrets(settings.data_dir, now), hosts)
    try:
        razed = backend.runtime.raze(keep_volumes=keep_volumes)
    except (Later, Never) as verdict:
        raise CannotServe(verdict.reason) from verdict
    return replace(razed, removed=(*razed.removed, *cleared(settings)))
