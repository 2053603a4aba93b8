"""What is published to SNS topics: written with the events that it is about, and kept until it is delivered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.events import CLUSTER, HISTORY, Event
from cachewright.controlplane.model.notifications import ACTIVE, INACTIVE, Delivery, Notice, Outbox, Topic
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.store.cache_rows import named, utc
from cachewright.controlplane.store.documents import Unreadable, from_json, to_json
from cachewright.controlplane.store.tables import caches, clusters, notifications

OUTGROWN = 100  # that one transaction removes at most


@dataclass(frozen=True, slots=True)
class Notifications:
    """The notifications as one transaction sees them; those that are queued make their outbox due."""

    connection: Connection
    due: set[Due] = field(default_factory=set)

    def queue(self, account: str, region: str, told: Iterable[Event], date: datetime, of: Key | None) -> None:
        """Those events that are to be published, if their cache has an active topic. What is older than AWS keeps
        events goes, delivered or not.
        """
        topic_of = cache(self._topic)
        rows = [
            {
                "account": account,
                "region": region,
                "topic": topic,
                "name": event.notification.value,
                "source": event.source,
                "date": date,
                "delivery": Delivery.QUEUED.value,
            }
            for event in told
            if event.notification and (topic := topic_of(of or self._cache_of(account, region, event)))
        ]
        if rows:
            self.connection.execute(insert(notifications), rows)
            self._forget_old(account, date - HISTORY)
            self.due.add(Outbox(account, region))

    def topics(self) -> list[Topic]:
        """The topics that something is queued for."""
        columns = (notifications.c.account, notifications.c.region, notifications.c.topic)
        queued = select(*columns).where(notifications.c.delivery == Delivery.QUEUED.value).distinct()
        return [Topic(*row) for row in self.connection.execute(queued)]

    def queued(self, topic: Topic, limit: int) -> list[Notice]:
        """What is queued for a topic, from the oldest on."""
        query = select(notifications).where(*_queued(topic)).order_by(notifications.c.number).limit(limit)
        return [_notice(row) for row in self.connection.execute(query)]

    def delivered(self, notices: Iterable[Notice]) -> None:
        """The topic has taken these."""
        numbers = [notice.number for notice in notices]
        done = update(notifications).where(notifications.c.number.in_(numbers))
        self.connection.execute(done.values(delivery=Delivery.DELIVERED.value))

    def refused(self, topic: Topic, reason: str) -> list[Key]:
        """The topic takes nothing: what is queued for it is dropped, and it becomes inactive for the caches that have
        it, whose keys are returned.
        """
        dropped = update(notifications).where(*_queued(topic))
        self.connection.execute(dropped.values(delivery=Delivery.DROPPED.value, reason=reason))
        having = [(key, shown) for key, shown in self._having(topic) if shown.notification_topic_status == ACTIVE]
        for key, shown in having:
            document = to_json(replace(shown, notification_topic_status=INACTIVE))
            self.connection.execute(update(caches).where(*named(key)).values(presentation=document))
        return [key for key, _ in having]

    def having(self, topic: Topic) -> list[Key]:
        """The caches that publish to a topic."""
        return [key for key, shown in self._having(topic) if shown.notification_topic_status == ACTIVE]

    def newest(self, account: str, before: int | None, limit: int) -> list[Notice]:
        """What an account's caches published or shall, the newest first, below a number if one is given."""
        mine: list[Any] = [notifications.c.account == account]
        if before is not None:
            mine.append(notifications.c.number < before)
        query = select(notifications).where(*mine).order_by(notifications.c.number.desc()).limit(limit)
        return [_notice(row) for row in self.connection.execute(query)]

    def _having(self, topic: Topic) -> list[tuple[Key, Presentation]]:
        here = (caches.c.account == topic.account, caches.c.region == topic.region)
        query = select(caches).where(*here, caches.c.presentation.contains(topic.arn, autoescape=True))
        found = [(_key(row), _shown(row)) for row in self.connection.execute(query)]
        return [(key, shown) for key, shown in found if shown.notification_topic_arn == topic.arn]

    def _topic(self, key: Key) -> str:
        """The topic of a cache; empty when it has none that is active."""
        row = self.connection.execute(select(caches.c.presentation).where(*named(key))).first()
        shown = _shown(row) if row else Presentation()
        return shown.notification_topic_arn if shown.notification_topic_status == ACTIVE else ""

    def _cache_of(self, account: str, region: str, event: Event) -> Key:
        """The cache that an event is about: of a cache cluster, the group that it may be a member of."""
        if event.source_type != CLUSTER:
            return Key(account, region, Kind.REPLICATION_GROUP, event.source)
        holder = select(caches).join(clusters, clusters.c.cache == caches.c.number)
        mine = (clusters.c.account == account, clusters.c.region == region, clusters.c.id == event.source)
        row = self.connection.execute(holder.where(*mine)).first()
        return _key(row) if row else Key(account, region, Kind.CACHE_CLUSTER, event.source)

    def _forget_old(self, account: str, date: datetime) -> None:
        """Numbers follow dates closely enough: the oldest ones are looked at."""
        mine = select(notifications.c.number, notifications.c.date).where(notifications.c.account == account)
        oldest = self.connection.execute(mine.order_by(notifications.c.number).limit(OUTGROWN))
        old = [row.number for row in oldest if utc(row.date) < date]
        if old:
            self.connection.execute(delete(notifications).where(notifications.c.number.in_(old)))


def _queued(topic: Topic) -> Sequence[Any]:
    return (
        notifications.c.delivery == Delivery.QUEUED.value,
        notifications.c.account == topic.account,
        notifications.c.region == topic.region,
        notifications.c.topic == topic.arn,
    )


def _key(row: Row[Any]) -> Key:
    return Key(row.account, row.region, Kind(row.kind), row.id)


def _shown(row: Row[Any]) -> Presentation:
    """Of a cache that cannot be read nothing is published: whether it may be is not known."""
    try:
        return from_json(Presentation, row.presentation)
    except Unreadable:
        return Presentation()


def _notice(row: Row[Any]) -> Notice:
    topic = Topic(row.account, row.region, row.topic)
    return Notice(row.number, topic, row.name, row.source, utc(row.date), Delivery(row.delivery), row.reason)
