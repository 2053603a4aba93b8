"""What a node of Memcached holds, as a whole."""

import ssl
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pymemcache.client.base import PooledClient
from pymemcache.exceptions import MemcacheError

from cachewright.agents.engines.facets import Filling
from cachewright.agents.engines.memcached.dumping import Seen, dumped
from cachewright.agents.engines.memcached.items import END, read
from cachewright.agents.engines.memcached.loading import load
from cachewright.agents.engines.memcached.wire import Refused, wire
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later, Never

FILLED = b"cachewright:filled"  # an item that says that everything was added; it is there for a moment
BUSY = 0.5  # seconds until a node is asked again whose crawler works for somebody else
STAYS = 60  # seconds, if the agent dies in that moment
TOLERATED = 100  # of so many items one may be evicted: what fills one node may not quite fit into another one's pages


@dataclass(frozen=True, slots=True)
class MemcachedContents:
    """The facet Contents."""

    client: Callable[[Reach], PooledClient]
    trust: Callable[[], ssl.SSLContext]

    def dump(self, node: Reach) -> Generator[bytes]:
        """See Contents."""
        deed = f"cannot read what {node} holds"
        with _answering(deed):
            facts, trust = self.client(node).stats(), self._trusted(node)
            began, seen = int(facts[b"time"]), Seen(int(facts[b"curr_items"]))
            with wire(node, trust) as crawler, wire(node, trust) as asked, _crawling(self.client(node)):
                try:
                    yield from dumped(crawler, asked, began, seen, FILLED)
                except Refused as refused:
                    raise Later(f"{deed}: it says {refused}", BUSY) from refused
        yield END

    def fill(self, node: Reach, pieces: Iterable[bytes]) -> None:
        """See Contents."""
        deed = f"cannot load what {node} is to hold"
        with _answering(deed):
            try:
                with wire(node, self._trusted(node)) as loading:
                    load(loading, read(pieces), int(self.client(node).stats()[b"time"]))
            except Refused as refused:
                raise Never(f"{deed}: it says {refused}") from refused
            except ValueError as error:
                raise Never(f"{deed}: {error}") from error
            self.client(node).set(FILLED, b"", expire=STAYS, noreply=False)

    def filling(self, node: Reach) -> Filling | None:
        """See Contents."""
        try:
            client = self.client(node)
            whole, facts = client.get(FILLED) is not None, client.stats()
        except (MemcacheError, OSError):
            return None
        evicted, stored = int(facts[b"evictions"]), int(facts[b"total_items"])
        return Filling(whole, overfull=evicted * TOLERATED > stored)

    def settle(self, node: Reach) -> None:
        """See Contents."""
        with _answering(f"cannot tell {node} that it is to be used"):
            self.client(node).delete(FILLED, noreply=False)

    def _trusted(self, node: Reach) -> ssl.SSLContext | None:
        return self.trust() if node.encrypted else None


@contextmanager
def _crawling(client: PooledClient) -> Iterator[None]:
    """While the crawler is on; where it was off, as AWS has it, it is off again afterwards."""
    if client.stats("settings")[b"lru_crawler"] == b"yes":
        yield
        return
    client.raw_command("lru_crawler enable")
    try:
        yield
    finally:
        with suppress(MemcacheError, OSError):
            client.raw_command("lru_crawler disable")


@contextmanager
def _answering(deed: str) -> Iterator[None]:
    """Later for a node that does not answer; `deed` is "cannot read x"."""
    try:
        yield
    except (MemcacheError, OSError) as error:
        raise Later(f"{deed}: {error}") from error
