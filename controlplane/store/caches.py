"""The caches: spec and presentation are written by the API, the status by the agent, each without touching the other's
columns.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from cachewright.controlplane.model.cache import Cache, Key, Kind, Node, Spec, Status, upstream_key
from cachewright.controlplane.model.changes import Consequence, consequence
from cachewright.controlplane.model.nouns import OF_KIND, Resource, cluster_of, resource_of
from cachewright.controlplane.model.ownership import Ownership
from cachewright.controlplane.model.pending import Pending
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.references import references_of
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.store.cache_rows import AS_READ, as_read, cache_of, identity, named, row_of
from cachewright.controlplane.store.documents import to_json
from cachewright.controlplane.store.readable import full_page, readable
from cachewright.controlplane.store.references import References
from cachewright.controlplane.store.tables import caches, clusters
from cachewright.controlplane.store.tags import ResourceTags

_NAME = ("account", "region", "kind", "id")  # the columns of a key


class NameTaken(Exception):  # noqa: N818
    """A cache, or a cache cluster of another cache, has that name."""


class Outdated(Exception):  # noqa: N818
    """A report is about a cache that is gone, is another one by now, or was written by somebody since it was read."""


@dataclass(frozen=True, slots=True)
class Caches:
    """The caches as one transaction sees them; what an agent acts upon makes the key due when it changes."""

    connection: Connection
    due: set[Due]
    unwritten: Mapping[Key, str] = field(default_factory=dict)  # why later reports could not be written

    def get(self, key: Key, *, lock: bool = False) -> Cache | None:
        """One cache. `lock` keeps others from writing it until the transaction ends. Unreadable when it is."""
        row = self.connection.execute(_LOCKED if lock else _ONE, identity(key)).first()
        return self._cache(row) if row else None

    def holding(self, account: str, region: str, cluster: str, *, lock: bool = False) -> Cache | None:
        """The cache that has a cache cluster of that name. Unreadable when it is."""
        query = _joined(account, region).where(clusters.c.id == cluster)
        row = self.connection.execute(query.with_for_update() if lock else query).first()
        return self._cache(row) if row else None

    def page_of_clusters(
        self, account: str, region: str, after: str, limit: int, *, standalone: bool = False
    ) -> list[tuple[str, Cache]]:
        """Cache clusters by name, from the first one behind `after`, each with the cache that has it."""
        query = _joined(account, region).order_by(clusters.c.id)
        if standalone:
            query = query.where(clusters.c.standalone)

        def rows(behind: str, number: int) -> Sequence[Row[Any]]:
            return self.connection.execute(query.where(clusters.c.id > behind).limit(number)).all()

        return full_page(rows, self._cache, after, limit)

    def page_of(self, account: str, region: str, kind: Kind, after: str, limit: int) -> list[Cache]:
        """Caches of a kind by name, from the first one behind `after`."""
        here = (caches.c.account == account, caches.c.region == region, caches.c.kind == kind)
        query = select(caches.c.id.label("name"), caches).where(*here).order_by(caches.c.id)

        def rows(behind: str, number: int) -> Sequence[Row[Any]]:
            return self.connection.execute(query.where(caches.c.id > behind).limit(number)).all()

        return [cache for _, cache in full_page(rows, self._cache, after, limit)]

    def using(self, used: Resource) -> list[Cache]:
        """The caches that use a resource, or will with a change that waits. Unreadable when one of them is: whoever
        asks has to do something about each.
        """
        users = References(self.connection)
        by_kind = (
            and_(caches.c.kind == kind, caches.c.id.in_(users.ids_of(noun, used))) for kind, noun in OF_KIND.items()
        )
        here = (caches.c.account == used.account, caches.c.region == used.region)
        query = select(caches).where(*here, or_(*by_kind)).order_by(caches.c.number)
        return [self._cache(row) for row in self.connection.execute(query)]

    def count_nodes(self, account: str, region: str) -> int:
        """Nodes of all caches of an account in a region, for the quota."""
        query = select(func.coalesce(func.sum(clusters.c.nodes), 0))
        here = query.where(clusters.c.account == account, clusters.c.region == region)
        return int(self.connection.execute(here).scalar_one())

    def count(self, account: str, region: str, kind: Kind) -> int:
        """Caches of a kind that an account has in a region, for the quota."""
        here = (caches.c.account == account, caches.c.region == region, caches.c.kind == kind)
        return int(self.connection.execute(select(func.count()).select_from(caches).where(*here)).scalar_one())

    def add(self, cache: Cache) -> None:
        """A new cache; NameTaken when its name or that of one of its clusters is in use."""
        try:
            with self.connection.begin_nested():
                added = insert(caches).values(row_of(cache)).returning(caches.c.number)
                number = self.connection.execute(added).scalar_one()
                self._write_clusters(number, cache.key, cache.spec.nodes)
        except IntegrityError as error:
            raise NameTaken(str(cache.key)) from error
        self._write_references(cache)
        self.due.add(cache.key)

    def write_spec(self, cache: Cache, spec: Spec) -> Cache:
        """Another spec for a cache, which is returned as it is from now on. What follows is decided here for every
        change, see `consequence`: with another generation reports on what the cache was are outdated. The clusters of
        shards that the spec does not name stay until a report says otherwise.
        """
        follows = consequence(cache.spec, spec)
        if follows is Consequence.NONE:
            return cache
        raised = caches.c.generation + (1 if follows is Consequence.WORK else 0)
        values = {"spec": to_json(spec), "generation": raised, "settled": False, **_REVISED}
        row = self._update(cache.key, values)
        written = cache_of(row)
        if follows is Consequence.WORK:
            self.connection.execute(delete(clusters).where(clusters.c.cache == row.number))
            self._write_clusters(row.number, cache.key, written.nodes)
        self._write_references(written)
        self.due.add(cache.key)
        return written

    def write_specs(self, specs: Iterable[tuple[Key, Spec]]) -> None:
        """Other specs for many caches, which differ in the values of their parameters, or in their users."""
        rows = []
        for key, spec in specs:
            whose = {f"of_{name}": value for name, value in identity(key).items()}
            rows.append({**whose, "spec": to_json(spec)})
            self.due.add(key)
        if rows:
            self.connection.execute(_WRITE_SPECS, rows)

    def update_presentation(self, key: Key, presentation: Presentation) -> Cache:
        """Something else to show for a cache, which is returned as it is from now on: nobody has to do anything."""
        written = cache_of(self._update(key, {"presentation": to_json(presentation)}))
        self._write_references(written)
        return written

    def mark_deleted(self, key: Key) -> None:
        """A cache is to be deleted; there is no way back."""
        values = {"deleting": True, "generation": caches.c.generation + 1, "settled": False, **_REVISED}
        self.connection.execute(update(caches).where(*named(key)).values(values))
        self.due.add(key)

    def write_status(self, cache: Cache, status: Status, *, settled: bool, ownership: Ownership | None = None) -> Cache:
        """What was decided and seen of a cache as it was read, which is returned as it is from now on; Outdated when
        that is not so any more: nobody can take a report for written that is not. With `ownership`, whoever reports
        works on it from now on; whether it may is to be asked before, see `Ownership.keeps_out`.
        """
        values: dict[str, Any] = {"status": to_json(status), "settled": settled}
        if ownership:
            values |= {"owner": ownership.owner, "lease_until": ownership.until}
        if self.connection.execute(_REPORT, as_read(cache) | values).rowcount != 1:
            raise Outdated(str(cache.key))
        revision, owned = cache.revision + 1, ownership or cache.ownership
        written = replace(cache, status=status, revision=revision, ownership=owned)
        if _primaries(cache.status) != _primaries(status):
            self.due.update(self._others(cache))
        if cache.leaving:
            self._forget_clusters(cache, written)
        return written

    def rests(self, cache: Cache) -> bool:
        """Whether a report has said of a cache, as it was read, that nothing is left to do."""
        return bool(self.connection.execute(_SETTLED, as_read(cache)).scalar())

    def release_all(self) -> None:
        """Nobody works on any cache, and reports of those who did are outdated: for who has the database alone."""
        owned = update(caches).where(caches.c.owner != "")
        self.connection.execute(owned.values(owner="", lease_until=None, **_REVISED))

    def release(self, cache: Cache) -> None:
        """Nobody works on a cache as it was read, which others are told."""
        mine = (*named(cache.key), caches.c.owner == cache.ownership.owner)
        if self.connection.execute(update(caches).where(*mine).values(owner="", lease_until=None, **_REVISED)).rowcount:
            self.due.add(cache.key)

    def claims(self, account: str, region: str, cluster: str, incarnation: str) -> bool:
        """Whether a cache that has a cache cluster of that name was made out of the cache of that incarnation."""
        holder = self.holding(account, region, cluster)
        return holder is not None and any(origin.incarnation == incarnation for origin in holder.spec.origins)

    def remove(self, cache: Cache) -> None:
        """The end of a cache, once nothing of it is left in the world, and of what was said about it alone."""
        mine = select(caches.c.number).where(*named(cache.key), caches.c.incarnation == cache.incarnation)
        number = self.connection.execute(mine).scalar()
        if number is None:
            return
        names = self.connection.execute(select(clusters.c.id).where(clusters.c.cache == number)).scalars()
        resource = resource_of(cache.key)
        ResourceTags(self.connection).forget([resource, *(cluster_of(cache.key, name) for name in names)])
        References(self.connection).forget(resource)
        self.connection.execute(delete(caches).where(caches.c.number == number))

    def keys(self, *, unsettled: bool = False) -> list[Key]:
        """The names of all caches, or of those that have something left to do."""
        query = select(caches.c.account, caches.c.region, caches.c.kind, caches.c.id)
        if unsettled:
            query = query.where(caches.c.settled.is_(False))
        return [Key(row.account, row.region, Kind(row.kind), row.id) for row in self.connection.execute(query)]

    def named(self, names: Collection[str]) -> list[Cache]:
        """Every cache, of any account and region, that is called so or has a cache cluster that is."""
        return self._readable(_called(names))

    def require_readable(self, name: str) -> None:
        """Unreadable when there is such a cache of that name: lists do not have it, and it is not absent."""
        for row in self.connection.execute(_called({name})):
            cache_of(row)

    def revisions(self) -> dict[int, tuple[str, int]]:
        """Of every cache, by the number of its row: which one it is, and the revision. Cheap: no document is read."""
        query = select(caches.c.number, caches.c.incarnation, caches.c.revision)
        rows = self.connection.execute(query).all()
        return {number: (incarnation, revision) for number, incarnation, revision in rows}

    def numbered(self, numbers: Collection[int]) -> dict[int, Cache]:
        """The caches of some rows, as far as they can be read."""
        query = select(caches).where(caches.c.number.in_(numbers))
        return {row.number: cache for row, cache in readable(self.connection.execute(query), self._cache)}

    def all(self) -> list[Cache]:
        """Every cache of every account and region."""
        return self._readable(select(caches).order_by(caches.c.number))

    def _forget_clusters(self, before: Cache, after: Cache) -> None:
        gone = {node.cluster for node in before.nodes} - {node.cluster for node in after.nodes}
        here = (clusters.c.account == after.key.account, clusters.c.region == after.key.region)
        self.connection.execute(delete(clusters).where(*here, clusters.c.id.in_(gone)))

    def waiting(self) -> list[Cache]:
        """The caches with changes that wait for the maintenance window."""
        found = self.mentioning(spec='"pending":{')
        return [cache for cache in found if cache.spec.pending != Pending() and not cache.deleting]

    def seeded(self, account: str, region: str) -> list[Cache]:
        """The caches of an account in a region that began with a snapshot, or shall."""
        here = (caches.c.account == account, caches.c.region == region)
        return self._readable(select(caches).where(*here, caches.c.spec.contains('"seed":{', autoescape=True)))

    def following(self, key: Key) -> list[Cache]:
        """The caches of which each follows a replication group as a whole. They are of its account, whose caches alone
        are read: this is asked whenever a primary changes.
        """
        if key.kind is not Kind.REPLICATION_GROUP:
            return []
        own = (caches.c.account == key.account, caches.c.spec.contains('"upstream":{', autoescape=True))
        found = self._readable(select(caches).where(*own).order_by(caches.c.number))
        return [cache for cache in found if cache.spec.upstream and upstream_key(cache.key, cache.spec.upstream) == key]

    def _others(self, cache: Cache) -> set[Key]:
        """The caches for which it matters who leads this one: its followers, and whom it follows itself."""
        upstream = cache.spec.upstream
        followed = {upstream_key(cache.key, upstream)} if upstream and not upstream.migrates else set()
        return followed | {follower.key for follower in self.following(cache.key)}

    def unsettled(self, account: str, region: str) -> list[Cache]:
        """The caches of an account in a region that have something left to do."""
        here = (caches.c.account == account, caches.c.region == region)
        return self._readable(select(caches).where(*here, caches.c.settled.is_(False)))

    def mentioning(self, *, spec: str, status: str | None = None) -> list[Cache]:
        """The caches in whose documents these words are, in one or the other: who looks for few need not read all."""
        places = ((caches.c.spec, spec), (caches.c.status, status))
        found = (document.contains(words, autoescape=True) for document, words in places if words)
        return self._readable(select(caches).where(or_(*found)).order_by(caches.c.number))

    def _readable(self, query: Select[Any]) -> list[Cache]:
        return [cache for _, cache in readable(self.connection.execute(query), self._cache)]

    def _cache(self, row: Row[Any]) -> Cache:
        cache = cache_of(row)
        reason = self.unwritten.get(cache.key)
        return replace(cache, unwritten=reason) if reason else cache

    def _update(self, key: Key, values: Mapping[str, Any]) -> Row[Any]:
        return self.connection.execute(update(caches).where(*named(key)).values(values).returning(caches)).one()

    def _write_references(self, cache: Cache) -> None:
        References(self.connection).write(resource_of(cache.key), references_of(cache))

    def _write_clusters(self, number: int, key: Key, nodes: Iterable[Node]) -> None:
        """Nodes of a serverless cache are no cache clusters."""
        if key.kind is Kind.SERVERLESS_CACHE:
            return
        standalone = key.kind is Kind.CACHE_CLUSTER
        sizes: dict[str, int] = {}
        for node in nodes:
            sizes[node.cluster] = sizes.get(node.cluster, 0) + 1
        place = {"account": key.account, "region": key.region, "cache": number, "standalone": standalone}
        rows = [{**place, "id": cluster, "nodes": nodes} for cluster, nodes in sizes.items()]
        if rows:
            self.connection.execute(insert(clusters), rows)


_REVISED = {"revision": caches.c.revision + 1}
_ONE = select(caches).where(*(caches.c[name] == bindparam(name) for name in _NAME))
_LOCKED = _ONE.with_for_update()
_SETTLED = select(caches.c.settled).where(*AS_READ)
_REPORT = update(caches).where(*AS_READ).values(_REVISED)
_WRITE_SPECS = (
    update(caches)
    .where(*(caches.c[name] == bindparam(f"of_{name}") for name in _NAME))
    .values(spec=bindparam("spec"), generation=caches.c.generation + 1, settled=False, **_REVISED)
)


def _primaries(status: Status) -> Mapping[str, tuple[object, ...]]:
    """By shard: who leads it, in which life, and whether that one follows somebody outside, and has everything."""
    lives = {name: node.life for name, node in status.nodes.items()}
    shards = status.shards.items()
    return {
        name: (shard.primary, lives.get(shard.primary), shard.upstream is None, shard.behind) for name, shard in shards
    }


def _called(names: Collection[str]) -> Select[Any]:
    within = select(clusters.c.cache).where(clusters.c.id.in_(names))
    return select(caches).where(or_(caches.c.id.in_(names), caches.c.number.in_(within)))


def _joined(account: str, region: str) -> Select[Any]:
    query = select(clusters.c.id.label("cluster"), caches).join(clusters, clusters.c.cache == caches.c.number)
    return query.where(clusters.c.account == account, clusters.c.region == region)
