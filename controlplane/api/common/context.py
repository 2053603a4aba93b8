"""What a handler may see and touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from cachewright.controlplane.model.cache import Cache, Key, Kind, Spec, Status
from cachewright.controlplane.model.events import Event
from cachewright.controlplane.model.nouns import Noun, Resource
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.questions import Answers
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.model.windows import Randomness
from cachewright.controlplane.model.zones import zones_of
from cachewright.controlplane.store.documents import Record
from cachewright.controlplane.store.records import Records
from cachewright.controlplane.store.transaction import Transaction

Params = Mapping[str, Any]  # as the service model types them; absent ones are absent
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A caller, as if in another region."""

    account: str
    region: str


class Caller(Protocol):
    """Who asks, and where."""

    @property
    def account(self) -> str:
        """Twelve digits."""
        ...

    @property
    def region(self) -> str:
        """Such as `us-east-1`."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """One request: its transaction, its caller, its moment."""

    transaction: Transaction
    caller: Caller
    now: datetime
    random: Randomness
    zone_letters: tuple[str, ...]
    answers: Answers = field(default_factory=Answers)  # what engines said; a handler cannot ask them
    restricted: bool = True  # whether new caches refuse clients the commands that AWS refuses
    quotas: Quotas = field(default_factory=Quotas)

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of the caller's region."""
        return zones_of(self.caller.region, self.zone_letters)

    def within(self, region: str) -> "Context":
        """The same request, as if it were made in another region."""
        return replace(self, caller=Elsewhere(self.caller.account, region))

    def records(self, noun: Noun, kind: type[Record]) -> Records[Record]:
        """The caller's records of a noun, which are values of a kind."""
        return self.transaction.records(self.caller.account, self._region(noun), noun, kind)

    def resource(self, noun: Noun, name: str) -> Resource:
        """The name of one of the caller's resources; ids are looked up in any case."""
        return Resource(self.caller.account, self._region(noun), noun, name.lower())

    def _region(self, noun: Noun) -> str:
        return self.caller.region if noun.regional else ""

    def key(self, kind: Kind, name: str) -> Key:
        """The key of one of the caller's caches; ids are looked up in any case."""
        return Key(self.caller.account, self.caller.region, kind, name.lower())

    def new(self, kind: Kind, name: str, spec: Spec, presentation: Presentation) -> Cache:
        """A cache that nobody knows yet."""
        incarnation = f"{self.random.randrange(16**12):012x}"
        return Cache(self.key(kind, name), incarnation, self.now, 1, False, spec, Status(), presentation)  # noqa: FBT003

    def tell(self, *events: Event) -> None:
        """Write down what happened."""
        self.transaction.events.add(self.caller.account, self.caller.region, events, self.now)
