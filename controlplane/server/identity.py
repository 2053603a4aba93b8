"""Who the installation is, also when its database is damaged or lost."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from cachewright.agents.backends import BACKENDS, INSTANCE, instance_of
from cachewright.agents.planning.labels import CACHE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane import data_directory
from cachewright.controlplane.server.resources import CannotServe, writable
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Damaged

BY_HAND = "`docker ps --all --filter label=cachewright.instance` lists it"


def sound_database(settings: Settings, moved: Callable[[str], object]) -> None:
    """See to it that the data directory has a database; a damaged one is moved aside, which `moved` is told. Unusable
    when neither is possible.
    """
    directory = settings.data_dir
    with writable(directory):
        data_directory.make_database(directory)
    try:
        with closing(Store(settings.database)) as store:
            store.prepare()
            store.check()
    except Damaged as damage:
        with writable(directory):
            kept = data_directory.set_aside(directory, datetime.now(UTC))
            data_directory.make_database(directory)
        lost = "" if data_directory.instance(directory, "") else f" without knowing what ran: {BY_HAND}"
        moved(f"{damage}; it is kept as {kept}, and another one is begun{lost}")


def identified(settings: Settings, store: Store) -> str:
    """The name of the installation, which is kept outside the database from then on. CannotServe when it cannot be."""
    directory, url = settings.data_dir, settings.database_url
    with writable(directory):
        kept = data_directory.instance(directory, url)
        name = instance_of(store, kept)
        if name != kept:
            data_directory.keep_instance(directory, url, name)
    return name


def require_known(settings: Settings, store: Store, why: str = "") -> None:
    """CannotServe when containers run of caches that the database has lost, all of them: what labels say is too little
    to take them over, and new caches would get their addresses. `why` says how it was lost.
    """
    kept = data_directory.instance(settings.data_dir, settings.database_url)
    with store.read() as transaction:
        known = transaction.facts.read(INSTANCE)
    if known or not kept:
        return
    lost = why or f"cannot use {store.name}: it is empty"
    backend = BACKENDS[settings.runtime](kept, DirectorySecrets(settings.data_dir, lambda: datetime.now(UTC)))
    try:
        found = {container.labels.get(CACHE, "").rpartition("/")[2] for container in backend.runtime.containers()}
    except (Later, Never) as verdict:
        raise CannotServe(f"{lost}; {verdict.reason}") from verdict
    if names := ", ".join(sorted(found - {""})):
        rest = "run on as they are, and cannot be taken over: save what they hold, then `cachewright down` removes them"
        raise CannotServe(f"{lost}; the nodes of {names} {rest}")
