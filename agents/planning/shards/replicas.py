"""A shard whose nodes replicate, with everything that its rules look at."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.agents.planning.containers import State
from cachewright.agents.planning.links import Link, link
from cachewright.agents.planning.nodes.delaying import is_open, way
from cachewright.agents.planning.world import Condition, Replication, World, condition
from cachewright.controlplane.model.cache import Cache, NodeStatus, Shard, ShardStatus

UNABLE = frozenset(  # to lead
    {Condition.DEAD, Condition.REFUSING, Condition.ABSENT, Condition.STALE, Condition.PAUSED}
)
PASSING = frozenset({Condition.SILENT, Condition.BUSY})  # they do not answer, and may again


def has_copies(cache: Cache, name: str, world: World) -> bool:
    """Whether what a node holds would survive it: a replica that may take its place lives, or the primary that it
    copies. Without automatic failover nobody takes the place of a primary, and its replicas copy the empty one.
    """
    if not cache.spec.replicates:
        return False
    shard = cache.shard_of(name)
    primary = cache.status.shards.get(shard.id, ShardStatus()).primary
    live = {n.name for n in shard.nodes if condition(world.at(n.name), cache.status.nodes[n.name]) is Condition.LIVE}
    return cache.spec.automatic_failover and bool(live - {name}) if name == primary else primary in live


@dataclass(frozen=True, slots=True)
class Replicas:
    """The spec, the report and the world of one shard."""

    shard: Shard  # with its extras
    status: ShardStatus
    nodes: Mapping[str, NodeStatus]
    world: World

    @property
    def names(self) -> tuple[str, ...]:
        """The shard's nodes, in the order of the spec."""
        return tuple(node.name for node in self.shard.nodes)

    def condition(self, name: str) -> Condition:
        """How a node is."""
        return condition(self.world.at(name), self.nodes[name])

    def view(self, name: str) -> Replication | None:
        """A live node's own view of its place, None for any other node."""
        answer = self.world.at(name).answer
        return answer.replication if answer and self.condition(name) is Condition.LIVE else None

    def clustered(self, name: str) -> bool:
        """Whether a node runs in cluster mode."""
        answer = self.world.at(name).answer
        return answer is not None and answer.membership is not None

    def knows_primary(self, name: str) -> bool:
        """Whether a live cluster node knows the chosen primary, and where that is, which it has to before it can follow
        it.
        """
        own, primary = (self.world.at(one).answer for one in (name, self.status.primary))
        if own is None or primary is None or own.membership is None or primary.membership is None:
            return False
        peer = own.membership.peers.get(primary.membership.id)
        return peer is not None and peer.address.host == self.nodes[self.status.primary].address.host

    @property
    def upstream(self) -> Link | None:
        """Whom the chosen primary follows, outside of the cache, and by which way; None: nobody."""
        wanted = self.world.upstreams.get(self.shard.id)
        return way(wanted, self.world.at(self.status.primary)) if wanted else None

    def has_way(self) -> bool:
        """Whether the chosen primary can follow the upstream as late as it shall, if there is one."""
        wanted = self.world.upstreams.get(self.shard.id)
        return wanted is None or is_open(self.world.at(self.status.primary), wanted)

    @property
    def yields(self) -> bool:
        """Whether another cache is about to take the place of the chosen primary: nobody is promoted any more, and
        nobody takes writes again that are held back.
        """
        return self.world.yielding

    @property
    def takes_over(self) -> bool:
        """Whether the chosen primary is about to take the place of another cache's."""
        return self.shard.id in self.world.predecessors

    @property
    def is_bereft(self) -> bool:
        """Whether the chosen primary is to lead what the shard holds, and has nothing of it: in its present start it
        was not seen to have everything that those had whom it followed, and these are nobody's primaries any more.
        """
        follower = self.takes_over or self.status.upstream is not None
        released = self.world.is_released(self.shard.id)
        return follower and released and not self.leading() and not self._has(self.status.primary)

    def _has(self, name: str) -> bool:
        """Whether a node that may lead was seen to have everything, in its present start."""
        return self.condition(name) not in UNABLE and self.has_copied(name)

    def leading(self) -> bool:
        """Whether the chosen primary acts as one: it takes writes, or those of the upstream and of nobody else."""
        view = self.view(self.status.primary) if self.status.primary else None
        if view is None or self.upstream is None:
            return view is not None and view.leads and not self._is_told_to_follow(self.status.primary)
        return not view.leads and self.follows_upstream(self.upstream, view)

    def follows_upstream(self, wanted: Link, view: Replication) -> bool:
        """Whether the chosen primary, with that view, follows somebody outside of the cache as it is wanted."""
        if self.clustered(self.status.primary):
            return view.follows is not None and view.follows.host == wanted.address.host
        return view.follows == wanted.address

    def _is_told_to_follow(self, name: str) -> bool:
        """Whether a cluster node is somebody's replica by its file, which it acts upon a moment after its start."""
        answer = self.world.at(name).answer
        view = answer.membership if answer else None
        return view is not None and not view.peers[view.id].leads

    def is_fed(self) -> bool:
        """Whether the chosen primary has everything that the upstream has, if there is one, and keeps receiving. Until
        then it gives nobody a copy.
        """
        view = self.view(self.status.primary) if self.status.primary else None
        return self.upstream is None or (view is not None and view.linked and self.leading())

    def link(self, name: str) -> Link:
        """How a node reaches the chosen primary."""
        return link(self.nodes[name], self.nodes[self.status.primary])

    def in_sync(self, name: str) -> bool:
        """Whether a node follows the chosen primary, has everything that it had, and keeps receiving."""
        view = self.view(name) if self.status.primary else None
        return view is not None and view.linked and self.follows(name, view) and self.is_heard(name)

    def is_heard(self, name: str) -> bool:
        """Whether the chosen primary, as far as it says anything, sends a node what it writes: after a full copy that
        may begin up to a second late, and what is written in that second would be lost with the primary.
        """
        view = self.view(self.status.primary)
        return view is None or self.nodes[name].address.host in view.heard

    def follows(self, name: str, view: Replication) -> bool:
        """Whether a node with that view follows the chosen primary. The port is the cluster's own business in one."""
        wanted = self.link(name).address
        if self.clustered(name):
            return view.follows is not None and view.follows.host == wanted.host
        return view.follows == wanted

    def is_astray(self, name: str) -> bool:
        """Whether a live node follows another one than the chosen primary, or nobody, although it shall."""
        view = self.view(name)
        return view is not None and (view.leads or not self.follows(name, view))

    def is_cut_off(self, name: str) -> bool:
        """Whether a live node cannot reach the chosen primary, which it follows."""
        view = self.view(name)
        return view is not None and not view.leads and not (view.linked or view.syncing)

    def is_let_be(self, name: str) -> bool:
        """Whether the earlier life of a node was given up as silent. Its host, if that is silent, lets nobody in."""
        known = self.nodes[name]
        return known.fenced >= known.answered

    def is_fenced(self) -> bool:
        """Whether the chosen primary still holds writes back, for a switchover that was given up."""
        view = self.view(self.status.primary) if self.status.primary else None
        return view is not None and view.fenced

    def has_copied(self, name: str) -> bool:
        """Whether a node was seen, in its present start, to have everything that the primary of then had."""
        container = self.world.at(name).container
        return container is not None and self.nodes[name].copied.startswith(f"{container.started_at} of ")

    def is_awaited(self, name: str) -> bool:
        """Whether a replica has what the shard held, and may answer again. One that is silent is given up in time."""
        return self.condition(name) in PASSING and self.has_copied(name)

    def awaits_replica(self) -> bool:
        """Whether nobody who answers has what the shard held, but a replica has that does not answer just now."""
        others = [name for name in self.names if name != self.status.primary]
        if any(self.view(name) and self.has_copied(name) for name in others):
            return False
        conditions = {self.condition(name) for name in others}
        only_busy = Condition.BUSY in conditions and Condition.LIVE not in conditions
        return only_busy or any(self.is_awaited(name) for name in others)

    def awaits_old_primary(self) -> bool:
        """Whether the old primary, whose place nobody has taken yet, may go on: it runs, and does not answer just now,
        see `cachewright.agents.planning.plan`.
        """
        sight = self.world.at(self.status.old_primary)
        runs = sight.container is not None and sight.container.state in (State.RUNNING, State.PAUSED)
        return bool(self.status.old_primary) and runs and sight.answer is None and sight.busy and not sight.refused

    def expects_old_primary(self) -> bool:
        """Whether the old primary, which was not lost, runs in reach and does not answer just now: it may have taken
        writes that nobody has, until it is asked to hand over.
        """
        name, container = self.status.old_primary, self.world.at(self.status.old_primary).container
        runs = container is not None and container.state is State.RUNNING and container.connected
        return runs and self.awaits_old_primary() and not self.is_let_be(name)

    def only_fenced_left(self) -> bool:
        """Whether the failover has failed: nobody answers who has anything, the candidate among them, but the old
        primary's process is there, off the network or paused. Nobody has what it holds.
        """
        old, fenced = self.status.old_primary, self.world.at(self.status.old_primary).container
        if not old or fenced is None or any(self.view(name) and self.has_copied(name) for name in self.names):
            return False
        lost = self.condition(self.status.primary) in UNABLE
        return lost and (fenced.state is State.PAUSED or (fenced.state is State.RUNNING and not fenced.connected))

    def starts(self, name: str, primary: str) -> str:
        """Names the present start of a node, and the one of a primary in which that was last seen to live."""
        container = self.world.at(name).container
        return f"{container.started_at if container else ''} of {self.nodes[primary].tuned}"

    def is_copy(self, name: str) -> bool:
        """Whether a live node with a volume was seen to have everything that the primary has, or the one before it."""
        primaries = (self.status.primary, self.status.old_primary)
        return self.nodes[name].copied in {self.starts(name, one) for one in primaries if one}

    def would_return(self, name: str) -> bool:
        """Whether a node that died begins its next life with everything that it held."""
        known = self.nodes[name]
        return known.logged and known.volume in self.world.volumes

    def all_in_sync(self) -> bool:
        """Whether the chosen primary leads and everybody follows it, and it has whatever it shall have."""
        return (
            self.leading()
            and self.is_fed()
            and self.has_way()
            and all(self.in_sync(name) for name in self.names if name != self.status.primary)
        )
