"""What containers are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cachewright.agents.delaying import relay as delaying
from cachewright.agents.delaying.program.contact import Delaying
from cachewright.agents.engines import tls
from cachewright.agents.engines.command_lines import command
from cachewright.agents.engines.redis import cluster_options
from cachewright.agents.engines.redis.acl_rules import acl_rules, rows
from cachewright.agents.engines.redis.command_line import SCRATCH
from cachewright.agents.engines.redis.nodes_conf import nodes_conf
from cachewright.agents.engines.redis.persistence import FILE, LOG
from cachewright.agents.engines.start import Start
from cachewright.agents.gateway import relay
from cachewright.agents.metering import relay as metering
from cachewright.agents.metering.program.contact import Metering
from cachewright.agents.planning.actions import Delay, Launch, Relay
from cachewright.agents.planning.cluster.announcement import announced
from cachewright.agents.planning.cluster.nodes import ClusterNode, id_of
from cachewright.agents.planning.containers import Blueprint, File, Mount, Stream, Tmpfs
from cachewright.agents.planning.labels import (
    ACCESS,
    BESIDE,
    CACHE,
    DELAYED,
    FINGERPRINT,
    INCARNATION,
    LIFE,
    LOGIN,
    METERED,
    NO,
    NODE,
    PARAMETERS,
    ROLE,
    STATIC,
    TRANSIT,
    VOLUME,
    YES,
)
from cachewright.agents.planning.links import DELAYING_PORT, METERING_PORT, Link, door
from cachewright.agents.planning.nodes.delaying import delayed
from cachewright.agents.planning.sizing import Size, size_of
from cachewright.agents.reconcile.seed_files import pieces
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, Cache, Key, Status, Transit
from cachewright.controlplane.model.fingerprints import fingerprints_of


@dataclass(frozen=True, slots=True)
class Blueprints:
    """The containers of one cache, as they are to be made now."""

    tools: Tools
    cache: Cache
    status: Status  # as decided, and written down

    def node(self, launch: Launch) -> Blueprint:
        """A node's container in its present life."""
        spec, node, known = self.cache.spec, launch.node, self.status.nodes[launch.node]
        size, image = size_of(spec, self.tools.machine), launch.image
        return Blueprint(
            name=self.name(node),
            image=image.reference,
            command=command(spec, self._start(launch, size, image.build)),
            address=known.address.host,
            memory=size.container,
            labels={
                **self.labels(node),
                LIFE: str(known.life),
                FINGERPRINT: known.fingerprint,
                TRANSIT: known.transit,
                **({LOGIN: YES} if known.login else {}),
                **({VOLUME: YES if known.volume else NO} if spec.replicates else {}),
                PARAMETERS: fingerprints_of(spec).immediate,
                STATIC: fingerprints_of(spec).static,
                **({ACCESS: fingerprints_of(spec).access} if spec.user_group else {}),
            },
            files=(*self._nodes_conf(launch, image.build), *self._tls_files(launch, image.build)),
            streams=self._streams(launch),
            tmpfs=(Tmpfs(SCRATCH, size.scratch),) if size.scratch and not known.volume else (),
            volumes=(Mount(known.volume, SCRATCH),) if known.volume else (),
            host=known.host,
        )

    def _start(self, launch: Launch, size: Size, build: str) -> Start:
        own = self.status.nodes[launch.node].address
        version = version_of(build)
        logins = self._logins(launch.node, version)
        return Start(
            *(size, version, own.port, launch.primary, self._announced(launch)),
            apart=any(one.apart for one in launch.cluster_nodes),
            alone=any(one.alone for one in launch.cluster_nodes),
            host=own.host,
            logins=logins,
            log=bool(self.status.nodes[launch.node].volume),
            file=launch.seed is not None,
            encrypted=self._link(launch).encrypted,
        )

    def _announced(self, launch: Launch) -> Address | None:
        """Where a cluster node tells clients that it is, if not at its own address."""
        own = self.status.nodes[launch.node].address
        if at := announced(self.cache, self.status, launch.node):
            return at
        host = self._name(launch.node) if launch.cluster_nodes else self.tools.naming.announced(self.cache, launch.node)
        return Address(host, own.port) if host else None

    def _name(self, node: str) -> str:
        """What clients are told in place of a cluster node's own address; empty: nothing."""
        own, told = self.status.nodes[node].address, self.status.shown_address(node)
        return self.tools.naming.announced(self.cache, node) or (told.host if told != own else "")

    def _logins(self, node: str, version: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
        """Without encryption there are no tokens, and so nothing that would have to be kept in a file."""
        spec = self.cache.spec
        if spec.transit is not Transit.OFF or not self.status.nodes[node].login:
            return ()
        return rows(acl_rules(spec), self.tools.secret_store.credentials.password, version)

    def _nodes_conf(self, launch: Launch, build: str) -> tuple[File, ...]:
        """What a cluster node is told of the cluster before its first moment."""
        own = id_of(self.cache, self.status, launch.node)
        text = nodes_conf(own, self._with_names(launch.cluster_nodes), version_of(build))
        return (
            (File(cluster_options.STATE, text, mode=0o600),) if launch.cluster_nodes else ()
        )  # the node keeps it up to date

    def _with_names(self, cluster_nodes: Sequence[ClusterNode]) -> Sequence[ClusterNode]:
        """The same with the names of those who do not say them, because some are kept apart."""
        if not any(one.apart for one in cluster_nodes):
            return cluster_nodes
        names = {id_of(self.cache, self.status, node): self._name(node) for node in self.status.nodes}
        return [replace(one, name=names.get(one.id, "")) for one in cluster_nodes]

    def _streams(self, launch: Launch) -> tuple[Stream, ...]:
        """What a node loads as it starts; an engine without persistence does so, too."""
        seed, file = self.cache.spec.seed, launch.seed
        if seed is None or file is None:
            return ()
        path = LOG if self.status.nodes[launch.node].volume else FILE
        return (Stream(path, file.size, lambda: pieces(self.tools, seed, file)),)

    def _tls_files(self, launch: Launch, build: str) -> tuple[File, ...]:
        spec = self.cache.spec
        if spec.transit is Transit.OFF:
            return ()
        identity = self.tools.secret_store.identity(self._certificate_names(launch.node))
        return tls.files(spec, identity, self.tools.secret_store.credentials, self._link(launch), version_of(build))

    def _certificate_names(self, node: str) -> tuple[str, ...]:
        """How clients may call a node, whether host names are told or not: as itself, and as the endpoints."""
        endpoints = [name for name in self.status.endpoints if name not in self.status.nodes]
        names = (name for part in (node, *endpoints) for name in self.tools.naming.names(self.cache, part))
        addresses = (address.host for address in self.status.endpoints.values())
        every = (self.status.nodes[node].address.host, *addresses)
        twins = map(self.tools.network.twin, every) if self.cache.spec.dual else ()
        return (*every, *twins, *names, "localhost", "127.0.0.1")

    def _link(self, launch: Launch) -> Link:
        """Any node may become a replica, also by a word that is not the agent's: each knows from the start how to reach
        and enter a primary.
        """
        encrypted = self.cache.spec.transit is not Transit.OFF
        return launch.primary or Link(self.status.nodes[launch.node].address, encrypted)

    def relay(self, wanted: Relay) -> Blueprint:
        """The container beside a node's present start that takes both plain and encrypted connections for it, or counts
        what is asked of it.
        """
        name, known = self.name(wanted.node), self.status.nodes[wanted.node]
        labels = {**self.labels(wanted.node), ROLE: "relay", BESIDE: wanted.start}
        if wanted.rate:
            made = self._metering(wanted, {**labels, METERED: str(wanted.rate)})
        else:
            image, port = wanted.image.reference, known.address.port
            made = relay.blueprint(image, f"{name}-relay", name, labels, port, self.cache.spec)
        return replace(made, host=known.host)

    def _metering(self, wanted: Relay, labels: Mapping[str, str]) -> Blueprint:
        name, port = self.name(wanted.node), self.status.nodes[wanted.node].address.port
        proof = self.tools.secret_store.identity(self._certificate_names(wanted.node))
        identity = proof.certificate + proof.key + proof.authority
        host = "::1" if self.cache.spec.six else "127.0.0.1"  # where the engine listens as well
        doing = Metering(METERING_PORT, host, port, wanted.rate)
        return metering.blueprint(wanted.image.reference, f"{name}-relay", name, labels, doing, identity)

    def delay(self, wanted: Delay) -> Blueprint:
        """The container beside a node's present start by which that follows another region. It listens at the node's
        own address as well, where an agent can see whether it does.
        """
        name, known, primary = self.name(wanted.node), self.status.nodes[wanted.node], wanted.primary
        label = delayed(Link(primary, delay=wanted.delay))
        labels = {**self.labels(wanted.node), ROLE: "delay", BESIDE: wanted.start, DELAYED: label}
        hosts = (door(primary).host, known.address.host)
        doing = Delaying(hosts, DELAYING_PORT, primary.host, primary.port, wanted.delay / 1000)
        made = delaying.blueprint(wanted.image.reference, f"{name}-delay", name, labels, doing)
        return replace(made, host=known.host)

    def labels(self, node: str) -> dict[str, str]:
        """Whose everything of a node is."""
        return owner_of(self.cache, node)

    def name(self, node: str) -> str:
        """What the container of a node's present life is called."""
        return container_of(self.tools.instance, replace(self.cache, status=self.status), node)


def owner_of(cache: Cache, node: str) -> dict[str, str]:
    """Whose everything of a node is."""
    return {CACHE: str(cache.key), NODE: node, INCARNATION: cache.incarnation}


def container_name(instance: str, key: Key, node: str, host: str = "") -> str:
    """What a node's container is called: the same in every life on a host, and like nobody else's on any."""
    name = f"cachewright-{instance}-{key.account}-{key.region}-{node}"
    return f"{name}.{host}" if host else name


def container_of(instance: str, cache: Cache, node: str) -> str:
    """What the container of a node's present life is called, as far as is written down."""
    return container_name(instance, cache.key, node, cache.status.nodes[node].host)


def version_of(build: str) -> tuple[int, ...]:
    """The first two numbers of a build: `redis 7.0.15`."""
    return tuple(int(part) for part in build.rpartition(" ")[2].split(".")[:2])
