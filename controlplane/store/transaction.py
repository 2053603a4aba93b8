"""One transaction: a room for each kind of what is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.nouns import Noun
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.store.caches import Caches
from cachewright.controlplane.store.documents import Record
from cachewright.controlplane.store.events import Events
from cachewright.controlplane.store.facts import Facts
from cachewright.controlplane.store.failovers import Failovers
from cachewright.controlplane.store.hosts import Hosts
from cachewright.controlplane.store.leases import Leases
from cachewright.controlplane.store.log_deliveries import LogDeliveries
from cachewright.controlplane.store.members import Members
from cachewright.controlplane.store.notifications import Notifications
from cachewright.controlplane.store.records import Records
from cachewright.controlplane.store.references import References
from cachewright.controlplane.store.secrets import Secrets
from cachewright.controlplane.store.snapshots import Snapshots
from cachewright.controlplane.store.stacks import Stacks
from cachewright.controlplane.store.tags import ResourceTags
from cachewright.controlplane.store.taken import SnapshotsTaken
from cachewright.controlplane.store.updates import Updates


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction, and the keys that are due once it is committed."""

    connection: Connection
    due: set[Due] = field(default_factory=set)
    unwritten: Mapping[Key, str] = field(default_factory=dict)  # see Store

    @property
    def caches(self) -> Caches:
        """The caches."""
        return Caches(self.connection, self.due, self.unwritten)

    def records(self, account: str, region: str, noun: Noun, kind: type[Record]) -> Records[Record]:
        """The records of a noun, which are values of a kind."""
        return Records(self.connection, account, region, noun, kind, self.due)

    @property
    def snapshots(self) -> Snapshots:
        """The snapshots of everybody."""
        return Snapshots(self.connection)

    @property
    def snapshots_taken(self) -> SnapshotsTaken:
        """Those that were begun in the last 24 hours."""
        return SnapshotsTaken(self.connection)

    @property
    def references(self) -> References:
        """Who uses what."""
        return References(self.connection)

    @property
    def tags(self) -> ResourceTags:
        """Tags of every resource."""
        return ResourceTags(self.connection)

    @property
    def events(self) -> Events:
        """What happened."""
        return Events(self.connection, self.due)

    @property
    def notifications(self) -> Notifications:
        """What is published of it."""
        return Notifications(self.connection, self.due)

    @property
    def leases(self) -> Leases:
        """Addresses."""
        return Leases(self.connection)

    @property
    def members(self) -> Members:
        """The processes that work at the database."""
        return Members(self.connection)

    @property
    def log_deliveries(self) -> LogDeliveries:
        """Logs that are delivered."""
        return LogDeliveries(self.connection)

    @property
    def hosts(self) -> Hosts:
        """The machines that run nodes."""
        return Hosts(self.connection)

    @property
    def stacks(self) -> Stacks:
        """What was made of templates."""
        return Stacks(self.connection)

    @property
    def failovers(self) -> Failovers:
        """Calls of TestFailover."""
        return Failovers(self.connection)

    @property
    def secrets(self) -> Secrets:
        """What proves who the installation is, where the database is shared."""
        return Secrets(self.connection)

    @property
    def updates(self) -> Updates:
        """What service updates follow from."""
        return Updates(self.facts)

    @property
    def facts(self) -> Facts:
        """What the installation remembers about itself."""
        return Facts(self.connection)
