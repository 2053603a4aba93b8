"""BatchApplyUpdateAction and BatchStopUpdateAction: what cannot be done for one cache is told, and done for the others.

AWS documents no values of ErrorType; here they are the faults that an operation on that cache alone would have.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from cachewright.controlplane.api.cache_clusters.lookup import found_cluster
from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.required import required
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.service_updates.inputs import identifiers
from cachewright.controlplane.api.service_updates.lookup import found_update
from cachewright.controlplane.model.applied_updates import Applied
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.events import CLUSTER, GROUP, Event
from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.service_updates import ServiceUpdate, UpdateStatus
from cachewright.controlplane.model.update_actions import APPLICABLE, STOPPABLE, ActionStatus, action_of

Deed = Callable[[Context, Cache, ServiceUpdate], ActionStatus]


def batch_apply_update_action(context: Context, params: Params) -> Answer:
    """Apply an update to caches, at once. Fault when there is no such update."""
    return _batch(context, params, apply)


def batch_stop_update_action(context: Context, params: Params) -> Answer:
    """Leave the nodes as they are that an update was not begun with. Fault when there is no such update."""
    return _batch(context, params, _stop)


def apply(context: Context, cache: Cache, update: ServiceUpdate, *, by_system: bool = False) -> ActionStatus:
    """Have the nodes of a cache rebuilt by an update, of which it is the last one then. Fault when that cannot be."""
    name, status = update.name, _status(context, cache, update)
    if update.status is not UpdateStatus.AVAILABLE:
        raise invalid_value(f"Service update {name} is {update.status.value}.")
    if status is None:
        raise invalid_value(f"Service update {name} is not applicable to {cache.key.id}.")
    if status not in APPLICABLE:
        raise invalid_value(f"Service update {name} cannot be applied to {cache.key.id}: it is {status.value}.")
    if cache.phase is not Phase.AVAILABLE or cache.saving.clusters:
        raise _not_available(cache)
    others = (one for one in cache.spec.updates if one.name != name)
    asked = Applied(name, context.now, by_system)
    change_spec(context, cache, replace(cache.spec, updates=(*others, asked)))
    context.tell(_told(cache, f"Cachewright applies service update {name}."))
    return ActionStatus.WAITING


def _stop(context: Context, cache: Cache, update: ServiceUpdate) -> ActionStatus:
    name, status = update.name, _status(context, cache, update)
    if status not in STOPPABLE or cache.spec.updates[-1].name != name:
        seen = status.value if status else ActionStatus.NOT_APPLICABLE.value
        raise invalid_value(f"Service update {name} cannot be stopped for {cache.key.id}: it is {seen}.")
    *others, last = cache.spec.updates
    stopped = replace(last, stopped_at=context.now)
    change_spec(context, cache, replace(cache.spec, updates=(*others, stopped)))
    context.tell(_told(cache, f"Cachewright stops service update {name}."))
    return ActionStatus.STOPPING


def _batch(context: Context, params: Params, deed: Deed) -> Answer:
    update = found_update(context, required(params, "ServiceUpdateName"))
    targets = list(_targets(params))
    if not targets:
        raise invalid_value("The parameter ReplicationGroupIds or CacheClusterIds must be provided.")
    answer: Answer = {"ProcessedUpdateActions": [], "UnprocessedUpdateActions": []}
    for kind, name in targets:
        shown = {_ID[kind]: name, "ServiceUpdateName": update.name}
        try:
            status = deed(context, _found(context, kind, name), update)
        except Fault as fault:
            failed = {**shown, "ErrorType": fault.shape, "ErrorMessage": fault.message}
            answer["UnprocessedUpdateActions"].append(failed)
        else:
            answer["ProcessedUpdateActions"].append({**shown, "UpdateActionStatus": status.value})
    return answer


_ID = {Kind.REPLICATION_GROUP: "ReplicationGroupId", Kind.CACHE_CLUSTER: "CacheClusterId"}


def _targets(params: Params) -> Iterator[tuple[Kind, str]]:
    for kind, name in _ID.items():
        for one in identifiers(params, f"{name}s"):
            yield kind, one


def _found(context: Context, kind: Kind, name: str) -> Cache:
    """Members of a group are updated with it alone."""
    if kind is Kind.REPLICATION_GROUP:
        return found(context, name, lock=True)
    cache, _ = found_cluster(context, name, lock=True)
    if cache.key.kind is Kind.REPLICATION_GROUP:
        raise invalid_value(f"Cache cluster {name} is part of replication group {cache.key.id}.")
    return cache


def _status(context: Context, cache: Cache, update: ServiceUpdate) -> ActionStatus | None:
    action = action_of(cache, update, context.transaction.updates.builds(), context.now)
    return action.status if action else None


def _not_available(cache: Cache) -> Fault:
    words = f"{cache.key.id} is not in available state."
    if cache.key.kind is Kind.REPLICATION_GROUP:
        return Fault("InvalidReplicationGroupStateFault", f"Replication group {words}")
    return Fault("InvalidCacheClusterStateFault", f"Cache cluster {words}")


def _told(cache: Cache, message: str) -> Event:
    return Event(GROUP if cache.key.kind is Kind.REPLICATION_GROUP else CLUSTER, cache.key.id, message)
