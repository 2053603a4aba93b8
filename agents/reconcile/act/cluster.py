"""Cluster mode: who knows whom, and who serves which slots."""

from collections.abc import Mapping
from typing import assert_never

from cachewright.agents.engines.driver import having
from cachewright.agents.engines.facets import Move
from cachewright.agents.planning.actions import (
    AssignSlots,
    ClusterAnnounce,
    ClusterAnnounceHost,
    ClusterFollow,
    ClusterForget,
    ClusterJoin,
    ClusterMeet,
    ClusterReplicate,
    EncryptBus,
    EndMigration,
    MigrateSlots,
    OfClusters,
    StabilizeSlots,
)
from cachewright.agents.planning.cluster.nodes import id_of
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.observe import configuration
from cachewright.controlplane.model.slots import Ranges


def carry_out(acting: Acting, action: OfClusters) -> None:
    """Do it."""
    cluster, to = having(acting.driver.cluster_mode, acting.cache.spec.engine, "cluster mode"), acting.reach
    match action:
        case ClusterMeet(node, peers):
            cluster.cluster_meet(to(node), peers)
        case ClusterJoin(node, peers):
            cluster.cluster_join(to(node), peers)
        case ClusterFollow(node, primary, slots):
            cluster.cluster_follow(to(node), primary, slots)
        case ClusterForget(node, ids):
            cluster.cluster_forget(to(node), ids)
        case ClusterReplicate(node, primary):
            cluster.cluster_replicate(to(node), id_of(acting.cache, acting.status, primary))
        case EncryptBus(node, wanted):
            cluster.encrypt_bus(to(node), wanted)
        case ClusterAnnounce(node, port):
            cluster.cluster_announce(to(node), port)
        case ClusterAnnounceHost(node, host):
            cluster.cluster_announce_host(to(node), host)
        case AssignSlots(node, slots):
            cluster.assign_slots(to(node), slots)
        case StabilizeSlots(node, slots):
            cluster.stabilize_slots(to(node), slots)
        case MigrateSlots(source, target, slots):
            cluster.migrate_slots(_move(acting, source, target, slots))
        case EndMigration(node):
            cluster.end_migration(to(node), _values(acting, node))
        case _:
            assert_never(action)


def _values(acting: Acting, node: str) -> Mapping[str, str]:
    """The parameter values that a node shall have."""
    return configuration(acting.cache.spec, acting.status.nodes[node], acting.tools.machine).directives


def _move(acting: Acting, source: str, target: str, slots: Ranges) -> Move:
    return Move(
        acting.reach(source),
        acting.reach(target),
        acting.address(target),
        slots,
        (id_of(acting.cache, acting.status, source), id_of(acting.cache, acting.status, target)),
        _values(acting, target),
        patience=acting.tools.patience,
    )
