"""Parameter groups, those that exist without being created among them, and which cache may use which group.

Source: the ElastiCache user guide, "Parameter groups"; texts as AWS answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.parameters import CLUSTER_ENABLED, Modifiable, Parameter, Values, family_parameters
from cachewright.controlplane.model.versions import FAMILIES, Engine, EngineVersion

DATABASES = "databases"

WITHOUT_CLUSTER_MODE = frozenset({"redis2.6", "redis2.8"})
_CLUSTER_ON = ".cluster.on"


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """A parameter group of an account in a region, or one that exists everywhere."""

    name: str
    family: str
    description: str
    values: Values = ()  # what it sets, by name
    datastore: str = ""  # the id of the global datastore of which a member uses it, if it was made for that member

    @property
    def default(self) -> bool:
        """Whether it exists without being created; such a group never changes."""
        return self.name in DEFAULT_GROUPS

    @property
    def deviations(self) -> Values:
        """What its caches are set to: what differs from the family. Cluster mode has a place of its own in a spec."""
        usual = {row.name: row.value for row in family_parameters(self.family)}
        return tuple((name, value) for name, value in self.values if name != CLUSTER_ENABLED and usual[name] != value)

    @property
    def clustered(self) -> bool:
        """Whether the caches of the group have cluster mode enabled."""
        return self.name.endswith(_CLUSTER_ON) or dict(self.values).get(CLUSTER_ENABLED) == "yes"


def both_reservations(group: ParameterGroup) -> str:
    """Why a group cannot keep memory from items in two ways; empty when it does not. What is the family's does not
    count: the percentage gives way to a number of bytes.
    """
    both = {"reserved-memory", "reserved-memory-percent"} <= dict(group.deviations).keys()
    return "The parameters reserved-memory and reserved-memory-percent exclude each other." if both else ""


def _defaults() -> Mapping[str, ParameterGroup]:
    plain = [ParameterGroup(f"default.{each}", each, f"Default parameter group for {each}") for each in FAMILIES]
    clusters = [
        ParameterGroup(
            f"default.{each}{_CLUSTER_ON}",
            each,
            f"Customized default parameter group for {each} with cluster mode on",
        )
        for each in FAMILIES - WITHOUT_CLUSTER_MODE
        if not each.startswith(Engine.MEMCACHED)
    ]
    return {group.name: group for group in sorted([*plain, *clusters], key=lambda group: group.name)}


DEFAULT_GROUPS: Mapping[str, ParameterGroup] = _defaults()


def default_group(release: EngineVersion, *, clustered: bool) -> str:
    """The group of a cache of that version that names none."""
    return release.default_group + (_CLUSTER_ON if clustered else "")


def check_family(wanted: str) -> str:
    """A family as it is stored. Fault when there is none of that name."""
    if wanted.lower() not in FAMILIES:
        raise invalid_value(f"CacheParameterGroupFamily {wanted} is not a valid parameter group family.")
    return wanted.lower()


def check_usable(group: ParameterGroup, release: EngineVersion) -> None:
    """Fault when caches of that version cannot use the group."""
    engine = group.family.rstrip("0123456789.x")
    if engine != release.engine:
        raise invalid_combination(f"{engine} parameter group is not applicable to engine {release.engine}")
    if group.family != release.family:
        raise invalid_combination(
            f"Expected a parameter group of family {release.family} but found one of family {group.family}"
        )


def is_modifiable(parameter: Parameter, *, used: bool) -> bool:
    """Whether a group can set a parameter, as long as caches use the group or not."""
    return parameter.modifiable is Modifiable.ALWAYS or (parameter.modifiable is Modifiable.UNUSED and not used)


def lasting(group: ParameterGroup) -> dict[str, str]:
    """The values that no cache can change once it has them, as far as the family has such parameters."""
    own = dict(group.values)
    rows = (row for row in family_parameters(group.family) if row.modifiable is Modifiable.UNUSED)
    values = {row.name: own.get(row.name, row.value or "") for row in rows}
    return values | ({CLUSTER_ENABLED: "yes"} if group.clustered else {})


def check_move(before: ParameterGroup, after: ParameterGroup, *, switching: bool = False) -> None:
    """Fault when a cache cannot go from one group to the other: what lasts must be equal in both, as far as both
    families have it. `switching` is for a request that changes the cluster mode, too.
    """
    old, new = lasting(before), lasting(after)
    free = {CLUSTER_ENABLED} if switching else set()
    for name in sorted(old.keys() & new.keys() - free):
        if old[name] != new[name] and name == DATABASES:  # as when it is modified in a group that is used
            raise invalid_value(f"The parameter {name} cannot be modified.")
        if old[name] != new[name]:
            raise invalid_combination(
                f"The parameter {name} has a different value in the requested parameter group than the current"
                " parameter group. This parameter value cannot be changed for a cache cluster"
            )
