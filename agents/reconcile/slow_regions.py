"""Regions that were slowed down: remembered until they are brought up."""

import json

from cachewright.agents.planning.delays import Delays
from cachewright.controlplane.store.database import Transaction

FACT = "slow regions"
_MEMBERS = '"datastore":{'  # in the specs of caches that regions have to do with each other by


def delays_in(transaction: Transaction) -> Delays:
    """How late everything arrives that regions send each other."""
    return Delays(json.loads(transaction.facts.read(FACT) or "{}"))


def slow_down(transaction: Transaction, region: str, delay: int) -> int:
    """A region is so many milliseconds away from all others from now on, 0: as near as can be; how many it was. The
    members of global datastores are due.
    """
    known = dict(delays_in(transaction).of)
    before = known.pop(region, 0)
    if delay:
        known[region] = delay
    if delay != before:
        transaction.facts.write(FACT, json.dumps(known))
        transaction.due.update(cache.key for cache in transaction.caches.mentioning(spec=_MEMBERS))
    return before


def followers(transaction: Transaction, region: str) -> tuple[str, ...]:
    """The secondaries that what a region sends, or is sent, has to do with, by region and name."""
    found = (cache for cache in transaction.caches.mentioning(spec=_MEMBERS) if cache.spec.upstream)
    near = (
        cache for cache in found if cache.spec.upstream and region in (cache.key.region, cache.spec.upstream.region)
    )
    return tuple(f"{cache.key.region}/{cache.key.id}" for cache in near)


def forget(transaction: Transaction) -> None:
    """All regions are as near as can be."""
    transaction.facts.write(FACT, "{}")
