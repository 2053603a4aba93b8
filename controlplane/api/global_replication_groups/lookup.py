"""The caller's global datastores by id, with their members. They are seen from every region."""

from dataclasses import dataclass

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.global_replication_groups import GlobalReplicationGroup, GlobalStatus, Place
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import GLOBAL_REPLICATION_GROUP
from cachewright.controlplane.store.records import Records
from cachewright.controlplane.store.saving import with_saving


@dataclass(frozen=True, slots=True)
class Members:
    """A global datastore, and the replication groups that it consists of; one that was lost is missing."""

    datastore: GlobalReplicationGroup
    groups: tuple[tuple[Place, Cache], ...]

    @property
    def primary(self) -> Cache:
        """The group that takes writes. Fault when it is lost."""
        return self.at(self.datastore.primary)

    @property
    def status(self) -> GlobalStatus:
        """Where it is in its life: nobody but its members has anything to do."""
        if any(is_changing(cache) for _, cache in self.groups):
            return GlobalStatus.MODIFYING
        return GlobalStatus.AVAILABLE if self.datastore.secondaries else GlobalStatus.PRIMARY_ONLY

    def at(self, place: Place) -> Cache:
        """One of the groups. Fault when it is lost."""
        found = dict(self.groups).get(place)
        if found is None:
            raise Fault("InternalFailure", f"Replication group {place.group} of {place.region} is lost.")
        return found


def own_datastores(context: Context) -> Records[GlobalReplicationGroup]:
    """The global datastores of the caller's account."""
    return context.records(GLOBAL_REPLICATION_GROUP, GlobalReplicationGroup)


def found_datastore(context: Context, wanted: str, *, lock: bool = False) -> Members:
    """The caller's global datastore of that id; Fault when there is none. Ids are looked up in any case."""
    datastore = own_datastores(context).get(wanted.lower(), lock=lock)
    if datastore is None:
        raise GLOBAL_REPLICATION_GROUP.missing(wanted)
    return members_of(context, datastore, lock=lock)


def changeable_datastore(context: Context, wanted: str) -> Members:
    """The same for a change. Fault when one is under way. A member that something keeps from being as desired, such as
    a region that is down, is not waited for.
    """
    members = found_datastore(context, wanted, lock=True)
    check_settled(members)
    return members


def check_settled(members: Members) -> None:
    """Fault when a change of a member is under way, and nothing keeps it up."""
    if any(is_changing(cache) and not cache.stuck for _, cache in members.groups):
        raise _unfit(members)


def check_available(members: Members) -> None:
    """Fault when some member is not available, whatever keeps it from that."""
    if any(cache.phase is not Phase.AVAILABLE for _, cache in members.groups):
        raise _unfit(members)


def _unfit(members: Members) -> Fault:
    return invalid_state(f"Global Replication Group {members.datastore.id} is not in a valid state to be modified.")


def members_of(context: Context, datastore: GlobalReplicationGroup, *, lock: bool = False) -> Members:
    """A global datastore with its members."""
    groups = []
    for place in datastore.members:
        key = Key(context.caller.account, place.region, Kind.REPLICATION_GROUP, place.group)
        if cache := context.transaction.caches.get(key, lock=lock):
            groups.append((place, with_saving(context.transaction, cache)))
    return Members(datastore, tuple(groups))


def is_changing(cache: Cache) -> bool:
    """Whether a member is not yet what was asked of it last; a node that only broke does not count."""
    return cache.status.generation < cache.generation


def invalid_state(message: str) -> Fault:
    """The refusal of what a global datastore cannot do now."""
    return Fault("InvalidGlobalReplicationGroupStateFault", message)
