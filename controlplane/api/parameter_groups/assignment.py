"""The parameter group of a cache: which one it may use, and what becomes of the cache when the values change."""

from collections.abc import Iterable
from dataclasses import replace

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.parameter_groups.lookup import known_group
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.changes import applied, with_values_changed
from cachewright.controlplane.model.events import CLUSTER, Event
from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.fingerprints import waits_for_start
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.notifications import Notification
from cachewright.controlplane.model.nouns import PARAMETER_GROUP
from cachewright.controlplane.model.parameter_groups import ParameterGroup, check_move, check_usable
from cachewright.controlplane.model.parameters import effective
from cachewright.controlplane.model.parameters.fitting import check_combination, check_fit
from cachewright.controlplane.model.questions import dry_run, start_trial
from cachewright.controlplane.model.versions import VERSIONS, EngineVersion

AVAILABLE = Phase.AVAILABLE
LARGEST = "cache.r5.24xlarge"  # as far as values of parameters depend on node types


def group_for(context: Context, release: EngineVersion, wanted: str | None) -> ParameterGroup:
    """The group that a cache of that version uses, the default when none is wanted. Faults: unknown, unfit."""
    group = known_group(context, wanted or release.default_group)
    if group is None:
        raise PARAMETER_GROUP.missing(str(wanted), "CacheParameterGroup not found: {id}")
    check_usable(group, release)
    return group


def next_group(context: Context, spec: Spec, release: EngineVersion, wanted: str) -> ParameterGroup:
    """The group that a cache goes to with that version. Faults: unknown, unfit, or what lasts is not equal."""
    group = group_for(context, release, wanted)
    check_move(group_for(context, spec.release, spec.parameter_group), group)
    return group


def check_values(context: Context, cache: Cache, after: Spec) -> None:
    """Fault when a cache cannot have the values that its next spec gives it, at once or later."""
    check_fit(applied(after))
    check_dry_run(context, cache, after)


def pass_on(context: Context, group: ParameterGroup, users: Iterable[Cache]) -> None:
    """Tell every cache that uses the group its values. Fault when one cannot have them, or its engine refuses them."""
    staying = sorted((cache for cache in users if not cache.deleting), key=lambda cache: cache.phase is not AVAILABLE)
    changes = [(cache, _with_values(cache.spec, group)) for cache in staying]
    tried = set()
    for cache, spec in changes:
        check_fit(spec)
        if spec.release not in tried:  # what one engine takes, the others of its version take, too
            tried.add(spec.release)
            check_dry_run(context, cache, spec)
    _write(context, changes)


def check_dry_run(context: Context, cache: Cache, after: Spec) -> None:
    """Fault in the engine's own words when a running cache refuses the values that it is to take at once."""
    release = cache.spec.release
    if after.release != release:
        return
    values = {name: value for name, value in _changed(cache.spec, after) if not waits_for_start(release.family, name)}
    if values and (complaint := context.answers.to(dry_run(cache, values))):
        raise invalid_value(complaint)


def check_start(context: Context, before: ParameterGroup, after: ParameterGroup, users: Iterable[Cache]) -> None:
    """Fault in an engine's own words when it does not start with the values of a group. Of what a running node takes
    at once such a node is asked, where there is one: see `check_dry_run`.
    """
    old, new = dict(before.deviations), dict(after.deviations)
    changed = [name for name in new if old.get(name) != new[name]]
    told = any(cache.phase is AVAILABLE and cache.spec.replicates for cache in users)
    untried = [name for name in changed if not told or waits_for_start(after.family, name)]
    spec = _roomiest(after)
    if untried and _goes_together(spec) and (complaint := context.answers.to(start_trial(spec))):
        raise invalid_value(complaint)


def _roomiest(group: ParameterGroup) -> Spec:
    """A cache of the group with room for every value, of the newest version that can use it."""
    newest = [row for row in VERSIONS if row.family == group.family][-1]
    return Spec(newest.engine, newest.described, LARGEST, 0, group.name, (), parameters=group.deviations)


def _goes_together(spec: Spec) -> bool:
    try:
        check_combination(spec)
    except Fault:
        return False
    return True


def events_of(cache: Cache, after: Spec) -> Iterable[Event]:
    """What events say about other values: once for each cache cluster, and published once for all values. Source: the
    user guide of 2018.
    """
    clusters = dict.fromkeys(node.cluster for node in cache.spec.nodes)
    published: Notification | None = Notification.PARAMETERS_CHANGED
    for name, value in _changed(cache.spec, after):
        message = f"Updated parameter {name} to {value}"
        yield from (Event(CLUSTER, cluster, message, published) for cluster in clusters)
        published = None


def _changed(before: Spec, after: Spec) -> Iterable[tuple[str, str]]:
    """The parameters that other values of the group change, by name."""
    old, new = effective(before), effective(after)
    names = {name for name, _ in (*before.parameters, *after.parameters)}
    return [(name, new[name]) for name in sorted(names & new.keys()) if old.get(name) != new[name]]


def _with_values(spec: Spec, group: ParameterGroup) -> Spec:
    if spec.parameter_group == group.name:
        spec = replace(spec, parameters=group.deviations)
    if spec.pending.parameter_group == group.name:
        spec = replace(spec, pending=replace(spec.pending, parameters=group.deviations))
    return spec


def _write(context: Context, changes: Iterable[tuple[Cache, Spec]]) -> None:
    """All in a few steps: a group may have many users."""
    retuned = []
    for cache, spec in changes:
        if spec.parameters == cache.spec.parameters:
            context.transaction.caches.write_spec(cache, spec)
        else:
            retuned.append((cache, spec))
    specs = ((cache.key, with_values_changed(cache, spec)) for cache, spec in retuned)
    context.transaction.caches.write_specs(specs)
    context.tell(*(event for cache, spec in retuned for event in events_of(cache, spec)))
