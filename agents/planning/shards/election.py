"""Who shall lead a shard, and which nodes begin another life because of it. The first rule that decides wins."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cachewright.agents.planning.containers import State
from cachewright.agents.planning.labels import FINGERPRINT, LIFE, TRANSIT, has_volume, knows_login
from cachewright.agents.planning.nodes.lifecycle import fits, rebuilt, relocated, with_volume
from cachewright.agents.planning.shards.replicas import UNABLE, Replicas
from cachewright.agents.planning.world import Condition
from cachewright.controlplane.model.cache import Cache, NodeStatus, ShardStatus, Transit
from cachewright.controlplane.model.durability import Durability
from cachewright.controlplane.model.fingerprints import Fingerprints
from cachewright.controlplane.model.lifecycle import NodePhase


@dataclass(frozen=True, slots=True)
class Decision:
    """The shard's next report, and those of the nodes that it changes."""

    status: ShardStatus
    nodes: dict[str, NodeStatus]


@dataclass(frozen=True, slots=True)
class Election:
    """What the rules decide upon."""

    replicas: Replicas
    desired: frozenset[str]  # the nodes that shall be there in the end
    fingerprints: Fingerprints
    automatic_failover: bool
    seeding: bool = False  # the primary would begin once more with what a snapshot held
    sync: bool = False  # no acknowledged write may be lost: the log of the primary is the truth
    slow: bool = False  # a failover shall take its time, with nobody leading meanwhile
    over: bool = True  # that time is over, if the primary is lost
    now: datetime | None = None  # where it is slow
    fixed: bool = False  # every node's file says who leads: nobody takes its place, it begins anew


def candidates(cache: Cache) -> frozenset[str]:
    """Those who are to lead a `sync` shard in place of another node. Should both die, somebody has to know whether they
    had: then they have the last writes.
    """
    sync = cache.spec.durability is Durability.SYNC
    return frozenset(known.primary for known in cache.status.shards.values() if sync and known.old_primary)


def elect(election: Election) -> Decision:
    """The decision of the first rule that has one; else everything stays."""
    for rule in RULES:
        if decision := rule.decide(election):
            return decision
    status, leading = election.replicas.status, election.replicas.leading()
    return Decision(replace(status, lost_since=None) if status.lost_since and leading else status, {})


def _first(election: Election) -> Decision | None:
    """Nobody leads yet."""
    replicas = election.replicas
    if replicas.status.primary:
        return None
    return Decision(replace(replicas.status, primary=replicas.names[0]), {})


def _seeding(election: Election) -> Decision | None:
    """Nobody else begins with what a snapshot held."""
    return Decision(election.replicas.status, {}) if election.seeding else None


def _succeeding(election: Election) -> Decision | None:
    """One change at a time: until the new primary is seen to lead, nothing else is decided. If it dies before, another
    replica takes its place; without one the old primary stays, if nothing has become of it yet.
    """
    replicas = election.replicas
    status = replicas.status
    if not status.old_primary:
        return None
    if replicas.leading():
        return Decision(replace(status, old_primary=""), {})
    if _is_late(election):
        return Decision(replace(status, primary=status.old_primary, old_primary=""), {})
    if replicas.condition(status.primary) in UNABLE:
        resumed = _resumed(replicas)
        candidate = None if _is_logged(election) else _candidate(election, in_sync=False)
        if candidate and not (resumed and _lags(replicas, candidate)):
            return Decision(replace(status, primary=candidate), {})
        if resumed:
            return Decision(replace(status, primary=status.old_primary, old_primary=""), {status.old_primary: resumed})
        if _goes_back(election):
            return Decision(replace(status, primary=status.old_primary, old_primary=""), {})
    return Decision(status, {})


def _is_late(election: Election) -> bool:
    """Whether the old primary was lost before the chosen one took over, with writes in its log that the latter may
    lack: one that lives and does not lead, or that died and had not led, has taken none since.
    """
    replicas, status = election.replicas, election.replicas.status
    lost = replicas.world.at(status.old_primary).answer is None and replicas.would_return(status.old_primary)
    view, dead = replicas.view(status.primary), replicas.condition(status.primary) in UNABLE
    led = view.leads if view else replicas.world.at(status.primary).led if dead else None
    return election.sync and lost and led is False


def _is_logged(election: Election) -> bool:
    """Whether a log has every write that was acknowledged, so that no copy takes its place, which may lack some."""
    status = election.replicas.status
    leaders = (name for name in (status.primary, status.old_primary) if name)
    return election.sync and any(election.replicas.would_return(name) for name in leaders)


def _resumed(replicas: Replicas) -> NodeStatus | None:
    """The old primary in the life that was to end, when it still leads; what that is made of is on its labels."""
    name = replicas.status.old_primary
    sight = replicas.world.at(name)
    place = sight.answer.replication if sight.answer else None
    if sight.container is None or place is None or not place.leads:
        return None
    labels = sight.container.labels
    known, host = replicas.nodes[name], sight.container.host
    known = replace(known, moving_to="" if host == known.host else host)  # it has not gone yet where it was to move to
    return replace(
        with_volume(relocated(known), has_volume(labels)),
        life=int(labels[LIFE]),
        fingerprint=labels.get(FINGERPRINT, ""),
        transit=Transit(labels.get(TRANSIT, Transit.OFF)),
        login=knows_login(labels),
        phase=NodePhase.AVAILABLE,
    )


def _lags(replicas: Replicas, name: str) -> bool:
    """Whether a replica does not receive what the old primary, which goes on, is told."""
    view = replicas.view(name)
    return view is None or not view.linked


def _goes_back(election: Election) -> bool:
    """Whether a chosen primary that died before it led, with nothing in a log, gives way to the dead old one: because
    that has its log, or because the chosen one only stood in for it.
    """
    replicas, status = election.replicas, election.replicas.status
    sight = replicas.world.at(status.old_primary)
    ended = sight.container is None or sight.container.state not in (State.RUNNING, State.PAUSED)
    worth = replicas.would_return(status.old_primary) or status.primary not in election.desired
    return ended and worth and not replicas.would_return(status.primary)


def _adopted(election: Election) -> Decision | None:
    """The primary has become a replica of another node, which leads: somebody else's FAILOVER. The new one has taken
    every write since, and so it stays; the old one follows it, and has nothing that would be lost.
    """
    replicas = election.replicas
    view = replicas.view(replicas.status.primary)
    if view is None or view.leads or view.follows is None:
        return None
    for name in replicas.names:
        place = replicas.view(name)
        if place and place.leads and replicas.nodes[name].address.host == view.follows.host:
            return Decision(replace(replicas.status, primary=name), {})
    return None


def _promotion(election: Election) -> Decision | None:
    """Somebody was named by hand."""
    replicas, shard = election.replicas, election.replicas.shard
    if replicas.status.promotions == shard.promotions:
        return None
    if shard.candidate == replicas.status.primary:
        return Decision(replace(replicas.status, promotions=shard.promotions), {})
    if replicas.leading() and replicas.in_sync(shard.candidate):
        return _succession(election, shard.candidate, promotions=shard.promotions)
    return None


def _failover(election: Election) -> Decision | None:
    """A failover was asked for."""
    replicas, shard = election.replicas, election.replicas.shard
    candidate = _candidate(election, in_sync=True)
    if replicas.status.failovers == shard.failovers or not candidate or not replicas.leading():
        return None
    if election.fixed:
        if not replicas.is_fed():
            return None
        rest = replace(replicas.status, failovers=shard.failovers)
        return Decision(rest, {rest.primary: rebuilt(replicas.nodes[rest.primary], election.fingerprints)})
    slow = election.slow and not election.sync  # the log of a `sync` primary would bring it back
    return _lost(election) if slow else _succession(election, candidate, failovers=shard.failovers)


def _lost(election: Election) -> Decision:
    """A failover was asked for that is as slow as at AWS: the primary is gone first."""
    replicas, status = election.replicas, election.replicas.status
    lost = replace(status, failovers=replicas.shard.failovers, lost_since=election.now)
    return Decision(lost, {status.primary: rebuilt(replicas.nodes[status.primary], election.fingerprints)})


def _bereft(election: Election) -> Decision | None:
    """The primary was to copy from outside of the cache what the shard holds, and nobody is left there who has it. A
    replica that has it leads, whether failovers are automatic or not: nobody else does.
    """
    replicas = election.replicas
    if not replicas.is_bereft or _is_logged(election):
        return None
    candidate = _candidate(election, in_sync=False)
    return _succession(election, candidate) if candidate and replicas.has_copied(candidate) else None


def _loss(election: Election) -> Decision | None:
    """The primary is gone with what it held; a reboot that was asked for is no loss. If it has its log it begins with
    that, unless a live copy takes its place, which in a `sync` shard may lack a write; if only others have theirs, one
    of them leads, dead or alive.
    """
    replicas = election.replicas
    primary = replicas.status.primary
    node = replicas.nodes[primary]
    if node.created_at is None or node.rebooting_from or replicas.condition(primary) not in UNABLE:
        return None
    yields = election.automatic_failover and not _is_logged(election)
    if yields and (candidate := _candidate(election, in_sync=False)):
        if election.slow and not election.over:
            return Decision(replace(replicas.status, lost_since=replicas.status.lost_since or election.now), {})
        return _succession(election, candidate)
    if replicas.status.lost_since and _returns(replicas, yields=yields):
        return Decision(replace(replicas.status, lost_since=None), {})
    if replicas.would_return(primary):
        return None
    if holder := next((name for name in replicas.names if replicas.would_return(name)), ""):
        return _succession(election, holder)
    if primary not in election.desired:
        return _succession(election, replicas.names[0])
    return None


def _returns(replicas: Replicas, *, yields: bool) -> bool:
    """Whether a lost primary without a candidate is launched again, and not waited for: it has its log, or nobody else
    can have anything. Replicas that are only silent for a moment have what an empty primary would have them forget.
    """
    primary = replicas.status.primary
    others = (replicas.condition(name) for name in replicas.names if name != primary)
    return not yields or replicas.would_return(primary) or all(condition in UNABLE for condition in others)


def _departure(election: Election) -> Decision | None:
    """The primary left the spec, or only stood in for somebody."""
    if election.replicas.status.primary in election.desired or not election.replicas.leading():
        return None
    candidate = _candidate(election, in_sync=True)
    return _succession(election, candidate) if candidate in election.desired and candidate else None


def _renewal(election: Election) -> Decision | None:
    """Something is made otherwise than desired: replicas are rebuilt first, one by one, the primary after a change."""
    replicas, fingerprints = election.replicas, election.fingerprints
    outdated = [name for name in replicas.names if not fits(replicas.nodes[name], fingerprints)]
    if not outdated or not replicas.all_in_sync():
        return None
    for name in outdated:
        if name != replicas.status.primary:
            return Decision(replicas.status, {name: rebuilt(replicas.nodes[name], fingerprints)})
    if election.fixed:
        primary = replicas.status.primary
        return Decision(replicas.status, {primary: rebuilt(replicas.nodes[primary], fingerprints)})
    candidate = _candidate(election, in_sync=True)
    return _succession(election, candidate) if candidate else None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and in words when it decides and for whom."""

    name: str
    decide: Callable[[Election], Decision | None]
    when: str
    who: str


_LOST = (
    "the primary is dead, gone, refuses connections, is paused or hung, and automatic failover is on or its log is gone"
    "; with a pace, once that has taken as long as it shall"
)
_BEREFT = (
    "the primary is to lead from now on, and has nothing of what it was to copy: whoever had it in another region is"
    " lost, or followed no more"
)
_WHO = (
    "the replica that has most, unless a `sync` shard has its log, or it has nothing and one that was in sync may "
    "answer again; without one, of nodes with volumes one with its log"
)
_LATER = "nobody, until all replicas are renewed; then the replica in sync that has most"

RULES = (
    Rule("first", _first, "nobody leads yet", "the first node"),
    Rule("seeding", _seeding, "it begins with a snapshot, and was not available yet", "nobody else"),
    Rule("succeeding", _succeeding, "the chosen one does not lead yet", "nobody else: one change at a time"),
    Rule("adopted", _adopted, "the primary follows another node, which leads: a client's `FAILOVER`", "that one"),
    Rule("promotion", _promotion, "`PrimaryClusterId` names one", "that one, when it is in sync"),
    Rule("failover", _failover, "`TestFailover`", "the replica in sync that has most"),
    Rule("bereft", _bereft, _BEREFT, "the replica that has most of what the shard held"),
    Rule("loss", _loss, _LOST, _WHO),
    Rule("departure", _departure, "the primary is not desired any more, or only stood in", "a desired replica in sync"),
    Rule("renewal", _renewal, "something is made otherwise than desired", _LATER),
)


def _succession(
    election: Election, candidate: str, *, failovers: int | None = None, promotions: int | None = None
) -> Decision:
    """Another primary; with it, as many failovers or promotions are done as given."""
    replicas, status = election.replicas, election.replicas.status
    old_primary = status.primary
    node = replicas.nodes[old_primary]
    condition = replicas.condition(old_primary)
    gone = condition is Condition.STALE or (condition is Condition.ABSENT and status.lost_since is not None)
    reborn = node if gone else rebuilt(node, election.fingerprints)
    status = replace(
        status,
        primary=candidate,
        old_primary=old_primary,
        lost_since=None,
        failovers=status.failovers if failovers is None else failovers,
        promotions=status.promotions if promotions is None else promotions,
    )
    return Decision(status, {old_primary: reborn})


def _holds(replicas: Replicas, name: str) -> bool:
    """Whether a live replica may have what the shard held, as far as that is known. Where the primary would return with
    all of it, a copy of that is needed; where another one would return, at least as much.
    """
    if replicas.is_copy(name):
        return True
    others = [one for one in replicas.names if replicas.would_return(one)]
    return not others or (name in others and replicas.status.primary not in others)


def _candidate(election: Election, *, in_sync: bool) -> str | None:
    """The replica that has most of what the primary had; of equals a desired one, then the first. One that never was in
    sync has nothing: whoever was, and may answer again, is waited for.
    """
    replicas = election.replicas
    best: tuple[bool, int, bool, int] | None = None
    for number, name in enumerate(replicas.names):
        view = replicas.view(name)
        if name == replicas.status.primary or view is None or view.leads:
            continue
        if replicas.in_sync(name) if in_sync else _holds(replicas, name):
            rank = replicas.has_copied(name), view.offset, name in election.desired, -number
            best = max(best or rank, rank)
    if best is None or (not best[0] and (replicas.awaits_replica() or replicas.awaits_old_primary())):
        return None
    return replicas.names[-best[-1]]
