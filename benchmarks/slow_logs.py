"""What it takes to deliver slow logs: how long a record is on its way, and what nodes cost that tell nothing."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from redis import Redis

from benchmarks.docker import address_of
from benchmarks.figures import Row, Summary
from benchmarks.idling import NODES, SETTLING, busy
from benchmarks.plane import Plane
from benchmarks.process import data_directory, serving
from benchmarks.waiting import milliseconds, until

PORT = 6379
WINDOW = 20.0  # seconds of a sample of the processor
GLANCE = 0.005  # seconds between two looks at a file
PHASE = 0.37  # seconds by which commands are later each time: a second of the delivery has any part then
SCRIPT = "local s = 0; for i = 1, 3000000 do s = s + i end; return s"  # some 30 ms

_LOG = "LogDeliveryConfigurations.LogDeliveryConfigurationRequest.1"
_WANTED: Mapping[str, str | int] = {
    "ApplyImmediately": "true",
    f"{_LOG}.LogType": "slow-log",
    f"{_LOG}.DestinationType": "cloudwatch-logs",
    f"{_LOG}.DestinationDetails.CloudWatchLogsDetails.LogGroup": "measured",
    f"{_LOG}.LogFormat": "json",
}


def slow_logs(rounds: int) -> Iterator[Row]:
    """Files are the destination: what a service of somebody else's takes is no figure of ours."""
    names = [f"slow-{number}" for number in range(NODES)]
    with data_directory() as directory, serving(directory) as served:
        for name in names:
            served.create_cluster(name)
        time.sleep(SETTLING)
        without = _share(served)
        for name in names:
            served.client.call("ModifyCacheCluster", {"CacheClusterId": name, **_WANTED})
        for name in names:
            served.await_cluster(name)
        time.sleep(SETTLING)
        share = _share(served) - without
        took = Summary(tuple(_took(directory, names[number % NODES], number) for number in range(rounds)))
    yield Row("slow command until its record is there", "ms", took, bar=2000.0, note="a file")
    note = f"a window of {WINDOW:.0f} s, less one without"
    yield Row(f"slow logs of {NODES} nodes: processor", "% of a core", Summary((share,)), bar=1.0, note=note)


def _share(served: Plane) -> float:
    """Percent of a core over a window."""
    before, begin = busy(served.pid), time.monotonic()
    time.sleep(WINDOW)
    return 100 * (busy(served.pid) - before) / (time.monotonic() - begin)


def _took(directory: Path, name: str, number: int) -> float:
    """Milliseconds from the end of a slow command of a node on."""
    before = _size(directory, name)
    time.sleep(PHASE * (1 + number % 3))
    with Redis(address_of(f"{name}.0001"), PORT) as client:
        client.eval(SCRIPT, 0)
    return milliseconds(lambda: until(lambda: _size(directory, name) > before, f"a record of {name}", GLANCE))


def _size(directory: Path, name: str) -> int:
    return sum(path.stat().st_size for path in directory.glob(f"logs/*/*/elasticache/redis/{name}/0001/slow-log.log"))
