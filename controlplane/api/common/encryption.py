"""Encryption in transit: what a request asks for, and the only ways there.

Source: the ElastiCache user guide, "In-transit encryption", and the API reference of ModifyReplicationGroup.
"""

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.cache import Spec, Transit
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers

WITHOUT = ("cache.m1.", "cache.m2.")  # node types
FIRST_ENGINE = (6, 0)  # the first Redis that is able to encrypt by itself; AWS's own builds of 4.0.10 can
FIRST_MODE = (7, 0, 5)  # the first Redis for which a mode may be named; Valkey has later versions only
FIRST_CHANGE = (7, 0)  # the first Redis and Valkey whose encryption may be changed
TLS_VERSIONS = "3.2.6"  # and 4.0.10 on, but nothing between
MODES = (Transit.PREFERRED.value, Transit.REQUIRED.value)
STEPS = frozenset(
    {
        (Transit.OFF, Transit.PREFERRED),
        (Transit.PREFERRED, Transit.REQUIRED),
        (Transit.REQUIRED, Transit.PREFERRED),
        (Transit.PREFERRED, Transit.OFF),
    }
)


def encryptable(release: EngineVersion) -> bool:
    """Whether Redis or Valkey of that version can be encrypted, at rest or in transit."""
    return numbers(release.described) >= (4, 0, 10) or release.version == TLS_VERSIONS


def first_transit(params: Params, release: EngineVersion, node_type: str) -> Transit:
    """How a new group takes connections."""
    target = _asked(params, Transit.OFF)
    if target is Transit.OFF:
        return target
    _check_node_type(node_type)
    if params.get("TransitEncryptionMode") and numbers(release.described) < FIRST_MODE:
        raise invalid_combination(
            f"Transit encryption mode is not supported for engine version {release.described}."
            " Please use engine version 7.0.5 or higher."
        )
    if release.engine is Engine.REDIS and numbers(release.described) < FIRST_ENGINE:
        raise invalid_combination(
            f"Encryption features are not supported for engine version {release.version}. Please use engine version 6.0"
        )
    return target


def next_transit(params: Params, spec: Spec) -> Transit:
    """How a group takes connections after a request."""
    target = _asked(params, spec.transit)
    if target is spec.transit:
        return target
    if numbers(spec.version) < FIRST_CHANGE:
        raise invalid_combination(
            f"Modification of transit encryption is not supported for {spec.engine} version {spec.version}."
        )
    _check_node_type(spec.node_type)
    if (spec.transit, target) not in STEPS:
        raise _leap(target)
    if target is Transit.OFF and spec.auth.tokens:
        raise invalid_combination("Encryption in transit cannot be disabled while an AUTH token is enabled.")
    return target


def _check_node_type(node_type: str) -> None:
    if node_type.startswith(WITHOUT):
        raise invalid_combination(f"Encryption in transit is not supported for cache node type {node_type}.")


def _asked(params: Params, current: Transit) -> Transit:
    enabled, mode = params.get("TransitEncryptionEnabled"), params.get("TransitEncryptionMode")
    if mode and mode not in MODES:
        raise invalid_value(f"Invalid value {mode} for TransitEncryptionMode. Must be one of: {', '.join(MODES)}")
    if mode and not (current is not Transit.OFF if enabled is None else enabled):
        raise invalid_combination("To modify transit encryption mode, set encryption-in-transit as enabled.")
    if enabled is False:
        return Transit.OFF
    if not mode and enabled is None:
        return current
    usual = Transit.REQUIRED if current is Transit.OFF else current
    return Transit(mode) if mode else usual


def _leap(target: Transit) -> Fault:
    what = "disabled" if target is Transit.OFF else "required"
    return invalid_combination(
        f"Encryption in transit must be enabled with TransitEncryptionMode preferred before it can be {what}."
    )
