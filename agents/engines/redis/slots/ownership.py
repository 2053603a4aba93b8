"""Who serves which slots, as a node says, and as it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from redis import Redis

from cachewright.agents.engines.redis.cluster_options import APART, TIMEOUT
from cachewright.agents.engines.redis.nodes_conf import membership
from cachewright.agents.planning.world import Membership
from cachewright.controlplane.model.slots import Ranges, difference, intersection

_NAMELESS = b"?"  # in place of a host name that the node that is asked has not heard yet


def view(client: Redis) -> Membership:
    """What a node says of its cluster."""
    pipeline = client.pipeline(transaction=False)
    pipeline.execute_command("CLUSTER", "NODES")
    pipeline.execute_command("CLUSTER", "INFO")
    pipeline.execute_command("CONFIG", "GET", "tls-cluster")
    pipeline.execute_command("CLUSTER", "SLOTS")
    pipeline.execute_command("CONFIG", "GET", TIMEOUT)
    nodes, info, encrypted, rows, silence = pipeline.execute()
    seen = membership(nodes.decode(), info.decode())
    apart = any(str(each).encode() in silence for each in APART)
    return replace(seen, encrypted=b"yes" in encrypted, listed=_listed(rows), named=_named(rows), apart=apart)


class Epochs(NamedTuple):
    """That of a node's own claims, and the newest that it has heard of."""

    own: int
    newest: int


def epochs(client: Redis) -> Epochs:
    """Those of a node."""
    told: Any = client.execute_command("CLUSTER", "INFO")
    rows = dict(line.split(":") for line in told.decode().split())
    return Epochs(int(rows["cluster_my_epoch"]), int(rows["cluster_current_epoch"]))


def may_claim(target: Epochs, source: Epochs) -> bool:
    """Whether a claim of the target's, after BUMPEPOCH, wins over every claim of the source's. One that has just come
    may not have heard of the source's epoch; of two with the same one, either may yet take another.
    """
    return target.newest >= source.newest and target.own != source.own


def _listed(rows: Iterable[Sequence[Any]]) -> frozenset[str]:
    """The ids in an answer to CLUSTER SLOTS: rows of the first slot, the last, and nodes as [host, port, id]."""
    return frozenset(node[2].decode() for row in rows for node in row[2:])


def _named(rows: Iterable[Sequence[Any]]) -> bool:
    """Whether an answer to CLUSTER SLOTS says of every node where it is."""
    return all(node[0] != _NAMELESS for row in rows for node in row[2:])


def assign(client: Redis, slots: Ranges) -> None:
    """Have a node serve slots; also those that it was about to receive or to give away."""
    here = view(client)
    stabilize(client, intersection(slots, here.opened))
    pipeline = client.pipeline(transaction=False)
    for slot in each(difference(slots, served(here))):
        pipeline.execute_command("CLUSTER", "SETSLOT", slot, "NODE", here.id)
    pipeline.execute_command("CLUSTER", "BUMPEPOCH")
    pipeline.execute()


def stabilize(client: Redis, slots: Ranges) -> None:
    """Have a node forget that slots were to come or to go."""
    pipeline = client.pipeline(transaction=False)
    for slot in each(slots):
        pipeline.execute_command("CLUSTER", "SETSLOT", slot, "STABLE")
    pipeline.execute()


def served(view: Membership) -> Ranges:
    """The slots that the node itself serves."""
    return view.peers[view.id].slots


def each(slots: Ranges) -> list[int]:
    """The slots one by one."""
    return [slot for first, last in slots for slot in range(first, last + 1)]
