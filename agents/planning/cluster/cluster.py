"""A cache in cluster mode: its nodes know each other, and every slot is served by the shard that shall serve it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cachewright.agents.planning.actions import (
    Action,
    AssignSlots,
    ClusterAnnounce,
    ClusterAnnounceHost,
    ClusterForget,
    ClusterMeet,
    EncryptBus,
    EndMigration,
    MigrateSlots,
    StabilizeSlots,
)
from cachewright.agents.planning.cluster.announcement import announced
from cachewright.agents.planning.cluster.nodes import NOWHERE, ClusterNode, cluster_node_id, id_of
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.shards.seeding import unseeded
from cachewright.agents.planning.world import Condition, Membership, World, condition
from cachewright.controlplane.model.cache import Address, Cache, ShardStatus, Status, Transit
from cachewright.controlplane.model.slots import (
    EVERY,
    Ranges,
    SlotMove,
    complete,
    difference,
    intersection,
    parsed,
    slot_moves,
    union,
    written,
)


@dataclass(frozen=True)
class Cluster:
    """The spec, the report and the world of all shards of one cache. What follows for every node is found once, as each
    is compared with all.
    """

    cache: Cache  # as it is desired
    interim: Cache  # with the nodes that are needed until then
    status: Status
    world: World

    @property
    def names(self) -> tuple[str, ...]:
        """Every node."""
        return tuple(node.name for node in self.interim.spec.nodes)

    @cached_property
    def primaries(self) -> frozenset[str]:
        """The nodes that are to lead."""
        return frozenset(known.primary for known in self.status.shards.values())

    def shard_of(self, name: str) -> str:
        """The id of a node's shard."""
        return self.interim.shard_of(name).id

    def cluster_node_id(self, name: str) -> str:
        """Who a node is in the cluster."""
        return id_of(self.interim, self.status, name)

    @cached_property
    def cluster_nodes(self) -> tuple[ClusterNode, ...]:
        """What a node is told of everybody before its first moment."""
        nodes = tuple(self._cluster_nodes())
        return self._led_by_nobody(nodes) if self._founds() else nodes

    def _cluster_nodes(self) -> Iterator[ClusterNode]:
        for number, shard in enumerate(self.interim.spec.shards, 1):
            known = self.status.shards[shard.id]
            own = cluster_node_id(self.interim.incarnation, shard.id)
            for node in shard.nodes:
                address = self.status.nodes[node.name].address
                if node.name == known.primary:
                    place = ClusterNode(self.cluster_node_id(node.name), address, "", parsed(known.slots), number, own)
                    yield replace(place, arriving=tuple(self._arriving(shard.id)))
                else:
                    yield ClusterNode(
                        self.cluster_node_id(node.name), address, self.cluster_node_id(known.primary), shard=own
                    )

    def _led_by_nobody(self, nodes: Sequence[ClusterNode]) -> tuple[ClusterNode, ...]:
        """The nodes of an only shard as replicas of one that is nowhere, and has the slots: engines have primaries wait
        for two seconds after their start, and nobody else. Whoever takes the slots over is followed by the others.
        """
        first, absent = next(one for one in nodes if not one.follows), self.absent(self.interim.spec.shards[0].id)
        followers = (replace(one, follows=absent.id, slots=()) for one in nodes)
        return (replace(first, id=absent.id, address=absent.address), *followers)

    def absent(self, shard: str) -> ClusterNode:
        """The node that a shard's nodes follow as long as there is nobody to follow."""
        return ClusterNode(cluster_node_id(self.interim.incarnation, f"{shard} before"), NOWHERE)

    def _founds(self) -> bool:
        """Whether the only shard begins with nothing, so that its first primary may serve as soon as it answers. With
        others there would be several who make up an epoch at the same time.
        """
        if len(self.status.shards) > 1 or self.cache.spec.upstream or unseeded(self.cache, self.status):
            return False
        nodes = [self.status.nodes[name] for name in self.names]
        return all(known.created_at is None and not known.volume for known in nodes)

    def _arriving(self, identifier: str) -> Iterator[tuple[str, Ranges]]:
        """The slots that a shard is to have from others, if its primary may have keys of them in its log: they may have
        arrived before anybody wrote that down. Valkey drops keys of slots that it neither serves nor receives.
        """
        shards, known = self.status.shards, self.status.nodes[self.status.shards[identifier].primary]
        if not known.volume or known.created_at is None or unseeded(self.cache, self.status):
            return
        wanted = next((parsed(shard.slots) for shard in self.cache.spec.shards if shard.id == identifier), ())
        for other, one in shards.items():
            if other != identifier and (share := intersection(wanted, parsed(one.slots))):
                yield self.cluster_node_id(one.primary), share

    def starting_later(self, away: Collection[str]) -> frozenset[str]:
        """New replicas, while a first primary is still to come. Primaries that are `away` are not waited for, nor is
        one that begins as a replica itself.
        """
        if self._founds():
            return frozenset()
        shards, nodes = self.status.shards.items(), self.status.nodes
        unborn = {name for name in self.names if nodes[name].created_at is None}
        waits = any(self._is_to_come(shard, unborn) for shard, known in shards if known.primary not in away)
        return frozenset(unborn - {known.primary for _, known in shards} if waits else ())

    def _is_to_come(self, identifier: str, unborn: Collection[str]) -> bool:
        """Whether a shard's first primary has no container: it begins to serve two seconds after its start only, so
        that it starts first. That of an only shard is to lead: who asks for a copy before is refused for a second.
        """
        primary = self.status.shards[identifier].primary
        if len(self.status.shards) == 1:
            return not self.shard(identifier).leading()
        return primary in unborn and self.world.at(primary).container is None

    def view(self, name: str) -> Membership | None:
        """A live node's own view of the cluster; None for any other, and for one that does not run in cluster mode."""
        sight = self.world.at(name)
        live = condition(sight, self.status.nodes[name]) is Condition.LIVE
        return sight.answer.membership if live and sight.answer else None

    def shard(self, identifier: str) -> Replicas:
        """One of the shards."""
        shard = next(shard for shard in self.interim.spec.shards if shard.id == identifier)
        return Replicas(shard, self.status.shards[identifier], self.status.nodes, self.world)

    def served_slots(self) -> dict[str, Ranges] | None:
        """What each shard's primary says it serves; None while one does not say. A drained shard has nothing left."""
        found: dict[str, Ranges] = {}
        staying = {shard.id for shard in self.cache.spec.shards}
        for identifier, known in self.status.shards.items():
            view = self.view(known.primary)
            leads = self.shard(identifier).leading()
            if view is None or (not leads and identifier in staying):
                return None
            found[identifier] = view.peers[view.id].slots if leads else ()
        return found

    def with_served_slots(self) -> Mapping[str, ShardStatus]:
        """The reports of the shards with the slots that they serve: those that they were told to begin with, which are
        those whose keys a snapshot brings, then what all primaries agree upon.
        """
        shards = self.status.shards
        if not any(known.slots for known in shards.values()):
            brought = {file.shard: file.slots for file in self.cache.unseeded.values()}
            desired = brought or {shard.id: shard.slots for shard in self.cache.spec.shards}
            return {name: replace(known, slots=desired.get(name, "")) for name, known in shards.items()}
        served = self.served_slots()
        if served is None or not complete(served.values()):
            return shards
        return {name: replace(known, slots=written(served[name])) for name, known in shards.items()}

    def next_actions(self) -> list[Action]:
        """What has to be done next; slots move only while nothing else is the matter."""
        work = [*self.encrypt_bus(), *self._announce(), *(self._announce_hosts() or self._find())]
        work += self.meet_and_forget()
        return [*(work or self._assign_unserved() or self._migrate_and_stabilize()), *self.show_hidden(work)]

    def is_as_desired(self) -> bool:
        """Whether every node hears everybody, serves, sees all slots where they shall be, and tells clients so."""
        if len(self.interim.spec.shards) > len(self.cache.spec.shards):
            return False
        everybody = {self.cluster_node_id(name) for name in self.names}
        return not self._announce() and all(
            self._sees_all_as_desired(self.view(name), everybody) for name in self.names
        )

    def _sees_all_as_desired(self, view: Membership | None, everybody: set[str]) -> bool:
        if view is None or not self.is_at_rest(view):
            return False
        if set(view.peers) != everybody or not all(peer.heard for peer in view.peers.values()):
            return False
        if view.listed != everybody or not view.named or self._misplaced(view, self.names):
            return False
        return all(
            view.peers[self.cluster_node_id(self.status.shards[shard.id].primary)].slots == parsed(shard.slots)
            for shard in self.cache.spec.shards
        )

    def is_at_rest(self, view: Membership) -> bool:
        """Whether a node serves, moves no slots, and talks to the others as it shall."""
        return (view.serves or view.alone) and not (view.opened or view.prepared) and view.encrypted is self._encrypted

    @property
    def _encrypted(self) -> bool:
        """Whether nodes shall talk to each other encrypted: when all of them can."""
        return self.cache.spec.transit is Transit.REQUIRED

    def encrypt_bus(self) -> list[Action]:
        """All running nodes change how they talk to each other at once, before they are rebuilt one by one: they must
        understand each other.
        """
        able = {name for name in self.names if self.world.at(name).transit not in (None, Transit.OFF)}
        views = ((name, self.view(name)) for name in self.names if name in able)
        return [EncryptBus(name, self._encrypted) for name, view in views if view and view.encrypted != self._encrypted]

    def _announce(self) -> list[Action]:
        """Whoever has another role than before tells clients another port, at a serverless cache."""
        told = ((name, self.view(name), announced(self.cache, self.status, name)) for name in self.names)
        return [ClusterAnnounce(name, at.port) for name, view, at in told if view and at and view.port != at.port]

    def _announce_hosts(self) -> list[Action]:
        """Whoever goes by an address that is not told any more goes by the other one."""
        views = ((name, self.view(name)) for name in self.names)
        return [
            ClusterAnnounceHost(name, self.status.nodes[name].address.host)
            for name, view in views
            if view and name in self._misplaced(view, [name])
        ]

    def _find(self) -> list[Action]:
        """CLUSTER MEET for nodes that are not where others know them: whoever meets somebody learns where that is."""
        views = ((name, self.view(name)) for name in self.names)
        found = ((name, view, self._misplaced(view, self.names)) for name, view in views if view)
        places = ((name, view, [self.status.nodes[one].address for one in others]) for name, view, others in found)
        unmet = ((name, tuple(at for at in every if at not in view.meeting)) for name, view, every in places)
        return [ClusterMeet(name, peers) for name, peers in unmet if peers]

    def _misplaced(self, view: Membership, names: Iterable[str]) -> list[str]:
        """Which of these nodes, which live, a node knows at another address."""
        peers = ((name, view.peers.get(self.cluster_node_id(name))) for name in names if self.view(name))
        nodes = self.status.nodes
        return [name for name, peer in peers if peer and peer.address.host != nodes[name].address.host]

    def meet_and_forget(self, apart: Collection[str] = (), outside: Collection[str] = ()) -> list[Action]:
        """CLUSTER MEET for nodes that came, CLUSTER FORGET for those that left; who is kept `apart` is not met, and the
        ids `outside` are not forgotten.
        """
        actions: list[Action] = []
        listening = {
            self.cluster_node_id(name): self.status.nodes[name].address
            for name in self.names
            if self.view(name) and name not in apart
        }
        members = {*(self.cluster_node_id(name) for name in self.names), *outside}
        for name in self.names:
            if view := self.view(name):
                actions += _meet(name, view, listening, self._misled(view, members)) if name not in apart else []
                unknown = tuple(sorted(set(view.peers) - members - {view.peers[view.id].follows}))
                actions += [ClusterForget(name, unknown)] if unknown else []
        return actions

    def _misled(self, view: Membership, members: Collection[str]) -> list[str]:
        """The ids of the nodes for which it still follows somebody outside, when it follows a member by now: at the
        birth of an only shard, see decision 74. They would hear of it with its next ping, within a second.
        """
        if view.peers[view.id].follows not in members:
            return []
        views = (other for name in self.names if (other := self.view(name)))
        rows = ((other.id, other.peers.get(view.id)) for other in views)
        return [other for other, row in rows if row and not row.leads and row.follows not in members]

    def show_hidden(self, work: Collection[Action], apart: Collection[str] = ()) -> list[Action]:
        """CLUSTER MEET by primaries and by replicas that are in sync, for nodes that do not show them to clients: these
        have not heard from them since they were met, or began to follow or to receive. Gossip takes seconds for it.
        Whoever is met learns all that the other says of itself, whoever meets somebody known does not.
        """
        if work:
            return []
        shown = (name for name in self._shown() if name not in apart)
        return [meeting for name in shown for meeting in self._met_again(name, self._hidden_from(name, apart))]

    def _hidden_from(self, name: str, apart: Collection[str]) -> list[Address]:
        """The nodes that know another one and do not show it."""
        own = self.cluster_node_id(name)
        others = (other for other in self.names if other not in (name, *apart))
        views = ((self.status.nodes[other].address, self.view(other)) for other in others)
        return [address for address, view in views if view and own in view.peers.keys() - view.listed]

    def _met_again(self, name: str, peers: Sequence[Address]) -> list[Action]:
        view = self.view(name)
        unmet = tuple(address for address in peers if view and address not in view.meeting)
        return [ClusterMeet(name, unmet)] if unmet else []

    def _shown(self) -> Iterator[str]:
        """Whom clients are to be told of: primaries that serve slots, and replicas that receive what these write."""
        for identifier, known in self.status.shards.items():
            view, replicas = self.view(known.primary), self.shard(identifier)
            if view and view.peers[view.id].slots:
                yield from (name for name in replicas.names if name == known.primary or replicas.in_sync(name))

    def _assign_unserved(self) -> list[Action]:
        """Slots that nobody serves: whoever gave them away had been emptied, so that they are where they shall be."""
        served = self.served_slots()
        if served is None:
            return []
        lost = difference(EVERY, union(*served.values()))
        shares = ((shard, intersection(lost, parsed(shard.slots))) for shard in self.cache.spec.shards)
        return [AssignSlots(self.status.shards[shard.id].primary, share) for shard, share in shares if share]

    def _migrate_and_stabilize(self) -> list[Action]:
        """Slots that have to move, and what is left of a move whose slots have arrived: whoever moved them died. None
        moves before all keys are there that a snapshot brings: a primary that dies until then begins with them anew.
        """
        served = self.served_slots()
        if served is None or not complete(served.values()) or unseeded(self.cache, self.status):
            return []
        wanted = {shard.id: parsed(shard.slots) for shard in self.cache.spec.shards}
        ways = slot_moves(served, wanted)
        ends = {self.status.shards[end].primary for way in ways for end in (way.source, way.target)}
        return [
            *self._migrate(ways),
            *self._stabilize(union(*(way.slots for way in ways))),
            *self._end_migrations(ends),
        ]

    def _migrate(self, ways: Iterable[SlotMove]) -> Iterator[Action]:
        for way in ways:
            if self._may_migrate(way.source) and self._may_migrate(way.target):
                yield MigrateSlots(
                    self.status.shards[way.source].primary, self.status.shards[way.target].primary, way.slots
                )

    def _stabilize(self, moving: Ranges) -> Iterator[Action]:
        for known in self.status.shards.values():
            view = self.view(known.primary)
            if view and (opened := difference(view.opened, moving)):
                yield StabilizeSlots(known.primary, opened)

    def _end_migrations(self, ends: Collection[str]) -> Iterator[Action]:
        """Nodes that were made ready for slots to move, and are no end of a move: whoever moved them died."""
        for name in self.names:
            view = self.view(name)
            if view and view.prepared and name not in ends:
                yield EndMigration(name)

    def _may_migrate(self, identifier: str) -> bool:
        """Whether a shard serves, and would lose nothing if its primary died now, or its region: who takes over with an
        older copy of what has moved since has keys in two places, and cannot tell which value is the newer one.
        """
        if identifier in self.world.outdated:
            return False
        replicas = self.shard(identifier)
        view = self.view(replicas.status.primary)
        return replicas.all_in_sync() and not replicas.status.old_primary and view is not None and view.serves


def _meet(name: str, view: Membership, listening: Mapping[str, Address], misled: Collection[str]) -> list[ClusterMeet]:
    unknown = tuple(
        address
        for identifier, address in listening.items()
        if (identifier not in view.peers or identifier in misled) and address not in view.meeting
    )
    return [ClusterMeet(name, unknown)] if unknown else []
