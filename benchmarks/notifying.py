"""How long a notification is on its way to SNS."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread

from benchmarks.figures import Row, Summary
from benchmarks.process import plane
from benchmarks.waiting import LIMIT, CannotMeasure
from benchmarks.wire import ACCOUNT, HOST, REGION, Client

APART = 0.1  # seconds
_CLUSTER = "told"
_TAKEN = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


@dataclass(frozen=True, slots=True)
class Topics:
    """An SNS that takes everything."""

    port: int
    arrivals: Queue[float] = field(default_factory=Queue)  # moments of the performance counter

    def arrival(self) -> float:
        """When the next one was there; CannotMeasure when none comes."""
        try:
            return self.arrivals.get(timeout=LIMIT)
        except Empty:
            raise CannotMeasure("cannot wait for a notification: none came") from None


def notifying(rounds: int) -> Iterator[Row]:
    """From a request that causes an event, so a little more than from the event on."""
    with _listening() as sns:
        settings = {"CACHEWRIGHT_SNS_ENDPOINT": f"http://{HOST}:{sns.port}", **_CREDENTIALS}
        with plane("memory", settings) as served:
            topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:measured"
            served.create_cluster(_CLUSTER, asked={"NotificationTopicArn": topic})
            sns.arrival()  # that it was created
            took = Summary(tuple(_took(served.client, sns, number) for number in range(rounds)))
    yield Row("an event until SNS has its notification", "ms", took, bar=200.0, note="from the request on")


def _took(client: Client, sns: Topics, number: int) -> float:
    """Milliseconds."""
    time.sleep(APART)
    begin = time.perf_counter()
    client.call("ModifyCacheCluster", {"CacheClusterId": _CLUSTER, "SecurityGroupIds.member.1": f"sg-{number:08x}"})
    return (sns.arrival() - begin) * 1000


@contextmanager
def _listening() -> Iterator[Topics]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            sns.arrivals.put(time.perf_counter())
            self.send_response(200)
            self.send_header("content-length", str(len(_TAKEN)))
            self.end_headers()
            self.wfile.write(_TAKEN)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    sns = Topics(server.server_port)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield sns
    finally:
        server.shutdown()
        server.server_close()
