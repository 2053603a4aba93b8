"""What directories are to know, as it is written down of all caches."""

from collections.abc import Iterable

from cachewright.agents.directory.members import listing_of
from cachewright.agents.directory.program.listing import State
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.act.discovery import keys_of
from cachewright.agents.reconcile.act.dns import inside, owner
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.news import News


class Need:
    """Whether anybody needs a directory: host names are told, or have been, or there is a Memcached cluster."""

    def __init__(self, store: Store) -> None:
        self._store, self._news = store, News(store)

    def is_there(self, tools: Tools) -> bool:
        """Cheap where nothing was written since nobody needed one."""
        return tools.naming.on or bool(self._news.found(self._concerned))

    def _concerned(self) -> list[Cache]:
        caches = _caches(self._store)
        return [cache for cache in caches if cache.status.named or cache.spec.engine is Engine.MEMCACHED]


def written(store: Store, tools: Tools) -> State:
    """What they are to know."""
    caches = [cache for cache in _caches(store) if not cache.deleting]
    lists = {
        cache.status.discovery.address.port: listing_of(cache.status, cache.status.discovery)
        for cache in caches
        if cache.status.discovery and cache.status.discovery.version
    }
    names = {
        owner(cache.key, cache.incarnation): inside(tools, tools.naming.records(cache))
        for cache in caches
        if cache.status.named
    }
    suffix = tools.naming.suffix if tools.naming.on else ""
    return State(lists, {who: told for who, told in names.items() if told}, suffix)


def keys_at(store: Store, tools: Tools, port: int) -> File:
    """The keys of the encrypted cluster at a port; Later when it is gone."""
    for cache in _caches(store):
        if cache.status.discovery and cache.status.discovery.address.port == port:
            return keys_of(tools, cache)
    raise Later(f"no cluster is at port {port} of the directory any more")


def _caches(store: Store) -> Iterable[Cache]:
    """Those that a directory may be told of, and perhaps some more."""
    with store.read() as transaction:
        return transaction.caches.mentioning(spec=f'"{Engine.MEMCACHED}"', status='"named"')
