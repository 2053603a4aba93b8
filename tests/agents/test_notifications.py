"""Notifications on their way to topics: a real SNS client, an SNS of a few lines, and the pretend machine."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import pytest

from cachewright.agents.outward.notifications import NotificationSender
from cachewright.agents.outward.publishers import FILE, NotificationFile, Publisher
from cachewright.agents.outward.sns import Sns
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.notifications import Delivery, Notice
from tests.e2e.plane import free_port
from tests.e2e.waiting import until
from tests.house import ACCOUNT, REGION, House, house
from tests.moto import CREDENTIALS

TAKEN = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
ERROR = "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>Because</Message></Error></ErrorResponse>"
MENDABLE = {
    "broken": (500, ERROR.format("InternalError").encode()),
    "denied": (403, ERROR.format("InvalidClientTokenId").encode()),
    "garbage": (200, b"<html>hello"),
    "empty": (200, b""),
    "other": (404, b"no such page"),
}
BORN = ["CacheClusterProvisioningComplete"]


def topic_named(name: str) -> str:
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"


ALERTS, OTHERS = topic_named("alerts"), topic_named("others")


@dataclass(slots=True)
class Stub:
    """An SNS that takes everything, but of the topics that are to be refused, or to be kept waiting."""

    taken: list[tuple[str, str]] = field(default_factory=list)  # topic and message
    refused: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # by topic: an answer
    hanging: set[str] = field(default_factory=set)
    tried: list[str] = field(default_factory=list)  # topics
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, topic: str, message: str) -> tuple[int, bytes]:
        """To one request."""
        self.tried.append(topic)
        if topic in self.hanging:
            self.over.wait(60)
        if topic in self.refused:
            return self.refused[topic]
        self.taken.append((topic, message))
        return 200, TAKEN

    def names(self, topic: str = ALERTS) -> list[str]:
        """What arrived at a topic, in order: names of events."""
        return [next(iter(json.loads(text))).removeprefix("ElastiCache:") for at, text in self.taken if at == topic]


@contextmanager
def listening(stub: Stub, port: int = 0) -> Iterator[str]:
    """The URL of an SNS."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            status, body = stub.answer(form["TopicArn"][0], form["Message"][0])
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stub.over.set()
        server.shutdown()
        server.server_close()


@contextmanager
def sending(home: House, publisher: Publisher) -> Iterator[NotificationSender]:
    """One run of the sender."""
    stop = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        sender = NotificationSender(home.store, publisher, pool, home.clock, monotonic)
        home.store.wake(lambda _: sender.wake())
        thread = threading.Thread(target=sender.follow, args=[stop])
        thread.start()
        try:
            yield sender
        finally:
            stop.set()
            sender.wake()
            thread.join()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


def notices(home: House) -> list[Notice]:
    """What was ever queued, the oldest first."""
    with home.store.read() as transaction:
        return transaction.notifications.newest(ACCOUNT, None, 1000)[::-1]


def queued(home: House) -> list[Notice]:
    return [notice for notice in notices(home) if notice.delivery is Delivery.QUEUED]


def status_of(home: House, name: str = "one") -> str:
    return home.cache(Kind.CACHE_CLUSTER, name).presentation.notification_topic_status


def reboot(home: House, name: str = "one") -> None:
    home.call("RebootCacheCluster", CacheClusterId=name, CacheNodeIdsToReboot=["0001"])
    home.settle()


def test_a_life_is_published_in_order_as_aws_writes_it(home: House) -> None:
    stub = Stub()
    with listening(stub) as url, sending(home, Sns(url)):
        home.cluster(NotificationTopicArn=ALERTS)
        reboot(home)
        home.call("DeleteCacheCluster", CacheClusterId="one")
        home.settle()
        until("everything is delivered", lambda: not queued(home))
    assert stub.names() == ["CacheClusterProvisioningComplete", "CacheNodesRebooted", "DeleteCacheClusterComplete"]
    assert stub.taken[0] == (ALERTS, '{"ElastiCache:CacheClusterProvisioningComplete": "one"}')


def test_members_publish_to_the_topic_of_their_group(home: House) -> None:
    stub = Stub()
    with listening(stub) as url, sending(home, Sns(url)):
        home.group(nodes=2, NotificationTopicArn=ALERTS)
        until("everything is delivered", lambda: not queued(home))
    told = [json.loads(text) for _, text in stub.taken]
    assert told == [
        {"ElastiCache:CacheClusterProvisioningComplete": "rg-001"},
        {"ElastiCache:CacheClusterProvisioningComplete": "rg-002"},
        {"ElastiCache:CreateReplicationGroupComplete": "rg"},
    ]


def test_more_replicas_are_told_from_the_request_to_the_end(home: House) -> None:
    home.group(nodes=1, NotificationTopicArn=ALERTS)
    before = len(notices(home))
    home.call("IncreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=2, ApplyImmediately=True)
    home.settle()
    first, *members, last = [(notice.name, notice.source) for notice in notices(home)[before:]]
    assert first == ("ReplicationGroupIncreaseReplicaCountStarted", "rg")
    assert sorted(members) == [(BORN[0], "rg-002"), (BORN[0], "rg-003")]
    assert last == ("ReplicationGroupIncreaseReplicaCountFinished", "rg")
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=1, ApplyImmediately=True)
    home.settle()
    assert [(notice.name, notice.source) for notice in notices(home)[before + 4 :]] == [
        ("DeleteCacheClusterComplete", "rg-003")
    ]


def test_nothing_is_queued_without_an_active_topic(home: House) -> None:
    home.cluster()
    home.cluster("two", NotificationTopicArn=f"arn:aws:sns:{REGION}:999999999999:theirs")
    home.cluster("three", NotificationTopicArn=ALERTS)
    home.call("ModifyCacheCluster", CacheClusterId="three", NotificationTopicStatus="inactive")
    reboot(home, "three")
    assert {notice.source for notice in notices(home)} == {"three"}
    assert "CacheNodesRebooted" not in {notice.name for notice in notices(home)}
    assert [status_of(home, name) for name in ("one", "two", "three")] == ["inactive"] * 3
    assert any(message.startswith("two: Cachewright publishes nothing to arn:") for message in home.messages())


def test_a_topic_that_is_not_there_becomes_inactive_with_an_event(home: House) -> None:
    stub = Stub(refused={ALERTS: (404, ERROR.format("NotFound").encode())})
    home.cluster(NotificationTopicArn=ALERTS)
    home.cluster("two", NotificationTopicArn=OTHERS)
    with listening(stub) as url, sending(home, Sns(url)):
        until("nothing is queued", lambda: not queued(home))
    assert (status_of(home), status_of(home, "two")) == ("inactive", "active")
    assert {(notice.topic.arn, notice.delivery) for notice in notices(home)} == {
        (ALERTS, Delivery.DROPPED),
        (OTHERS, Delivery.DELIVERED),
    }
    told = f"one: Cachewright publishes nothing more to {ALERTS}, which is inactive now: Because"
    assert home.messages().count(told) == 1


def test_an_inactive_topic_can_be_made_active_again(home: House) -> None:
    stub = Stub(refused={ALERTS: (404, ERROR.format("NotFound").encode())})
    home.cluster(NotificationTopicArn=ALERTS)
    with listening(stub) as url, sending(home, Sns(url)):
        until("it is inactive", lambda: status_of(home) == "inactive")
        stub.refused.clear()
        home.call("ModifyCacheCluster", CacheClusterId="one", NotificationTopicStatus="active")
        reboot(home)
        until("it is published to", lambda: stub.names() == ["CacheNodesRebooted"])


def test_what_may_be_mended_is_tried_again_and_said_once(home: House) -> None:
    stub = Stub(refused={topic_named(name): answer for name, answer in MENDABLE.items()})
    for name in MENDABLE:
        home.cluster(name, NotificationTopicArn=topic_named(name))
    with listening(stub) as url, sending(home, Sns(url)):
        until("each was tried twice", lambda: all(stub.tried.count(topic) >= 2 for topic in stub.refused))
        assert {status_of(home, name) for name in MENDABLE} == {"active"}
        stub.refused.clear()
        until("everything is delivered", lambda: not queued(home))
    assert {name: stub.names(topic_named(name)) for name in MENDABLE} == dict.fromkeys(MENDABLE, BORN)
    told = [message for message in home.messages() if ", and tries again: " in message]
    assert sorted(message.partition(":")[0] for message in told) == sorted(MENDABLE)


def test_a_topic_that_hangs_keeps_no_other(home: House) -> None:
    stub = Stub(hanging={ALERTS})
    home.cluster(NotificationTopicArn=ALERTS)
    with listening(stub) as url, sending(home, Sns(url)):
        until("it hangs", lambda: ALERTS in stub.tried)
        home.cluster("two", NotificationTopicArn=OTHERS)
        until("the other one has it", lambda: stub.names(OTHERS) == BORN, 4.0)
        until("that is written down", lambda: {notice.topic.arn for notice in queued(home)} == {ALERTS})
        stub.over.set()


def test_a_queue_outlives_a_restart_and_an_endpoint_that_is_away(home: House) -> None:
    stub, port = Stub(), free_port()
    away = Sns(f"http://127.0.0.1:{port}")
    with sending(home, away):
        home.cluster(NotificationTopicArn=ALERTS)
        until("it is said", lambda: any("and tries again" in message for message in home.messages()))
    reboot(home)  # nobody sends
    assert len(queued(home)) == 2
    home.restart()
    with listening(stub, port), sending(home, away):
        until("everything is delivered", lambda: not queued(home))
    assert stub.names() == ["CacheClusterProvisioningComplete", "CacheNodesRebooted"]


@dataclass(slots=True)
class Dying:
    """A publisher that fails in a way that nobody thought of, once."""

    fails_at: int
    taken: list[int] = field(default_factory=list)

    def publish(self, notice: Notice) -> None:
        self.fails_at -= 1
        if self.fails_at == 0:
            raise RuntimeError("a bug")
        self.taken.append(notice.number)


def test_a_bug_ends_nothing_and_doubles_nothing(home: House) -> None:
    dying = Dying(fails_at=2)
    home.group(NotificationTopicArn=ALERTS)
    with sending(home, dying):
        until("everything is delivered", lambda: not queued(home))
    assert dying.taken == [notice.number for notice in notices(home)]


def test_without_an_endpoint_a_file_has_them(home: House, tmp_path: Path) -> None:
    path = tmp_path / FILE
    with sending(home, NotificationFile(path)):
        home.cluster(NotificationTopicArn=ALERTS)
        until("everything is delivered", lambda: not queued(home))
        path.unlink()
        reboot(home)
        until("everything is delivered", lambda: not queued(home))
    (line,) = path.read_text().splitlines()
    told = json.loads(line)
    assert (told["TopicArn"], told["Message"]) == (ALERTS, '{"ElastiCache:CacheNodesRebooted": "one"}')


def test_a_file_that_cannot_be_written_is_tried_again(home: House, tmp_path: Path) -> None:
    folder = tmp_path / "absent"
    home.cluster(NotificationTopicArn=ALERTS)
    with sending(home, NotificationFile(folder / FILE)):
        until("it is said", lambda: any("No such file or directory" in message for message in home.messages()))
        folder.mkdir()
        until("everything is delivered", lambda: not queued(home))
    assert len((folder / FILE).read_text().splitlines()) == 1
