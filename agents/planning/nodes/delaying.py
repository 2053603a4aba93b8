"""By which way a node follows somebody of another region: directly, or by a relay beside it that delays."""

from dataclasses import replace

from cachewright.agents.planning.containers import State
from cachewright.agents.planning.labels import BESIDE, DELAYED
from cachewright.agents.planning.links import Link, door
from cachewright.agents.planning.world import Sight


def delayed(link: Link) -> str:
    """What the label of the relay says by which somebody is followed."""
    return f"{link.address} {link.delay}"


def is_made_for(sight: Sight, link: Link) -> bool:
    """Whether the relay beside a node was made for a link, and shares the network of the node's present start."""
    relay, node = sight.delayer, sight.container
    if relay is None or node is None or relay.state is not State.RUNNING:
        return False
    return relay.labels.get(BESIDE) == node.started_at and relay.labels.get(DELAYED) == delayed(link)


def is_open(sight: Sight, link: Link) -> bool:
    """Whether the way of a link is there: a relay takes connections, if there is to be one."""
    return not link.delay or (is_made_for(sight, link) and not sight.delayer_refuses)


def way(link: Link, sight: Sight) -> Link:
    """The link as the node is to be told it: by the relay, if there is a delay. As long as that takes no connections, a
    node that follows directly goes on with it: nobody is cut off for want of a relay.
    """
    if not link.delay:
        return link
    place = sight.answer.replication if sight.answer else None
    if place and not place.leads and place.follows == link.address and not is_open(sight, link):
        return link
    return replace(link, address=door(link.address))
