"""What a pretend process in cluster mode knows of its cluster, and how it comes to know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cachewright.agents.planning.cluster.nodes import NO_BUS
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.slots import Ranges, difference, intersection, parsed, slot_of, union


@dataclass(frozen=True, slots=True)
class Statement:
    """What a node says of itself."""

    address: Address
    follows: str = ""  # the id of its primary
    slots: Ranges = ()
    epoch: int = 0  # the newer claim to a slot wins


@dataclass(slots=True, eq=False)
class Member:
    """One node's knowledge. It outlives the process, as the file does that a real node keeps."""

    id: str
    known: dict[str, Statement]  # the last of everybody, and its own
    meeting: set[Address] = field(default_factory=set)
    opened: Ranges = ()  # slots that are on their way: a move that ended halfway (tests set it)
    unshown: set[str] = field(default_factory=set)  # whom it does not tell clients of, until they meet (tests set it)
    forgotten: set[str] = field(default_factory=set)  # hearsay does not bring them back
    apart: set[str] = field(
        default_factory=set
    )  # of whom its file names a wrong port, so that it hears nothing of them

    @property
    def own(self) -> Statement:
        """Its own statement."""
        return self.known[self.id]

    def text(self) -> str:
        """What it keeps of itself, as in the file that a real node writes."""
        role = "slave" if self.own.follows else "master"
        place = f"{self.own.address.host}:{self.own.address.port}"
        return f"{self.id} {place}@1 myself,{role} {self.own.follows or '-'} 0 0 {self.own.epoch} connected\n"

    def served(self) -> dict[str, Ranges]:
        """The slots of each node, as far as nobody has a newer claim."""
        taken: Ranges = ()
        found: dict[str, Ranges] = {}
        for identifier, statement in sorted(
            self.known.items(), key=lambda item: (item[1].epoch, item[0]), reverse=True
        ):
            found[identifier] = difference(statement.slots, taken)
            taken = union(taken, found[identifier])
        return found

    def meet(self, other: "Member") -> None:
        """Both know each other from now on."""
        self.forgotten.discard(other.id)
        self.unshown.discard(other.id)
        self.apart.discard(other.id)
        self.known.setdefault(other.id, other.own)

    def find(self, other: "Member") -> None:
        """Whoever is asked by a node that it knows learns where that is by now."""
        if other.id in self.known:
            self.known[other.id] = replace(self.known[other.id], address=other.own.address)

    def hear(self, others: Iterable["Member"]) -> None:
        """What those say that it knows, and whom they know; then it gives way to newer claims."""
        for other in others:
            unmet = self.forgotten | other.apart  # whoever is told of the latter finds nobody there
            strangers = {name: said for name, said in other.known.items() if name not in unmet}
            self.known = strangers | self.known | {other.id: other.own}
        own, served = self.own, self.served()
        if own.follows:
            self._state(follows=self._leader(own.follows, served))
        elif own.slots != served[self.id]:
            self._state(slots=served[self.id], follows="" if served[self.id] else self._candidate(own.slots, served))

    def take_over(self) -> None:
        """Serve what its primary served; nothing for a node that leads."""
        if old_primary := self.own.follows:
            slots = union(self.own.slots, self.served().get(old_primary, ()))
            self._state(follows="", slots=slots, epoch=self._newest() + 1)

    def follow(self, primary: str, slots: Ranges) -> None:
        """Follow another node outside of the cluster; Later when it follows none, or does not know that one."""
        if primary not in self.known or not self.own.follows:
            raise Later(f"cannot make {self.own.address} a replica of {primary}: unknown, or no replica")
        self._state(follows=primary, slots=slots)

    def replicate(self, primary: str) -> None:
        """Follow another node; Later when it does not lead, or when there is something to lose."""
        if primary not in self.known or self.known[primary].follows or self.own.slots:
            raise Later(f"cannot make {self.own.address} a replica of {primary}: it is no primary, or slots are served")
        self._state(follows=primary)

    def forget(self, stranger: str) -> None:
        """Forget a node; Later for itself and its primary."""
        if stranger in (self.id, self.own.follows):
            raise Later(f"cannot have {self.own.address} forget {stranger}: it needs that node")
        self.known.pop(stranger, None)
        self.forgotten.add(stranger)

    def gain(self, slots: Ranges) -> None:
        """Serve more slots, whoever did before; Later for a replica."""
        if self.own.follows:
            raise Later(f"cannot have {self.own.address} serve slots: it is a replica")
        self._state(slots=union(self.own.slots, slots), epoch=self._newest() + 1)

    def lose(self, slots: Ranges) -> None:
        """Serve slots no more."""
        self._state(slots=difference(self.own.slots, slots))

    def announce(self, host: str) -> None:
        """Be at another address of its own from now on."""
        self._state(address=Address(host, self.own.address.port))

    def stabilize(self, slots: Ranges) -> None:
        """They are on their way no more."""
        self.opened = difference(self.opened, slots)

    def _state(self, **changes: str | int | Ranges | Address) -> None:
        self.known[self.id] = replace(self.own, **changes)  # type: ignore[arg-type]

    def _newest(self) -> int:
        return max(statement.epoch for statement in self.known.values())

    def _leader(self, primary: str, served: Mapping[str, Ranges]) -> str:
        """Whom to follow: a primary that follows somebody else, or was taken over, is one no more."""
        statement = self.known.get(primary)
        if statement is None:
            return primary
        if statement.follows:
            return statement.follows if statement.follows != self.id else primary
        return (
            self._candidate(statement.slots, served) or primary if statement.slots and not served[primary] else primary
        )

    def _candidate(self, slots: Ranges, served: Mapping[str, Ranges]) -> str:
        """Who took over all of them, and nothing else; nobody, when they were moved away."""
        return next((name for name, share in served.items() if share and share == slots), "")


def member_of(command: Sequence[str], files: Mapping[str, bytes]) -> Member | None:
    """What the file says with which a process in cluster mode begins; None for any other process."""
    if "--cluster-enabled" not in command or command[command.index("--cluster-enabled") + 1] != "yes":
        return None
    text = files[file_of(command)].decode()
    rows = [line.split(" ") for line in text.splitlines() if line and not line.startswith("vars ")]
    own = next(row for row in rows if "myself" in row[2])
    opened = union(*(parsed(word[1:].partition("-")[0]) for word in own[8:] if word.startswith("[")))
    apart = {row[0] for row in rows if row[1].partition("@")[2].partition(",")[0] == str(NO_BUS)}
    return Member(own[0], {row[0]: _statement(row) for row in rows}, opened=opened, apart=apart)


def file_of(command: Sequence[str]) -> str:
    """The path of that file."""
    return command[command.index("--cluster-config-file") + 1]


def keys_in(keys: Iterable[str], slots: Ranges) -> list[str]:
    """The keys that live in these slots."""
    return [key for key in keys if intersection(slots, ((slot_of(key), slot_of(key)),))]


def _statement(row: Sequence[str]) -> Statement:
    host, _, port = row[1].partition("@")[0].rpartition(":")
    return Statement(
        Address(host, int(port)),
        row[3].strip("-"),
        parsed(",".join(word for word in row[8:] if not word.startswith("["))),
        int(row[6]),
    )
