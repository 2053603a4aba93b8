"""Carry out actions. Each raises Later or Never when it fails."""

from typing import assert_never

from cachewright.agents.planning.actions import (
    Action,
    Adopt,
    ApplyAcl,
    ApplyParameters,
    AssignSlots,
    ClusterAnnounce,
    ClusterAnnounceHost,
    ClusterFollow,
    ClusterForget,
    ClusterJoin,
    ClusterMeet,
    ClusterReplicate,
    Delay,
    Discard,
    Disconnect,
    EncryptBus,
    EndMigration,
    Fill,
    ForcedFailover,
    Interrupt,
    Launch,
    MigrateSlots,
    Promote,
    PublishDiscovery,
    PublishDns,
    Recycle,
    Reinstate,
    Relay,
    Remove,
    RemoveVolume,
    ReplicateFrom,
    RequestAck,
    Restart,
    ResumeWrites,
    Route,
    StabilizeSlots,
    Switchover,
    TakeOver,
    Unpause,
    Unroute,
    WithdrawDiscovery,
)
from cachewright.agents.reconcile.act import cluster, containers, endpoints, replication, settings
from cachewright.agents.reconcile.act.acting import Acting


def carry_out(acting: Acting, action: Action) -> None:
    """Do it."""
    match action:
        case Launch() | Adopt() | Recycle() | Remove() | RemoveVolume() | Restart() | Discard() | Relay() | Delay():
            containers.carry_out(acting, action)
        case Unpause() | Disconnect() | Reinstate():
            containers.carry_out(acting, action)
        case ReplicateFrom() | RequestAck() | Promote() | ForcedFailover() | Switchover() | TakeOver() | ResumeWrites():
            replication.carry_out(acting, action)
        case ClusterMeet() | ClusterJoin() | ClusterFollow() | ClusterForget() | ClusterReplicate():
            cluster.carry_out(acting, action)
        case EncryptBus() | ClusterAnnounce() | ClusterAnnounceHost():
            cluster.carry_out(acting, action)
        case AssignSlots() | StabilizeSlots() | MigrateSlots() | EndMigration():
            cluster.carry_out(acting, action)
        case ApplyAcl() | ApplyParameters() | Interrupt() | Fill():
            settings.carry_out(acting, action)
        case Route() | Unroute() | PublishDiscovery() | WithdrawDiscovery() | PublishDns():
            endpoints.carry_out(acting, action)
        case _:
            assert_never(action)
