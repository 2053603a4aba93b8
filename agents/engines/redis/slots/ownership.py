"""Who serves which slots, as a node says, and as it is told."""

from dataclasses import replace

from redis import Redis

from cachewright.agents.engines.redis.nodes_conf import membership
from cachewright.agents.planning.world import Membership
from cachewright.controlplane.model.slots import Ranges, difference, intersection


def view(client: Redis) -> Membership:
    """What a node says of its cluster."""
    pipeline = client.pipeline(transaction=False)
    pipeline.execute_command("CLUSTER", "NODES")
    pipeline.execute_command("CLUSTER", "INFO")
    pipeline.execute_command("CONFIG", "GET", "tls-cluster")
    nodes, info, encrypted = pipeline.execute()
    return replace(membership(nodes.decode(), info.decode()), encrypted=b"yes" in encrypted)


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
