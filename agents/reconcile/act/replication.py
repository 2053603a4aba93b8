"""Who leads and who follows."""

from contextlib import suppress
from typing import assert_never

from cachewright.agents.engines.driver import having
from cachewright.agents.engines.facets import Replication
from cachewright.agents.planning.actions import (
    ForcedFailover,
    OfReplication,
    Promote,
    ReplicateFrom,
    RequestAck,
    ResumeWrites,
    Switchover,
    TakeOver,
)
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.blueprints import container_name


def carry_out(acting: Acting, action: OfReplication) -> None:
    """Do it."""
    replication = having(acting.driver.replication, acting.cache.spec.engine, "replication")
    runtime, to = acting.tools.runtime, acting.reach
    match action:
        case ReplicateFrom(node, primary):
            replication.replicate_from(to(node), primary, acting.address(node).host)
        case RequestAck(node, leader):
            replication.request_ack(to(node), to(leader), acting.address(node).host)
        case Promote(node, endpoint):
            replication.promote(to(node))
            acting.route_primary(endpoint, node)
        case ForcedFailover(container, node, endpoint):
            runtime.disconnect(container)
            replication.promote(to(node))
            acting.route_primary(endpoint, node)
            runtime.kill(container)
        case Switchover(old_primary, node, endpoint, container, entry):
            before = reach(acting.status, old_primary, entry)
            hears = replication.switchover(before, to(node))
            acting.route_primary(endpoint, node)
            # It is rebuilt next; nobody shall wait for it meanwhile.
            if not (hears and _shuts_down(replication, before)):
                runtime.kill(container)
        case TakeOver(key, old_primary, before, node, behind, host):
            if replication.switchover(before, to(node)):
                with suppress(Later):  # its own cache has it follow and go on, too
                    replication.replicate_from(before, behind)
                    replication.resume_writes(before)
            else:
                runtime.kill(container_name(acting.tools.instance, key, old_primary, host))
        case ResumeWrites(node):
            replication.resume_writes(to(node))
        case _:
            assert_never(action)


def _shuts_down(replication: Replication, node: Reach) -> bool:
    try:
        replication.shut_down(node)
    except Later:
        return False
    return True
