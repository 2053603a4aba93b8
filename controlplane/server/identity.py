"""Who the installation is, also when its database is damaged or lost."""

from datetime import UTC, datetime

from cachewright.agents.backends import INSTANCE, backend_of, instance_of
from cachewright.agents.planning.containers import Container
from cachewright.agents.planning.labels import AHEAD, CACHE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.hosts import hosts_in
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane import data_directory
from cachewright.controlplane.server.resources import CannotServe, writable
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store


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
    secrets = DirectorySecrets(settings.data_dir, lambda: datetime.now(UTC))
    backend = backend_of(settings.runtime, kept, secrets, hosts_in(store).told())
    try:
        found = {cache_of(container) for container in backend.runtime.containers()}
    except (Later, Never) as verdict:
        raise CannotServe(f"{lost}; {verdict.reason}") from verdict
    if names := ", ".join(sorted(found - {""})):
        rest = "run on as they are, and cannot be taken over: save what they hold, then `cachewright down` removes them"
        raise CannotServe(f"{lost}; the nodes of {names} {rest}")


def cache_of(container: Container) -> str:
    """The cache whose node a container is; its own name if it was started ahead, since only the database knew; empty
    for what is no node.
    """
    adopted = container.labels.get(AHEAD, container.name) != container.name
    return container.name if adopted else container.labels.get(CACHE, "").rpartition("/")[2]
