"""The parameter groups that exist without being created, and which cache may use which group.

Source: the ElastiCache user guide, "Default parameter groups"; texts as AWS answers.
"""

from controlplane.model.faults import Fault, invalid_combination
from controlplane.model.versions import FAMILIES, EngineVersion

WITHOUT_CLUSTER_MODE = frozenset({"redis2.6", "redis2.8"})
_CLUSTER_ON = ".cluster.on"

DEFAULT_GROUPS: dict[str, str] = {f"default.{family}": family for family in FAMILIES} | {
    f"default.{family}{_CLUSTER_ON}": family
    for family in FAMILIES - WITHOUT_CLUSTER_MODE
    if not family.startswith("memcached")
}


def clustered(group: str) -> bool:
    """Whether the caches of a default group have cluster mode enabled."""
    return group.endswith(_CLUSTER_ON)


def group_for(release: EngineVersion, wanted: str | None) -> str:
    """The group that a cache of that version uses, the default when none is wanted. Faults: unknown, unfit."""
    name = (wanted or release.default_group).lower()
    family = DEFAULT_GROUPS.get(name)
    if family is None:
        raise Fault("CacheParameterGroupNotFoundFault", f"CacheParameterGroup not found: {wanted}")
    engine = family.rstrip("0123456789.x")
    if engine != release.engine:
        raise invalid_combination(f"{engine} parameter group is not applicable to engine {release.engine}")
    if family != release.family:
        raise invalid_combination(
            f"Expected a parameter group of family {release.family} but found one of family {family}"
        )
    return name
