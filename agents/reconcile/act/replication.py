"""Who leads and who follows."""

from contextlib import suppress
from typing import assert_never

from cachewright.agents.engines.driver import having
from cachewright.agents.engines.facets import Replication
from cachewright.agents.engines.source_access import SourceAccess
from cachewright.agents.engines.tls import SOURCE_AUTHORITIES
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
from cachewright.agents.planning.containers import USER, File
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.blueprints import container_name
from cachewright.agents.reconcile.source_access import access_to
from cachewright.controlplane.model.upstreams import Upstream


def carry_out(acting: Acting, action: OfReplication) -> None:
    """Do it."""
    replication = having(acting.driver.replication, acting.cache.spec.engine, "replication")
    runtime, to = acting.tools.runtime, acting.reach
    match action:
        case ReplicateFrom(node, primary):
            access = _access(acting, node, primary.source) if primary.source else None
            replication.replicate_from(to(node), primary, acting.address(node).host, access)
        case RequestAck(node, leader):
            replication.request_ack(to(node), to(leader), acting.address(node).host)
        case Promote(node, endpoint):
            if _has_entered_source(acting, node):
                replication.forget_access(to(node))
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
        case TakeOver(key, old_primary, before, node, behind, host, ends):
            hears = replication.switchover(before, to(node))
            if hears and not ends:
                with suppress(Later):  # its own cache has it follow and go on, too
                    replication.replicate_from(before, behind)
                    replication.resume_writes(before)
            elif not (hears and _shuts_down(replication, before)):
                runtime.kill(container_name(acting.tools.instance, key, old_primary, host))
        case ResumeWrites(node):
            replication.resume_writes(to(node))
        case _:
            assert_never(action)


def _access(acting: Acting, node: str, source: Upstream) -> SourceAccess:
    """How a node enters a source, whose authorities it knows from now on beside its own."""
    access = access_to(acting.tools, source)
    if access.encrypted:
        own = acting.tools.secret_store.credentials.authority.read_text()
        file = File(SOURCE_AUTHORITIES, f"{own}{access.authorities}".encode())
        acting.tools.runtime.copy(acting.blueprints.name(node), [file], USER)
    return access


def _has_entered_source(acting: Acting, node: str) -> bool:
    """Whether a node may know how a source was entered: only serverless caches are told."""
    shard = next((one for one in acting.cache.shards if any(each.name == node for each in one.nodes)), None)
    followed = shard and acting.status.shards[shard.id].upstream
    return acting.cache.spec.serverless and followed is not None


def _shuts_down(replication: Replication, node: Reach) -> bool:
    try:
        replication.shut_down(node)
    except Later:
        return False
    return True
