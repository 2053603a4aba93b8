"""One shard of a snapshot: the node saves what it holds, and the file comes out of its container; or it tells that item
by item.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from cachewright.agents.engines.driver import having
from cachewright.agents.engines.facets import Contents, Persistence
from cachewright.agents.planning.containers import USER, File, State
from cachewright.agents.planning.labels import CACHE, LIFE, NODE, ROLE
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.planning.saving import Wanted, node_to_save
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.blueprints import container_of
from cachewright.agents.sealing.keys import Seal
from cachewright.agents.snapshots.files import SnapshotFiles, Written
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Shard

LOOK = 0.02  # seconds between two looks at a save


@dataclass(frozen=True, slots=True)
class Taken:
    """The part of a snapshot that one shard has."""

    node: str  # the name of the node that saved it
    moment: datetime  # as of which
    written: Written


@dataclass(frozen=True, slots=True)
class Taking:
    """With what parts are taken. A part may take as long as the engine writes and the disk takes it."""

    tools: Callable[[], Tools]
    files: SnapshotFiles
    clock: Callable[[], datetime]
    stop: Event  # set once the agent ends

    def part(self, snapshot: str, cache: Cache, shard: Shard, wanted: Wanted, seal: Seal | None = None) -> Taken:
        """Take the part of one shard; Later when it may be had another time, Never when not."""
        tools = self.tools()
        driver, node = tools.drivers[cache.spec.engine], self._node(tools, cache, shard, wanted)
        if driver.contents:
            moment = self.clock()
            with closing(self._dumped(driver.contents, reach(cache.status, node))) as pieces:
                return Taken(node, moment, self.files.write(snapshot, shard.id, pieces, seal))
        persistence = having(driver.persistence, cache.spec.engine, "persistence")
        container = _container(tools, cache, node)
        with _discarding(tools, persistence, container):
            moment, path = self.clock(), self._saved(persistence, reach(cache.status, node))
            with closing(tools.runtime.read(container, path)) as pieces:
                written = self.files.write(snapshot, shard.id, _there(pieces, persistence.discarded(), node), seal)
        return Taken(node, moment, written)

    def _dumped(self, contents: Contents, node: Reach) -> Generator[bytes]:
        """What a node tells of all that it holds."""
        with closing(contents.dump(node)) as pieces:
            for piece in pieces:
                if self.stop.is_set():
                    raise Later("the agent ends")
                yield piece

    def _node(self, tools: Tools, cache: Cache, shard: Shard, wanted: Wanted) -> str:
        """The node that saves: everybody is asked who has what."""
        known = cache.status.shards.get(shard.id)
        names = dict.fromkeys([*(node.name for node in shard.nodes), *([known.primary] if known else [])])
        driver = tools.drivers[cache.spec.engine]
        there = (name for name in names if name in cache.status.nodes)
        return node_to_save(cache, shard, {name: driver.look(reach(cache.status, name)) for name in there}, wanted)

    def _saved(self, persistence: Persistence, node: Reach) -> str:
        """The path of a file that the node has just written."""
        save = persistence.begin_save(node)
        while not (path := persistence.saved(node, save)):
            if self.stop.wait(LOOK):
                raise Later("the agent ends")
        return path


def _container(tools: Tools, cache: Cache, node: str) -> str:
    """The name of a node's container, whatever it is called by now; Later without one."""
    life, usual = str(cache.status.nodes[node].life), container_of(tools.instance, cache, node)
    own = f"{cache.key.account}/{cache.key.region}/"
    found = [
        one.name
        for one in tools.runtime.containers({NODE: node, LIFE: life})
        if ROLE not in one.labels and one.labels.get(CACHE, "").startswith(own) and one.state is State.RUNNING
    ]
    if not found:
        raise Later(f"cannot take a snapshot of {node}: its container is gone")
    return usual if usual in found else found[0]


def _there(pieces: Iterator[bytes], discarded: File, node: str) -> Iterator[bytes]:
    """The same pieces; Later when somebody has taken the file away meanwhile, as whoever restarts a node does, or has
    seen it begin with a file.
    """
    first = next(pieces, b"")
    if first == discarded.content:  # no engine of today writes this
        raise Later(f"cannot take a snapshot of {node}: the file was taken away meanwhile")
    yield first
    yield from pieces


@contextmanager
def _discarding(tools: Tools, persistence: Persistence, container: str) -> Iterator[None]:
    """Whatever comes of it, the file does not stay in the container. What cannot be taken away now is as the node is
    restarted, at the latest.
    """
    try:
        yield
    finally:
        with suppress(Later, Never):
            tools.runtime.copy(container, [persistence.discarded()], USER)
