"""Names of containers on several hosts. A node's is called the same in every life, so two hosts may have it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from cachewright.agents.planning.containers import Container
from cachewright.agents.planning.labels import LIFE

_AT = "@"  # no engine allows it in a name


def told_apart(containers: Iterable[Container]) -> list[Container]:
    """Each by a name of its own, by which they are ordered: of those that are called the same the one of the latest
    life is called so, the others NAME@HOST.
    """
    alike: defaultdict[str, list[Container]] = defaultdict(list)
    for one in containers:
        alike[one.name].append(one)
    found: list[Container] = []
    for same in alike.values():
        latest, *others = sorted(same, key=_age, reverse=True)
        found += [latest, *(replace(one, name=f"{one.name}{_AT}{one.host}") for one in others)]
    return sorted(found, key=lambda one: one.name)


def parted(name: str) -> tuple[str, str]:
    """What its host calls a container, and the host if the name says it."""
    own, _, host = name.partition(_AT)
    return own, host


def _age(one: Container) -> tuple[int, str, str]:
    life = one.labels.get(LIFE, "")
    return int(life) if life.isdecimal() else 0, one.started_at, one.host
