"""The requests that change a serverless cache without replacing it. Pure."""

from collections.abc import Collection
from typing import Any

from cachewright.controlplane.templates.actions import Step
from cachewright.controlplane.templates.requests import Request
from cachewright.controlplane.templates.update_parts import Standing, before, modify, plain
from cachewright.controlplane.templates.values import Properties, mapping

_LIMITS = "CacheUsageLimits"
_RELEASE: tuple[str, ...] = ("Engine", "MajorEngineVersion")  # the only ones that one request may have together
_UNIT = "Unit"


def serverless_cache(step: Step, changed: Collection[str], _standing: Standing) -> list[Request]:
    """What changes a serverless cache: a request for each kind of change, as ModifyServerlessCache demands; the engine
    first, for a user group may be for the new one alone.
    """
    others = (plain(step, {name}) for name in sorted(changed) if name not in _RELEASE)
    asked = (_release(step, changed), _limits(step, changed), *others)
    return [request for params in asked for request in modify(step, params)]


def _release(step: Step, changed: Collection[str]) -> dict[str, Any]:
    """The engine and its major version; one that the template has no more stays."""
    wanted = {name: step.properties[name] for name in _RELEASE if name in step.properties}
    return wanted if wanted.keys() & set(changed) else {}


def _limits(step: Step, changed: Collection[str]) -> dict[str, Any]:
    """The limits. What a request leaves out stays: one that the template has no more is asked for as 0, which takes it
    away.
    """
    if _LIMITS not in changed:
        return {}
    old, new = (mapping(part.get(_LIMITS) or {}, _LIMITS) for part in (before(step), step.properties))
    return {_LIMITS: {name: _none_of(old, name) | mapping(new.get(name) or {}, name) for name in old | new}}


def _none_of(limits: Properties, name: str) -> Properties:
    had = mapping(limits.get(name) or {}, name)
    return {part: value if part == _UNIT else 0 for part, value in had.items()}
