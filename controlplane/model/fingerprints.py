"""What a node is made from, in short: two nodes of the same make are alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cachewright.controlplane.model.cache import Spec, Transit
from cachewright.controlplane.model.parameters import Values, family_parameters, needs_reboot, reads_when_down
from cachewright.controlplane.model.users import User
from cachewright.controlplane.model.versions import Engine, numbers

LOGINS_FROM = (6,)  # the version of Redis that knows them, and rules about who may do what
_AT_START = frozenset({"rename-commands"})  # AWS's engines take it at once, the public ones as they start

# Of the table of restricted commands (agents/engines/redis/restricted_commands.py): with another number, running nodes
# are told the new rules. Releases before said "restricted" alone.
RESTRICTIONS = 2
BESIDES = 1  # the same of what serverless caches keep besides


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """How the next life of a node is to be."""

    fingerprint: str  # everything that only a rebuilt node can change
    transit: Transit
    login: bool  # whether the engine knows logins
    access: str  # everything about logins, which a running node can change
    immediate: str  # what parameter group, Durability and others set and a running node can change; empty: nothing
    static: str  # what the parameter group sets and only another start can change
    logged: bool | None = None  # whether it has a volume to log to; None: as before
    kept: frozenset[str] = frozenset()  # fingerprints of nodes that stay although they are made otherwise

    def fit(self, fingerprint: str) -> bool:
        """Whether a node that is made so may stay."""
        return fingerprint == self.fingerprint or fingerprint in self.kept


def fingerprints_of(spec: Spec) -> Fingerprints:
    """Of every node of a cache as it is desired now. Running containers carry these digests: the same spec has the same
    ones in every release.
    """
    fingerprint, *others = (_fingerprint(spec, name) for name in (*reversed([one.name for one in spec.updates]), ""))
    restricted = (f"restricted {RESTRICTIONS}",) if spec.restricted else ()
    unlisted = ("unlisted",) if spec.restricted and spec.auth.tokens else ()  # since nobody is shown hashes of tokens
    besides = (f"serverless {BESIDES}",) if spec.serverless else ()
    users = (spec.user_group, *map(_line, spec.users)) if spec.user_group else ()
    access = _digest(*spec.auth.tokens, str(spec.auth.required), *restricted, *besides, *unlisted, *users)
    immediate, static = _digests(spec.release.family, spec.parameters)
    immediate = _digest(immediate, spec.durability) if spec.durable else immediate
    immediate = _digest(immediate, "reads when down") if reads_when_down(spec) else immediate
    most = spec.limits.data_storage.maximum if immediate else 0
    immediate = _digest(immediate, f"storage {most}") if most else immediate
    logged = True if spec.durable else False if spec.in_memory else None
    kept = frozenset(others if spec.updates and spec.updates[-1].stopped_at else ())
    return Fingerprints(fingerprint, spec.transit, knows_logins(spec), access, immediate, static, logged, kept)


def knows_logins(spec: Spec) -> bool:
    """Whether its engine does."""
    return spec.replicates and numbers(spec.version) >= LOGINS_FROM


def _fingerprint(spec: Spec, update: str) -> str:
    """Of what only a rebuilt node can change, with a service update; empty: with none."""
    clustered, durable = ("clustered",) if spec.clustered else (), ("durable",) if spec.durable else ()
    updated = (f"update {update}",) if update else ()
    return _digest(spec.engine, spec.version, spec.node_type, spec.transit, *clustered, *durable, *updated)


def waits_for_start(family: str, name: str) -> bool:
    """Whether a node takes another value of a parameter only as it starts; KeyError for one that the family lacks."""
    return name in _AT_START or needs_reboot(family, name)


@lru_cache(1024)
def _digests(family: str, parameters: Values) -> tuple[str, str]:
    """Of what can be changed in a running node, and of what cannot."""
    if family.startswith(Engine.MEMCACHED):
        return "", _digest(*_lines(parameters))
    at_start = {row.name for row in family_parameters(family) if waits_for_start(family, row.name)}
    return (
        _digest(*_lines((name, value) for name, value in parameters if name not in at_start)),
        _digest(*_lines((name, value) for name, value in parameters if name in at_start)),
    )


def _line(user: User) -> str:
    return "\t".join((user.id, user.name, user.access, user.authentication, *user.passwords))


def _lines(parameters: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{name} {value}" for name, value in parameters)


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:12]
