"""CacheUsageLimits of requests."""

from collections.abc import Mapping
from typing import Any

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.usage_limits import (
    DATA_STORAGE,
    ECPU_PER_SECOND,
    GIGABYTES,
    Bounds,
    Limit,
    UsageLimits,
)


def asked_limits(params: Params, before: UsageLimits) -> UsageLimits:
    """The limits after a request: what it leaves out stays as it was, 0 takes a limit away. Faults: AWS's rules."""
    asked = params.get("CacheUsageLimits") or {}
    unit = (asked.get("DataStorage") or {}).get("Unit", GIGABYTES)
    if unit != GIGABYTES:
        raise invalid_value(f"Invalid value {unit} for Unit. Must be one of: {GIGABYTES}")
    return UsageLimits(
        _limit(asked.get("DataStorage"), before.data_storage, DATA_STORAGE),
        _limit(asked.get("ECPUPerSecond"), before.ecpu_per_second, ECPU_PER_SECOND),
    )


def _limit(asked: Mapping[str, Any] | None, before: Limit, bounds: Bounds) -> Limit:
    if asked is None:
        return before
    return bounds.checked(Limit(asked.get("Maximum", before.maximum), asked.get("Minimum", before.minimum)))
