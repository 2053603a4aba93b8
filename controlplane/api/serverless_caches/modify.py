"""ModifyServerlessCache: one kind of change at a time.

Source: the user guide, "Scaling" and "Upgrading engine versions" of serverless caches; texts as AWS answers.
"""

from collections.abc import Mapping
from dataclasses import replace

from cachewright.controlplane.api.common.cache_writes import change_cache
from cachewright.controlplane.api.common.change_events import unbuilt
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.deferred import NO_CHANGE
from cachewright.controlplane.api.serverless_caches import user_groups
from cachewright.controlplane.api.serverless_caches.create import description
from cachewright.controlplane.api.serverless_caches.inputs import MODIFY_SERVERLESS_CACHE, without_effect
from cachewright.controlplane.api.serverless_caches.limits import asked_limits
from cachewright.controlplane.api.serverless_caches.lookup import changeable
from cachewright.controlplane.api.serverless_caches.networks import next_security_groups
from cachewright.controlplane.api.serverless_caches.schedule import next_schedule
from cachewright.controlplane.api.serverless_caches.view import serverless_cache
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.events import SERVERLESS, Event
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.serverless import fixed_values, upgraded

# What counts as one kind of change.
_KINDS: Mapping[str, str] = {"MajorEngineVersion": "Engine", "RemoveUserGroup": "UserGroupId"}


def modify_serverless_cache(context: Context, params: Params) -> Answer:
    """Write another spec, and another presentation, of a serverless cache."""
    before = changeable(context, params["ServerlessCacheName"])
    _check_asked(params)
    after = change_cache(context, before, _modified(context, params, before))
    more = [name for name in after.presentation.unbuilt if name not in before.presentation.unbuilt]
    name = after.key.id
    context.tell(*(Event(SERVERLESS, name, words) for words in _words(before, after)), *unbuilt(SERVERLESS, name, more))
    return {"ServerlessCache": serverless_cache(after)}


def _check_asked(params: Params) -> None:
    asked = {_KINDS.get(name, name) for name, value in params.items() if value is not None} - {"ServerlessCacheName"}
    if not asked:
        raise invalid_combination(NO_CHANGE)
    if len(asked) > 1:
        raise invalid_combination("Serverless Cache modifications only support modifying one field per request.")
    if params.get("UserGroupId") and params.get("RemoveUserGroup"):
        raise invalid_combination("UserGroupId and RemoveUserGroup cannot be given in one request.")


def _modified(context: Context, params: Params, cache: Cache) -> Cache:
    shown, text = cache.presentation, params.get("Description")
    kept = without_effect(params, cache.spec.engine, MODIFY_SERVERLESS_CACHE)
    shown = replace(
        shown,
        description=shown.description if text is None else description(text),
        security_group_ids=next_security_groups(context, params, shown),
        unbuilt=tuple(dict.fromkeys((*shown.unbuilt, *kept))),
    )
    spec = _upgraded(params, cache.spec)
    spec = user_groups.with_next_group(context, params, cache, spec)
    schedule, limits = next_schedule(params, spec.schedule), asked_limits(params, spec.limits)
    return replace(cache, spec=replace(spec, schedule=schedule, limits=limits), presentation=shown)


def _upgraded(params: Params, spec: Spec) -> Spec:
    engine, major = params.get("Engine"), params.get("MajorEngineVersion")
    if engine is None and major is None:
        return spec
    release = upgraded(spec.release, engine, major)
    return replace(spec, engine=release.engine, version=release.described, parameters=fixed_values(release))


def _words(before: Cache, after: Cache) -> list[str]:
    """AWS's texts about what is changed."""
    name, told = after.key.id, []
    if before.presentation.security_group_ids != after.presentation.security_group_ids:
        told.append(f"SecurityGroups updated for the cache {name}.")
    if before.spec.limits != after.spec.limits:
        told.append(f"Limits updated for the cache {name}.")
    return told
