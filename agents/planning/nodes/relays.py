"""Which nodes have a relay beside them, and which one: on the way to encryption one that takes plain and encrypted
connections, and in a serverless cache with a limit of ECPUs one that counts.
"""

from collections.abc import Callable
from functools import partial

from cachewright.agents.planning.actions import Relay
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.images import DIRECTORY, GATEWAY, Image, ImageNeed
from cachewright.agents.planning.labels import BESIDE, METERED
from cachewright.agents.planning.world import Sight
from cachewright.controlplane.model.cache import NodeStatus, Spec, Transit


def metered(spec: Spec) -> int:
    """How many ECPUs per second a cache may use, if that is counted; 0: it is not. Of Memcached nobody counts them."""
    return spec.limits.ecpu_per_second.maximum if spec.replicates else 0


def needs_relay(spec: Spec, known: NodeStatus) -> bool:
    """Whether there is to be a relay beside a node."""
    return known.transit is Transit.PREFERRED or metered(spec) > 0


def relayed(spec: Spec, sight: Sight) -> bool:
    """Whether the relay beside a node works: it shares the network of the node's present start, and counts as far as it
    shall.
    """
    relay, node = sight.relay, sight.container
    if relay is None or node is None or relay.state is not State.RUNNING:
        return False
    rate = metered(spec)
    return relay.labels.get(BESIDE) == node.started_at and relay.labels.get(METERED, "") == (str(rate) if rate else "")


def lacks_relay(spec: Spec, sight: Sight, known: NodeStatus) -> bool:
    """Whether there is no relay beside a node as there should be."""
    return needs_relay(spec, known) and not relayed(spec, sight)


def is_reached(spec: Spec, sight: Sight, known: NodeStatus) -> bool:
    """Whether clients that come by the relay of a node, if there is to be one, are let in: its program takes a while to
    start.
    """
    return not lacks_relay(spec, sight, known) and not sight.relay_refuses


def relay_for(spec: Spec, name: str, start: str) -> tuple[ImageNeed, Callable[[Image], Relay]]:
    """What the relay of a node is made from, and how."""
    rate = metered(spec)
    return DIRECTORY if rate else GATEWAY, partial(Relay, name, start, rate=rate)
