"""What a person may ask of the data of a cache. So many ask at a time, and who comes then is told to come again: a node
that hangs holds up nobody else.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from cachewright.agents.browsing.connections import Connect, Connections
from cachewright.agents.browsing.memcached.data import MemcachedData
from cachewright.agents.browsing.memcached.items import Items
from cachewright.agents.browsing.redis.data import RedisData
from cachewright.agents.engines.exchange import exchange
from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.controlplane.model.browsing import DATABASES, Data, Entrances, Silent, Visitor
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.users import Authentication

AT_ONCE = 8  # requests under way


class Browser:
    """Implements `Browses`, in the thread of whoever asks. Safe to share among threads."""

    def __init__(
        self, find: Callable[[Key], Cache], credentials: Callable[[], Credentials], connect: Connect = exchange
    ) -> None:
        """`find` raises NoSuchTarget; `credentials` are the agent's, and tell what proves who a node is."""
        self._find, self._credentials = find, credentials
        self._connections = Connections(connect, lambda: credentials().authority)
        self._free = BoundedSemaphore(AT_ONCE)

    def entrances(self, cache: Key) -> Entrances:
        """See Browses."""
        spec = self._find(cache).spec
        users = {user.name: user.authentication is not Authentication.NO_PASSWORD for user in spec.users}
        if not spec.user_group:
            users = {"": spec.auth.required}
        return Entrances(users, 1 if spec.clustered or not spec.replicates else DATABASES)

    @contextmanager
    def data(self, visitor: Visitor) -> Iterator[Data]:
        """See Browses."""
        if not self._free.acquire(blocking=False):
            raise Silent(f"{AT_ONCE} other questions wait for nodes that do not answer; ask again in a moment")
        try:
            yield self._of(self._find(visitor.cache), visitor)
        finally:
            self._free.release()

    def _of(self, cache: Cache, visitor: Visitor) -> Data:
        if cache.spec.replicates:
            return RedisData(cache, visitor, self._connections, self._credentials)
        return MemcachedData(Items(cache, self._connections))
