"""Notifications over HTTP: what is answered, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from cachewright.controlplane.app import application
from cachewright.controlplane.console.notifications import notification_routes
from cachewright.controlplane.console.paths import NOTIFICATIONS
from cachewright.controlplane.model.events import CLUSTER, HISTORY, Event
from cachewright.controlplane.model.notifications import Notification
from cachewright.controlplane.wire.gate import Open
from tests.api.test_console_drills import Client
from tests.api.world import World, shared_store


@pytest.fixture
def client() -> Client:
    """A client of this route alone."""

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"this is no operation of AWS: {operation}")

    return Client(application(dispatch, Open("us-east-1"), routers=lambda: [notification_routes(shared_store())]))


def publish(world: World, *names: Notification) -> str:
    """The topic of a new cache, to which these are published."""
    topic = f"arn:aws:sns:us-east-1:{world.caller.account}:t"
    world.cluster("c", NotificationTopicArn=topic)
    tell(world, *names)
    return topic


def tell(world: World, *names: Notification) -> None:
    told = [Event(CLUSTER, "c", "happened", name) for name in names]
    with world.store.write() as transaction:
        transaction.events.add(world.caller.account, "us-east-1", told, world.now)


def test_the_newest_come_first_page_by_page(client: Client) -> None:
    world = World()
    topic = publish(world, Notification.NODES_REBOOTED, Notification.SNAPSHOT_TAKEN)
    path = f"{NOTIFICATIONS}?account={world.caller.account}&limit=1"
    status, first = client.told("GET", path)
    (shown,) = first["notifications"]
    assert (status, first["before"]) == (200, shown["number"])
    assert shown == {
        "number": shown["number"],
        "date": world.now.isoformat(),
        "region": "us-east-1",
        "topic": topic,
        "message": '{"ElastiCache:SnapshotComplete": "c"}',
        "delivery": "queued",
        "reason": "",
    }
    _, second = client.told("GET", f"{path}&before={first['before']}")
    assert [each["message"] for each in second["notifications"]] == ['{"ElastiCache:CacheNodesRebooted": "c"}']
    assert second["before"] is None


def test_what_is_older_than_events_is_forgotten(client: Client) -> None:
    world = World()
    publish(world, Notification.NODES_REBOOTED)
    world.now += HISTORY + timedelta(seconds=1)
    tell(world, Notification.SNAPSHOT_TAKEN)
    _, answer = client.told("GET", f"{NOTIFICATIONS}?account={world.caller.account}")
    assert [each["message"] for each in answer["notifications"]] == ['{"ElastiCache:SnapshotComplete": "c"}']


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("account=me", "account: String should match pattern"),
        ("before=0", "before: Input should be greater than or equal to 1"),
        ("before=99999999999", "before: Input should be less than 2147483648"),
        ("limit=101", "limit: Input should be less than or equal to 100"),
        ("limit=x", "limit: Input should be a valid integer"),
        ("colour=red", "colour: Extra inputs are not permitted"),
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, query: str, wrong: str) -> None:
    status, answer = client.told("GET", f"{NOTIFICATIONS}?{query}")
    assert status == 400
    assert answer["error"].startswith(wrong)
