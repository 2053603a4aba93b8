"""What AWS tells about a resource, in AWS's words.

Source: the ElastiCache user guide, "Event notifications" (2018 and 2023), and the API reference of TestFailover.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cachewright.controlplane.model.notifications import Notification

HISTORY = timedelta(days=14)  # how long AWS keeps events
CLUSTER = "cache-cluster"
GROUP = "replication-group"
SERVERLESS = "serverless-cache"
SERVERLESS_SNAPSHOT = "serverless-cache-snapshot"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a resource of an account in a region."""

    source_type: str
    source: str
    message: str
    notification: Notification | None = None  # under which it is published to topics; None: it is not


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """An event with its moment; whether it is published is not remembered."""

    event: Event
    date: datetime
    number: int  # later events have higher numbers
