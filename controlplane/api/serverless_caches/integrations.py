"""Integrations of a serverless cache. Cachewright asks no DynamoDB, so that one is shown as failed.

Source: the API reference of CreateServerlessCache, and the ElastiCache user guide, "DynamoDB caching": the cache itself
asks DynamoDB for what it does not hold, when an application's integration client asks it.
"""

from cachewright.controlplane.api.common.context import Answer, Params
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers

TYPES = ("dynamodb",)
FROM = (9,)  # the version of Valkey
FAILED = "failed"  # of AWS's statuses


def asked_integrations(params: Params, release: EngineVersion) -> tuple[str, ...]:
    """The types of the integrations of a new cache. Faults: an unknown one, and any before Valkey 9."""
    wanted: tuple[str, ...] = tuple(entry.get("IntegrationType") or "" for entry in params.get("Integrations") or ())
    if unknown := [kind for kind in wanted if kind not in TYPES]:
        raise invalid_value(f"Invalid value {unknown[0]} for IntegrationType. Must be one of: {', '.join(TYPES)}")
    if wanted and not (release.engine is Engine.VALKEY and numbers(release.version) >= FROM):
        raise invalid_combination("Integrations require engine valkey with major engine version 9 or above.")
    return tuple(dict.fromkeys(wanted))


def integrations_shown(kinds: tuple[str, ...]) -> list[Answer]:
    """The same, as AWS shows them."""
    return [{"IntegrationType": kind, "Status": FAILED} for kind in kinds]
