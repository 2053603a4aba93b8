"""A failover of one group while others are busy: it must not wait for them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count

from benchmarks.docker import GLANCE, container_of, docker
from benchmarks.figures import Row, alternated
from benchmarks.holding import Holding, holding
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds, until
from benchmarks.wire import Client, request, told

GROUP, FAILOVER = "bench-loaded", "TestFailover until another node is the primary"
BAR = 2.0
GROUPS, MEMBERS = 10, 4  # that wait for an image
SILENT = 8  # caches
CREATED, QUOTA = 500, 250  # caches, and as many of them in one account
FAMILY = "valkey8"  # whose images are looked for in vain as long as they are held
PATIENCE = {"CACHEWRIGHT_PATIENCE": "600"}  # seconds: what is silent stays silent
_WAITING: Mapping[str, str | int] = {
    "ReplicationGroupDescription": "measured",
    "Engine": "valkey",
    "CacheNodeType": "cache.t3.micro",
    "NumCacheClusters": MEMBERS,
}


def loaded(rounds: int) -> Iterator[Row]:
    """Each load in turn with none."""
    yield from _with_containers(rounds)
    yield _while_creating(rounds)


def _with_containers(rounds: int) -> Iterator[Row]:
    with holding(FAMILY) as held, plane(settings={"DOCKER_HOST": held.url, **PATIENCE}) as served:
        served.create_group(GROUP)
        names = [f"{GROUP}-{number}" for number in range(SILENT)]
        for name in names:
            served.create_cluster(name)
        containers = [container_of(f"{name}.0001") for name in names]
        alone = partial(failover, served)
        floor, silent = alternated(rounds, alone, lambda: _during(_silenced(served, names, containers), alone))
        with _images_awaited(served, held):
            (waiting,) = alternated(rounds, alone)
    image = f"{FAILOVER}, while {GROUPS * MEMBERS} nodes wait for an image"
    yield Row(image, "ms", waiting, floor, "alone", BAR)
    yield Row(f"{FAILOVER}, while {SILENT} caches are silent (SIGSTOP)", "ms", silent, floor, "alone", BAR)


def _while_creating(rounds: int) -> Row:
    with plane("memory") as served:
        served.create_group(GROUP)
        alone, accounts = partial(failover, served), count(1)
        floor, busy = alternated(rounds, alone, lambda: _during(_creating(served, accounts), alone))
    name = f"{FAILOVER}, while {CREATED} caches are being created"
    return Row(name, "ms", busy, floor, "alone", BAR, "pretend machine")


def failover(served: Plane) -> float:
    """One of GROUP, which is available before and afterwards: how many milliseconds until another node leads."""
    before = served.primary(GROUP)
    asked = {"ReplicationGroupId": GROUP, "NodeGroupId": "0001"}

    def deed() -> None:
        served.client.call("TestFailover", asked)
        until(lambda: served.primary(GROUP) not in ("", before), "another primary", GLANCE)

    took = milliseconds(deed)
    served.await_group(GROUP)
    return took


@contextmanager
def _images_awaited(served: Plane, held: Holding) -> Iterator[None]:
    names = [f"{GROUP}-waits-{number}" for number in range(GROUPS)]
    held.hold()
    for name in names:
        served.client.call("CreateReplicationGroup", {"ReplicationGroupId": name, **_WAITING})
    until(lambda: held.held, "a question for the image", GLANCE)
    try:
        yield
    finally:
        held.release()


@contextmanager
def _silenced(served: Plane, names: list[str], containers: list[str]) -> Iterator[None]:
    docker("kill", "--signal=STOP", *containers)
    for name in names:
        look = request("DescribeCacheClusters", {"CacheClusterId": name})
        until(
            lambda look=look: told(served.client.send(look), "CacheClusterStatus") == "modifying",  # type: ignore[misc]
            f"that the silence of {name} is noticed",
            GLANCE,
        )
    try:
        yield
    finally:
        docker("kill", "--signal=CONT", *containers)
        for name in names:
            served.await_cluster(name)


@contextmanager
def _creating(served: Plane, accounts: Iterator[int]) -> Iterator[None]:
    """Half of the caches have been asked for, and the other half is being asked for."""
    half, client = threading.Event(), Client(served.client.port)
    last: list[str] = []

    def create() -> None:
        for number in range(CREATED):
            if number % QUOTA == 0:
                last.append(f"{next(accounts):012}")
            params: Mapping[str, str | int] = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
            client.call("CreateCacheCluster", {"CacheClusterId": f"c{number}", **params}, last[-1])
            if number == CREATED // 2:
                half.set()

    thread = threading.Thread(target=create, name="creating")
    thread.start()
    half.wait()
    try:
        yield
    finally:
        thread.join()
        client.close()
        served.await_cluster(f"c{CREATED - 1}", last[-1])


def _during(load: AbstractContextManager[None], take: Callable[[], float]) -> float:
    with load:
        return take()
