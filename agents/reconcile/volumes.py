"""The volumes of nodes that keep what they hold: which ones have one, what it is called, whose it is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Protocol, TypeVar

from cachewright.agents.planning.labels import CACHE, INCARNATION, NODE, Labels
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key


class Labelled(Protocol):
    """A container or a volume."""

    @property
    def labels(self) -> Labels:
        """Whose it is."""


L = TypeVar("L", bound=Labelled)


def volume_for(tools: Tools, cache: Cache, node: str) -> str:
    """What the volume of a node that comes now is called; empty when it gets none: a durable cache has them whatever
    the setting says. Not a word of the name is a user's, and a node that leaves and comes again has another one.
    """
    kept = tools.keep_data and cache.spec.replicates and not cache.spec.in_memory
    if not (kept or cache.spec.durable):
        return ""
    digest = sha256(f"{cache.incarnation} {node} {cache.generation}".encode()).hexdigest()
    return f"cachewright-{tools.instance}-{digest[:24]}"


def note_for(tools: Tools, cache: Cache) -> str:
    """That what a durable cache holds can be read, or why a cache is not kept although others are; empty for those that
    are, and for Memcached, of which nobody expects it.
    """
    if cache.spec.durable:
        return (
            "AtRestEncryptionEnabled is shown, but the logs of this durable cache lie on volumes of Docker's, not "
            "encrypted by Cachewright."
        )
    if not tools.keep_data or not cache.spec.replicates or not cache.spec.at_rest:
        return ""
    return (
        "CACHEWRIGHT_KEEP_DATA does not keep what this cache holds: with AtRestEncryptionEnabled nothing of it is "
        "written to a disk."
    )


def carrying(cache: Cache, listed: Callable[[Labels], Iterable[L]]) -> Iterator[L]:
    """What carries the name of the cache, and of its origins what is of its nodes by now."""
    for found in listed({CACHE: str(cache.key)}):
        if found.labels.get(NODE) not in cache.spec.released:
            yield found
    for origin in cache.spec.origins:
        key: Key = replace(cache.key, kind=origin.kind, id=origin.id)
        for found in listed({CACHE: str(key), INCARNATION: origin.incarnation}):
            name = found.labels.get(NODE)
            if name in cache.status.nodes and name not in cache.spec.released:
                yield found


def volumes_of(tools: Tools, cache: Cache, claimed: Callable[[Labels], bool]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The volumes of the cache's nodes that are there, and those of nodes that it has no more. The container engine is
    asked only where there may be any.
    """
    nodes = cache.status.nodes.values()
    wanted = {known.volume for known in nodes} - {""}
    if not wanted and not any(known.spare for known in nodes) and not tools.keep_data:
        return frozenset(), ()
    found = {volume.name: volume for volume in carrying(cache, tools.runtime.volumes)}
    rest = sorted(name for name, volume in found.items() if name not in wanted and not claimed(volume.labels))
    return frozenset(found.keys() & wanted), tuple(rest)
