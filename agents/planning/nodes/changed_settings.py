"""What somebody else has told the nodes of a cache that was as desired: they are told again, and users hear of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cachewright.agents.planning.cluster.nodes import id_of
from cachewright.agents.planning.nodes.node_actions import has_desired_logins
from cachewright.agents.planning.pulse import exposed
from cachewright.agents.planning.shards.replicas import has_copies
from cachewright.agents.planning.world import Condition, Membership, Sight, World, condition
from cachewright.controlplane.model.cache import Cache, NodeStatus, Status
from cachewright.controlplane.model.fingerprints import Fingerprints, fingerprints_of
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.slots import EVERY, difference, parsed, union


@dataclass(frozen=True, slots=True)
class _Node:
    """A live node before and after a look at it."""

    cache: Cache
    status: Status
    name: str
    sight: Sight

    @property
    def before(self) -> NodeStatus:
        return self.cache.status.nodes[self.name]

    @property
    def after(self) -> NodeStatus:
        return self.status.nodes[self.name]

    @property
    def desired(self) -> Fingerprints:
        return fingerprints_of(self.cache.spec)

    @property
    def view(self) -> Membership | None:
        return self.sight.answer.membership if self.sight.answer else None


def _logins(node: _Node) -> bool:
    return exposed(node.cache) and not has_desired_logins(node.sight, node.desired)


def _parameters(node: _Node) -> bool:
    return exposed(node.cache) and bool(node.before.parameters) and not node.after.parameters


def _cluster(node: _Node) -> bool:
    """Whoever is kept apart knows nodes of another cluster, too, and is told of nobody by anybody else."""
    everybody = {id_of(node.cache, node.status, name) for name in node.status.nodes}
    return node.view is not None and not node.view.apart and set(node.view.peers) != everybody


def _slots(node: _Node) -> bool:
    view, shard = node.view, node.cache.shard_of(node.name)
    if view is None:
        return False
    leads = node.cache.status.shards[shard.id].primary == node.status.shards[shard.id].primary == node.name
    own = view.peers.get(view.id)
    lost = leads and own is not None and own.leads and own.slots != parsed(shard.slots)
    unserved = difference(EVERY, union(*(peer.slots for peer in view.peers.values())))
    return bool(view.opened) or lost or (leads and bool(unserved))


CHANGED: Mapping[str, Callable[[_Node], bool]] = {
    "logins": _logins,
    "parameters": _parameters,
    "known cluster nodes": _cluster,
    "slots": _slots,
}


def told_otherwise(cache: Cache, status: Status, world: World) -> str:
    """Why a cache that was as desired is not, if a client has told its nodes something else; empty for other causes.
    Of one that is being mended already, only that a node lets the agent in no more, which keeps it from being mended.
    """
    mended = cache.status.phase is Phase.MODIFYING
    if cache.status.generation != cache.generation or not (mended or cache.status.phase is Phase.AVAILABLE):
        return ""
    for name in (node.name for node in cache.spec.nodes):
        known, sight = status.nodes[name], world.at(name)
        if known.life != cache.status.nodes[name].life:
            continue
        if condition(sight, known) is Condition.SHUT_OUT and not (mended and cache.status.nodes[name].busy_since):
            return _shut_out(cache, name, world)
        if condition(sight, known) is Condition.LIVE and not mended:
            node = _Node(cache, status, name, sight)
            if changed := [what for what, has_changed in CHANGED.items() if has_changed(node)]:
                return (
                    f"Somebody else has changed node {name} ({', '.join(changed)}). It is told again what was desired."
                )
    return ""


def _shut_out(cache: Cache, name: str, world: World) -> str:
    told = f"Node {name} does not let Cachewright in: somebody else has changed the login `cachewright`."
    if has_copies(cache, name, world):
        return f"{told} It is rebuilt if it cannot be told the login again."
    kept = "If it cannot be told that again it is kept, because nobody else holds its data; a reboot ends that."
    return f"{told} {kept}"
