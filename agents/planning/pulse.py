"""What a node is asked again and again while its cache rests: the least that tells whether it is as it was decided."""

from dataclasses import dataclass, field

from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.world import Answer
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.fingerprints import fingerprints_of, knows_logins
from cachewright.controlplane.model.slots import EVERY, size, union


@dataclass(frozen=True, slots=True)
class ClusterPulse:
    """A cluster node's view of its cluster, in numbers."""

    serves: bool
    known: int  # nodes, itself among them
    slots: int  # that somebody serves, as far as it knows
    epoch: int = field(default=0, compare=False)  # of its own claims, or its primary's: another one, when slots moved
    opened: bool = False  # it is about to give slots away or to receive some; not asked where clients cannot have it so


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a node says of itself, in short."""

    leads: bool | None = None  # None: nobody follows anybody
    follows: str = ""  # the host of its primary
    linked: bool = True  # it receives what its primary writes, if it has one
    access: str | None = None  # see Answer
    cluster: ClusterPulse | None = None
    told: str = field(default="", compare=False)  # of logins and parameters: another one, when somebody has set some


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a node is asked."""

    node: Reach
    thorough: bool = False  # no: only whether it answers
    clustered: bool = False  # it knows others
    exposed: bool = False  # see `exposed`


def exposed(cache: Cache) -> bool:
    """Whether clients may tell its nodes other logins and parameter values, so that these are to be looked at."""
    return cache.spec.replicates and not (cache.spec.restricted and knows_logins(cache.spec))


def expected(cache: Cache, name: str, *, login: bool) -> Pulse | None:
    """What a node of a cache that rests says, if nobody has told it otherwise; `login`: whether it knows logins. None
    where nothing is expected but that it answers.
    """
    spec, status = cache.spec, cache.status
    if not spec.replicates or all(name != node.name for node in spec.nodes):
        return None
    known = status.shards[cache.shard_of(name).id]
    upstream = known.upstream if name == known.primary else None
    followed = upstream if name == known.primary else status.nodes[known.primary].address
    clustered = spec.clustered and not upstream  # which others it knows is told by the other cluster's report
    return Pulse(
        leads=followed is None,
        follows=followed.host if followed else "",
        access=fingerprints_of(spec).access if login else None,
        cluster=ClusterPulse(serves=True, known=len(status.nodes), slots=size(EVERY)) if clustered else None,
    )


def pulse_of(answer: Answer, epoch: int = 0) -> Pulse:
    """The same, out of what a node says at length, and the epoch of its claims."""
    place, view = answer.replication, answer.membership
    if place is None:
        return Pulse()
    served = union(*(peer.slots for peer in view.peers.values())) if view else ()
    cluster = ClusterPulse(view.serves, len(view.peers), size(served), epoch, bool(view.opened)) if view else None
    follows = place.follows.host if place.follows else ""
    return Pulse(place.leads, follows, place.leads or place.linked, answer.access, cluster)
