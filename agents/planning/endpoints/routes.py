"""Where the endpoints lead."""

from collections.abc import Collection, Iterable

from cachewright.agents.planning.actions import Action, Route, Unroute
from cachewright.agents.planning.links import METERING_PORT
from cachewright.agents.planning.nodes.relays import is_reached, metered
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.world import Condition, World, condition
from cachewright.controlplane.model.cache import Address, Cache, ClusterMode, Kind, Spec, Status

PRIMARY, READER, CONFIGURATION = "primary", "reader", "configuration"
Routes = dict[str, tuple[Address, ...]]


def endpoints_of(kind: Kind, spec: Spec) -> tuple[str, ...]:
    """The endpoints of a cache that may lead elsewhere tomorrow; a node's own address is none of them."""
    if kind is Kind.SERVERLESS_CACHE:
        return (PRIMARY, READER)
    if spec.clustered:
        return (CONFIGURATION,) if spec.cluster_mode is ClusterMode.ENABLED else (PRIMARY, READER, CONFIGURATION)
    if kind is Kind.REPLICATION_GROUP:
        return (PRIMARY, READER)
    return () if spec.replicates else (CONFIGURATION,)


def port_of(kind: Kind, spec: Spec, endpoint: str) -> int:
    """The port that an endpoint is asked to have: the reader of a serverless cache is at the next one."""
    return spec.port + 1 if (kind, endpoint) == (Kind.SERVERLESS_CACHE, READER) else spec.port


def routes(cache: Cache, status: Status, world: World) -> Routes:
    """Where each endpoint should lead now."""
    nodes = {name: (known.address,) for name, known in status.nodes.items() if name in status.endpoints}
    return {**nodes, **_moving(cache, status, world)}


def _moving(cache: Cache, status: Status, world: World) -> Routes:
    """The endpoints that are no node's. While nobody leads, the primary endpoint leads where it did."""
    configuration = {CONFIGURATION: _discovered(cache, status, world)} if CONFIGURATION in status.endpoints else {}
    return configuration | (_of_the_shard(cache, status, world) if PRIMARY in status.endpoints else {})


def _of_the_shard(cache: Cache, status: Status, world: World) -> Routes:
    """The endpoints of a cache that has a single shard, or began with one."""
    if not cache.spec.replicates:
        live = _addresses(status, _live(cache.spec, status, world))
        return {PRIMARY: live, READER: live}
    shard = cache.spec.shards[0]
    replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
    if not replicas.leading():
        return {PRIMARY: status.routes.get(PRIMARY, ()), READER: _in_sync(replicas)}
    primary = status.nodes[replicas.status.primary]
    leader = (primary.address,)
    if metered(cache.spec) and is_reached(cache.spec, world.at(replicas.status.primary), primary):
        counted = (door(cache.spec, primary.address),)
        return {PRIMARY: counted, READER: counted}  # one relay counts for the whole cache
    return {PRIMARY: leader, READER: _in_sync(replicas) or leader}


def door(spec: Spec, node: Address) -> Address:
    """Where clients that come by an endpoint are taken to a node: at its own port, or by its relay if that counts."""
    return Address(node.host, METERING_PORT) if metered(spec) else node


def _discovered(cache: Cache, status: Status, world: World) -> tuple[Address, ...]:
    """Nodes of a cluster know each other; those of Memcached are known to the directory. Clients do not begin if they
    hear of some slots only, so that they are taken to nodes that tell of all, if there are any.
    """
    if cache.spec.replicates:
        live = _live(cache.spec, status, world)
        return _addresses(status, [name for name in live if _tells_all(world, name)] or live)
    return (status.discovery.address,) if status.discovery and status.discovery.version else ()


def _live(spec: Spec, status: Status, world: World) -> list[str]:
    names = (node.name for node in spec.nodes)
    return [name for name in names if condition(world.at(name), status.nodes[name]) is Condition.LIVE]


def _tells_all(world: World, name: str) -> bool:
    answer = world.at(name).answer
    return answer is None or answer.membership is None or answer.membership.tells_own_slots


def _addresses(status: Status, names: Iterable[str]) -> tuple[Address, ...]:
    return tuple(status.nodes[name].address for name in names)


def _in_sync(replicas: Replicas) -> tuple[Address, ...]:
    return tuple(replicas.nodes[name].address for name in replicas.names if replicas.in_sync(name))


def route_actions(spec: Spec, status: Status, wanted: Routes, gateway: str) -> list[Action]:
    """What has to be told to the gateway of that name. Only a primary is alone at its endpoint for ever."""
    told = status.routes if gateway and status.gateway == gateway else {}
    due = {name: targets for name, targets in wanted.items() if targets and told.get(name) != targets}
    sole = frozenset({status.endpoints[PRIMARY]} if PRIMARY in due and spec.replicates else ())
    return [Route({status.endpoints[name]: targets for name, targets in due.items()}, sole)] if due else []


def kept(status: Status, nodes: Collection[str]) -> dict[str, Address]:
    """The endpoints, but for those of nodes that are no more: only the name of a node has a dot."""
    return {name: address for name, address in status.endpoints.items() if name in nodes or "." not in name}


def unroute_removed(before: Status, after: Status) -> list[Action]:
    """The end of the endpoints that were kept no longer."""
    ended = tuple(address for name, address in before.endpoints.items() if name not in after.endpoints)
    return [Unroute(ended)] if ended else []


def unroute_all(status: Status) -> list[Action]:
    """The end of every endpoint."""
    return [Unroute(tuple(status.endpoints.values()))] if status.endpoints else []
