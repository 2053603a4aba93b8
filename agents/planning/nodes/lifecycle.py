"""What becomes of each node: which life it should be in, and what was learnt from its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cachewright.agents.planning.labels import FINGERPRINT, LIFE, PARAMETERS, STATIC
from cachewright.agents.planning.nodes.parameters import tuned
from cachewright.agents.planning.world import Condition, Sight, condition
from cachewright.controlplane.model.cache import Address, Node, NodeStatus
from cachewright.controlplane.model.fingerprints import Fingerprints
from cachewright.controlplane.model.lifecycle import NodePhase

STILLBORN_REST = timedelta(seconds=1)  # before a node that never answered is built again; twice as long every time,
LONGEST_REST = timedelta(seconds=30)  # and so long at most
LONG_WORK = 10  # times the patience that a busy node gets which others can stand in for
UNTEACHABLE = timedelta(seconds=10)  # for which a node does not do as it is told, until it is rebuilt
SLOW_START = 10  # times the patience that a node gets for its first answer
HOPELESS = 2  # starts in a row at which an engine ends with an error


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a node: what every rule below decides upon."""

    node: Node
    status: NodeStatus
    sight: Sight
    now: datetime
    patience: timedelta
    fingerprints: Fingerprints
    irreplaceable: bool = False  # nobody else holds what the node does
    seeding: bool = False  # it begins with what a snapshot held
    unheard: bool = False  # the host of its container does not answer
    hidden: bool = False  # it is asked through a gateway that serves nobody: it may answer others
    leaving: bool = False  # it gives its place as primary away

    def silent_for(self, limit: timedelta) -> bool:
        since = self.status.silent_since
        return since is not None and self.now - since >= limit

    def busy_for(self, limit: timedelta) -> bool:
        since = self.status.busy_since
        return since is not None and self.now - since >= limit

    @property
    def since(self) -> datetime:
        """Since when it does not answer. That takes as long as the driver waits: the silence began when it asked."""
        return self.sight.asked or self.now


def next_status(look: Look) -> NodeStatus:
    """The node's status, after a look at it."""
    return RULES[condition(look.sight, look.status)].decide(look)


def _live(look: Look) -> NodeStatus:
    status, answer, container = look.status, look.sight.answer, look.sight.container
    assert answer is not None
    assert container is not None
    seen = replace(
        status,
        answered=status.life,
        created_at=status.created_at or look.now,
        build=answer.build,
        image=container.image or status.image,
        silent_since=None,
        busy_since=None,
        worked=0,
    )
    seen = tuned(seen, look.sight, look.fingerprints)
    if seen.rebooting_from and container.started_at != seen.rebooting_from:
        return replace(seen, reboots=look.node.reboots, rebooting_from="", phase=NodePhase.AVAILABLE)
    return _rebooting(look, seen, container.started_at)


def _rebooting(look: Look, status: NodeStatus, start: str) -> NodeStatus:
    """A reboot that was asked for begins: it ends the present start."""
    if status.reboots < look.node.reboots and not status.rebooting_from:
        return replace(status, rebooting_from=start, phase=NodePhase.REBOOTING)
    return status


def _silent(look: Look) -> NodeStatus:
    status = look.status
    if look.hidden:
        return replace(status, silent_since=None, busy_since=None)
    limit = look.patience if status.answered == status.life else look.patience * SLOW_START
    if look.silent_for(limit):
        return rebuilt(replace(status, fenced=status.life), look.fingerprints)
    return replace(status, silent_since=status.silent_since or look.since)


def _stale(look: Look) -> NodeStatus:
    """One that gives its place away may go on until it was silent for the patience. On a host that does not answer any
    more it is fenced then: it was silent for as long as a lease lasts.
    """
    status, sight = look.status, look.sight
    if sight.answer or sight.container is None or look.hidden or not (look.unheard or look.leaving):
        return replace(status, silent_since=None)
    if look.unheard and look.silent_for(look.patience):
        return replace(status, fenced=int(sight.container.labels[LIFE]))
    return replace(status, silent_since=status.silent_since or look.since)


def _busy(look: Look) -> NodeStatus:
    """It gets more time, and all the time in the world when what it holds would be lost with it; a reboot ends that."""
    status, container = look.status, look.sight.container
    assert container is not None
    if look.hidden:
        return _silent(look)
    if not look.irreplaceable and look.busy_for(look.patience * LONG_WORK):
        return rebuilt(status, look.fingerprints)
    worked = look.sight.worked or 0
    seen = replace(status, silent_since=look.since, busy_since=status.busy_since or look.since, worked=worked)
    return _rebooting(look, seen, container.started_at)


def _shut_out(look: Look) -> NodeStatus:
    """It serves, but nobody can see how it is: it is given time to be told its logins again. What only it holds is not
    thrown away for that; a reboot does.
    """
    status, container = look.status, look.sight.container
    assert container is not None
    if look.hidden:
        return _silent(look)
    if not look.irreplaceable and look.busy_for(UNTEACHABLE):
        return rebuilt(status, look.fingerprints)
    seen = replace(status, silent_since=look.since, busy_since=status.busy_since or look.since)
    return _rebooting(look, seen, container.started_at)


def _dead(look: Look) -> NodeStatus:
    """A node that refuses to start is given time, but not when something else is desired of it by now."""
    status = look.status
    if _cannot_load(look):
        return status
    if status.rebooting_from or status.answered == status.life or _made_otherwise(look) or look.silent_for(_rest(look)):
        return rebuilt(status, look.fingerprints)
    return replace(status, silent_since=status.silent_since or look.now)


def _rest(look: Look) -> timedelta:
    doublings = min(stillbirths(look.status) - 1, 10)
    return min(STILLBORN_REST * (1 << doublings), LONGEST_REST)


def stillbirths(status: NodeStatus) -> int:
    """How many lives in a row, with the present one, a node has not answered in."""
    return status.life - status.answered


def _cannot_load(look: Look) -> bool:
    """Whether a node has ended over the file that it is to begin with, which is the same at every start."""
    container = look.sight.container
    if not look.seeding or container is None or _made_otherwise(look):
        return False
    return container.starved or (container.failed and stillbirths(look.status) >= HOPELESS)


def _made_otherwise(look: Look) -> bool:
    """Whether the container that is there was made from other values than those that are desired now."""
    container, desired = look.sight.container, look.fingerprints
    assert container is not None
    wanted = {FINGERPRINT: desired.fingerprint, PARAMETERS: desired.immediate, STATIC: desired.static}
    return any(container.labels.get(label) != value for label, value in wanted.items())


def _loading(look: Look) -> NodeStatus:
    """It takes as long as it takes."""
    return replace(look.status, silent_since=None, busy_since=None, worked=0)


def _absent(look: Look) -> NodeStatus:
    status = replace(look.status, silent_since=None)
    return rebuilt(status, look.fingerprints) if status.answered == status.life else status


def _unchanged(look: Look) -> NodeStatus:
    return look.status


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of a node in some condition, and in words why it is in it and what happens."""

    decide: Callable[[Look], NodeStatus]
    because: str
    then: str


_LAUNCHED = "launched; if it had answered before, in its next life"
_REPLACED = "replaced by one of the present life"
_HUNG = f"next life, after `CACHEWRIGHT_PATIENCE`; {SLOW_START} times as long for the first answer"
_ENDED = f"next life; it waits {STILLBORN_REST.seconds} s, 2 s, 4 s, ... {LONGEST_REST.seconds} s if it never answered"
_LISTENS_NOT = "as silent; a primary with automatic failover loses its place at once"
_BUSY = f"nothing; next life after {LONG_WORK} times `CACHEWRIGHT_PATIENCE` if what it holds survives it"
_TOLD = f"told its logins again; next life after {UNTEACHABLE.seconds} s if what it holds survives it"
_LOADS = "nothing, however long it takes; no other node of its shard is launched before"
_UNPAUSED = "unpaused; a primary with automatic failover loses its place"
_KEPT = "nothing; if something was modified, next life when it is its turn"

RULES: Mapping[Condition, Rule] = {
    Condition.ABSENT: Rule(_absent, "the node is new, or somebody removed it", _LAUNCHED),
    Condition.STALE: Rule(_stale, "it was decided to rebuild it", _REPLACED),
    Condition.DEAD: Rule(_dead, "the process ended", _ENDED),
    Condition.SILENT: Rule(_silent, "it runs but does not answer", _HUNG),
    Condition.REFUSING: Rule(_silent, "its process has just ended, and Docker has not said so yet", _LISTENS_NOT),
    Condition.BUSY: Rule(_busy, "it works without answering, or a client has paused it", _BUSY),
    Condition.PAUSED: Rule(_unchanged, "somebody paused it", _UNPAUSED),
    Condition.SHUT_OUT: Rule(_shut_out, "a client has taken Cachewright's login from it", _TOLD),
    Condition.LOADING: Rule(_loading, "it reads what a snapshot held, or its log", _LOADS),
    Condition.LIVE: Rule(_live, "it answers", _KEPT),
}


def rebuilt(status: NodeStatus, fingerprints: Fingerprints) -> NodeStatus:
    """The same node in its next life. A reboot in progress ends with it: the contents are gone either way."""
    first = status.phase is NodePhase.CREATING
    return replace(
        relocated(with_volume(status, fingerprints.logged)),
        phase=NodePhase.CREATING if first else NodePhase.RECOVERING,
        life=status.life + 1,
        fingerprint=fingerprints.fingerprint,
        transit=fingerprints.transit,
        login=fingerprints.login,
        silent_since=None,
        busy_since=None,
        worked=0,
        astray_since=None,
        rebooting_from="",
    )


def fits(status: NodeStatus, fingerprints: Fingerprints) -> bool:
    """Whether a node is made as desired, and may stay where it is."""
    return fingerprints.fit(status.fingerprint) and not status.moving_to


def relocated(status: NodeStatus) -> NodeStatus:
    """A node whose life from now on is where it was to move to, if it was: at another address, since a Swarm keeps that
    of a container on a host that died. Its volume there is another one, and empty; no name of a host has a dot.
    """
    if not status.moving_to:
        return status
    host = status.moving_to
    volume, spare = (on_host(name, host) for name in (status.volume, status.spare))
    here, there = status.address, status.other_address
    moved = replace(status, address=Address(there, here.port), other_address=here.host) if there else status
    return replace(moved, host=host, moving_to="", volume=volume, spare=spare, logged=False, copied="")


def on_host(volume: str, host: str) -> str:
    """What a volume of that name is called on a host of several."""
    own = volume.partition(".")[0]
    return f"{own}.{host}" if own and host else own


def with_volume(status: NodeStatus, logged: bool | None) -> NodeStatus:
    """A node whose life has a volume, or has none; None: as before. Nobody knows yet what is on another one."""
    if logged is None or logged == bool(status.volume):
        return status
    return replace(status, volume=status.spare, spare=status.volume, logged=False, copied="")
