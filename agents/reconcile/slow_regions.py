"""Regions that were slowed down: remembered until they are brought up."""

import json

from cachewright.agents.planning.delays import Delays
from cachewright.controlplane.store.transaction import Transaction

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
    """The secondaries that follow later if a region is slow, by region and name; in cluster mode none does."""
    members = transaction.caches.mentioning(spec=_MEMBERS)
    links = (
        (cache.key, cache.spec.upstream.region) for cache in members if cache.spec.upstream and not cache.spec.clustered
    )
    return tuple(f"{key.region}/{key.id}" for key, followed in links if region in (key.region, followed))


def forget(transaction: Transaction) -> None:
    """All regions are as near as can be."""
    transaction.facts.write(FACT, "{}")
