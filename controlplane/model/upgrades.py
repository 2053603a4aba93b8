"""From one engine version to another.

Source: the ElastiCache user guide, "Version management"; the first text as AWS answers.
"""

from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.versions import Engine, EngineVersion, engine_named, numbers, requested_version

ROLLBACK = ((Engine.VALKEY, "7.2"), (Engine.REDIS, "7.1"))  # the only way back


def upgraded(current: EngineVersion, engine: str | None, version: str | None) -> EngineVersion:
    """The version that a request wants in place of the current one; None: as it is. Faults: unknown, no way there."""
    wanted = engine_named(engine) if engine else current.engine
    if wanted is current.engine and not version:
        return current
    target = requested_version(wanted, version)
    if not _leads_to(current, target):
        raise _no_way(current, target)
    return target


def _leads_to(current: EngineVersion, target: EngineVersion) -> bool:
    if current.engine is target.engine:
        return numbers(target.described) >= numbers(current.described)
    if (current.engine, target.engine) == (Engine.REDIS, Engine.VALKEY):
        return True
    return ((current.engine, current.version), (target.engine, target.version)) == ROLLBACK


def _no_way(current: EngineVersion, target: EngineVersion) -> Fault:
    if current.engine is target.engine:
        return invalid_combination(f"Cannot modify {current.engine} from {current.described} to {target.described}")
    return invalid_combination(
        f"Cannot modify {current.engine} {current.described} to {target.engine} {target.described}"
    )
