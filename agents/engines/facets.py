"""What only some engines can do. A driver has a facet or has not; a call that the engine does not take raises Later."""

from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cachewright.agents.engines.redis.acl_rules import AclRules
from cachewright.agents.engines.redis.directives import Configuration
from cachewright.agents.engines.source_access import OPEN, SourceAccess
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.links import Link, Reach
from cachewright.agents.planning.log_records import SlowEntry
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.migration import Source
from cachewright.controlplane.model.slots import Ranges


class Replication(Protocol):
    """Nodes that copy others."""

    def replicate_from(self, node: Reach, primary: Link, host: str = "", access: SourceAccess | None = None) -> None:
        """Become a replica of `primary`, and tell it that its address is `host`; empty: as it did before. One of the
        user's is entered by `access`.
        """

    def request_ack(self, node: Reach, primary: Reach, host: str = "") -> None:
        """Talk to the primary at once: how far it is, and what is new; and that its address is `host`, if it has told
        another one.
        """

    def promote(self, node: Reach) -> None:
        """Follow nobody any more, and take writes; in a cluster also the slots of the primary that it followed, whether
        the others agree or not.
        """

    def switchover(self, old_primary: Reach, candidate: Reach) -> bool:
        """Stop writes at the old primary, wait until the candidate has all of them, and promote it; whether the old
        primary still hears an agent. What fails before the promotion lets it take writes again.
        """

    def lag(self, replica: Reach, primary: Reach) -> float:
        """How many seconds after it was written something arrives at a replica, measured; as many as were waited when
        it has not arrived by then. Later when one of the two does not answer.
        """

    def resume_writes(self, node: Reach) -> None:
        """Take writes again that a switchover held back; nothing at a node that takes them."""

    def forget_access(self, node: Reach) -> None:
        """Know no more how a source of the user's was entered."""

    def source(self, address: Address, access: SourceAccess = OPEN) -> Source:
        """What an engine of the user's says of itself, asked as replicas reach it. Later, with why in words that go on
        "cannot migrate from x: ", when it does not.
        """

    def shut_down(self, node: Reach) -> None:
        """End the process of an old primary at once, and its clients' connections with it; nothing is saved. Sooner
        than the container engine can.
        """


@dataclass(frozen=True, slots=True)
class Move:
    """Slots on their way from one primary to another."""

    source: Reach
    target: Reach
    address: Address  # of the target, as the source reaches it
    slots: Ranges
    ids: tuple[str, str]  # of the source and of the target in the cluster
    limits: Mapping[str, str] = field(default_factory=dict)  # parameter values that the target shall have
    seconds: float = 0.25  # after which no further slot is begun
    patience: float = (
        3.0  # seconds of silence after which a node counts as dead: the source is not silent for that long
    )


class ClusterMode(Protocol):
    """Nodes that know each other, and share slots."""

    def cluster_meet(self, node: Reach, peers: Sequence[Address]) -> None:
        """Get to know these nodes of the cluster, which listen for clients there."""

    def cluster_join(self, node: Reach, peers: Sequence[Address]) -> None:
        """The same of one that was started apart from the others: it takes who is silent for failed from now on."""

    def cluster_follow(self, node: Reach, primary: str, slots: Ranges) -> None:
        """Follow the node of that id, which its file names, and go on serving these slots: clients see no other state
        between. Later for a node that follows nobody.
        """

    def cluster_forget(self, node: Reach, ids: Sequence[str]) -> None:
        """Forget the nodes of these ids: they are no more in the cluster."""

    def cluster_replicate(self, node: Reach, primary: str) -> None:
        """Become a replica of the cluster node of that id, which this one knows already."""

    def encrypt_bus(self, node: Reach, wanted: bool) -> None:
        """Connect to other cluster nodes encrypted from now on, or no more; connections that are there stay."""

    def cluster_announce(self, node: Reach, port: int) -> None:
        """Tell clients, and other nodes, that it takes encrypted connections at that port."""

    def cluster_announce_host(self, node: Reach, host: str) -> None:
        """Tell clients, other nodes and the primary that this is its address, at which it listens already."""

    def assign_slots(self, node: Reach, slots: Ranges) -> None:
        """Serve these slots from now on, whoever did before: the claim is newer than every other one."""

    def stabilize_slots(self, node: Reach, slots: Ranges) -> None:
        """These slots are on their way no more; whoever serves them goes on."""

    def end_migration(self, node: Reach, limits: Mapping[str, str]) -> None:
        """What an end of a move was made ready with is taken back; nothing where that has happened already. `limits`
        are the parameter values that it shall have.
        """

    def migrate_slots(self, move: Move) -> Ranges:
        """Move slots with their keys, while both ends keep serving them; those that have arrived when time is up.

        What an earlier attempt left half done is finished. No acknowledged write is lost, and a client that follows
        redirections sees no failure. Never when none of them can move: a key may be too large.
        """


class Acl(Protocol):
    """Nodes that tell one client from another."""

    def apply_acl(self, node: Reach, acl_rules: AclRules) -> None:
        """Let clients do what they may, and nothing else; the agent may do everything. At a node that shuts the agent
        out this is done with the login of clients, if that takes no token and may do so.
        """

    def hint_acl(self, node: Reach, acl_rules: AclRules, ids: Collection[str]) -> None:
        """Let the users of these ids do what they may, whatever comes of it: `apply_acl` makes sure."""

    def has_acl(self, node: Reach, acl_rules: AclRules) -> bool:
        """Whether that is so at a node that keeps no command for itself; logins that clients have made are their own
        business. No when it does not answer.
        """

    def try_acl(self, node: Reach, access: str) -> str:
        """What the engine says against the rules of an access string; empty when it takes them, or does not answer.
        Nobody has them afterwards.
        """

    def passwords(self, node: Reach, user: str) -> frozenset[str] | None:
        """The passwords of a user, as SHA-256; None when the node does not know the user. Later when it does not
        answer.
        """

    def change_passwords(self, node: Reach, user: str, added: Sequence[str], removed: Sequence[str]) -> None:
        """Give a user some more passwords, as SHA-256, and take those away; all else stays. Later when that is
        impossible, for one because the user has not all of those that are to go.
        """

    def end_connections(self, node: Reach, user: str, age: int) -> None:
        """End the connections of a user that were opened so many seconds ago, or before. Later when that fails."""

    def shuts_out(self, node: Reach) -> bool:
        """Whether it answers, but does not let the agent in, or do what it has to; no when it does not answer."""


class Parameters(Protocol):
    """Nodes that take other parameter values while they run."""

    def apply_parameters(self, node: Reach, wanted: Configuration) -> None:
        """Take these parameter values; Later in the engine's words when it does not."""

    def hint_parameters(self, node: Reach, wanted: Configuration) -> None:
        """Take these few parameter values, whatever comes of it: `apply_parameters` makes sure."""

    def has_parameters(self, node: Reach, wanted: Configuration) -> bool:
        """Whether it has these parameter values; no when it does not answer."""

    def try_parameters(self, node: Reach, wanted: Configuration) -> str:
        """What the engine says against these parameter values; empty when it takes them, or does not answer. It has
        its own again afterwards.
        """


@dataclass(frozen=True, slots=True)
class Save:
    """A save that was begun."""

    process: str  # names the process that saves
    last: int  # when the one before succeeded, in seconds of the node's clock


class Persistence(Protocol):
    """Nodes that write everything that they hold to a file."""

    def begin_save(self, node: Reach) -> Save:
        """Begin to write down everything as it is now; the node goes on serving. Later while it writes for somebody
        else. It may take a second until it begins.
        """

    def saved(self, node: Reach, save: Save) -> str | None:
        """The path in the node's container of a file that is whole, and not older than the save; None while it is
        being written. Later when nothing comes of it any more, with the reason.
        """

    def discarded(self) -> File:
        """What takes the place of that file once it was read: a node that is started again would have it all back."""


@dataclass(frozen=True, slots=True)
class Filling:
    """How far a node has what it was to begin with."""

    whole: bool  # all of it was added
    overfull: bool  # it has had to let go of some


class Contents(Protocol):
    """Nodes that are asked for all that they hold, and told it again, item by item, while they serve."""

    def dump(self, node: Reach) -> Generator[bytes]:
        """A file of everything, piece by piece; whoever reads no further closes it. Later when it cannot be had now."""

    def fill(self, node: Reach, pieces: Iterable[bytes]) -> None:
        """Add what is in such a file, but for what has expired or is there already, and have the node say that it has
        it, if `pieces` end as they should. Later when the node does not answer, Never for what is no such file or what
        the node does not take, and whatever `pieces` raise.
        """

    def filling(self, node: Reach) -> Filling | None:
        """How far a node has it, in its own words; None when it does not answer."""

    def settle(self, node: Reach) -> None:
        """Have a node say so no longer: clients could see it."""


class Renewal(Protocol):
    """Nodes whose process can begin anew in its container."""

    def renew(self, node: Reach) -> None:
        """End the process, with all connections and all that it holds, and wait for the one that begins in its place as
        the container was started. What it wrote to files stays. Later when that fails.
        """


@dataclass(frozen=True, slots=True)
class SlowLogEnd:
    """The newest entry of a slow log."""

    process: str  # names the process that has it: another one counts from 0
    id: int | None  # None: there is none


class SlowLog(Protocol):
    """Nodes that remember commands which took long. What the agent said itself is in no answer."""

    def end_of_slow_log(self, node: Reach) -> SlowLogEnd | None:
        """Its newest entry, be it the agent's own or not; None when it does not answer at once. Hardly dearer than a
        ping.
        """

    def slow_entries(self, node: Reach, count: int) -> Sequence[SlowEntry]:
        """The entries among the newest `count`, from the oldest to the newest. Later when it does not answer."""
