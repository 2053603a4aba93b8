"""DescribeUpdateActions: how far service updates are with caches."""

from dataclasses import dataclass

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.service_updates import view
from cachewright.controlplane.api.service_updates.inputs import identifiers, statuses
from cachewright.controlplane.api.service_updates.lookup import own_caches
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.service_updates import ServiceUpdate, UpdateStatus
from cachewright.controlplane.model.update_actions import ActionStatus, UpdateAction, action_of


def describe_update_actions(context: Context, params: Params) -> Answer:
    """A page of actions, by cache and update. Fault for a status that there is not, or a range that ends early."""
    page, wanted = page_of("DescribeUpdateActions", params), _wanted(params)
    fitting = [action for action in _every(context, params) if wanted.has(action) and _place(action) > page.after]
    shown, marker = page.cut(sorted(fitting, key=_place), _place)
    nodes = params.get("ShowNodeLevelUpdateStatus", False)
    return {"UpdateActions": [view.action(action, nodes=nodes) for action in shown], **marker}


@dataclass(frozen=True, slots=True)
class _Wanted:
    params: Params
    updates: frozenset[str]  # statuses
    actions: frozenset[str]

    def has(self, action: UpdateAction) -> bool:
        engine = self.params.get("Engine")
        return (
            action.status in self.actions
            and (not engine or action.cache.spec.engine == engine.lower())
            and self._is_about(action.update)
        )

    def _is_about(self, update: ServiceUpdate) -> bool:
        name, times = self.params.get("ServiceUpdateName"), self.params.get("ServiceUpdateTimeRange") or {}
        if update.status not in self.updates or name not in (None, "", update.name):
            return False
        start, end = times.get("StartTime"), times.get("EndTime")
        return not (start and update.released_at < start) and not (end and update.released_at > end)


def _wanted(params: Params) -> _Wanted:
    times = params.get("ServiceUpdateTimeRange") or {}
    if times.get("StartTime") and times.get("EndTime") and times["StartTime"] > times["EndTime"]:
        raise invalid_combination("StartTime of ServiceUpdateTimeRange must not be later than EndTime.")
    updates = statuses(params, "ServiceUpdateStatus", UpdateStatus)
    return _Wanted(params, updates, statuses(params, "UpdateActionStatus", ActionStatus))


def _every(context: Context, params: Params) -> list[UpdateAction]:
    groups, clusters = identifiers(params, "ReplicationGroupIds"), identifiers(params, "CacheClusterIds")
    updates, builds = context.transaction.updates.catalogue().updates, context.transaction.updates.builds()
    caches = own_caches(context, groups, clusters)
    found = (action_of(cache, update, builds, context.now) for cache in caches for update in updates)
    return [action for action in found if action]


def _place(action: UpdateAction) -> str:
    return f"{action.cache.key.id}/{action.cache.key.kind}/{action.update.name}"
