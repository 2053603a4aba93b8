"""The fixtures of tests: a cache that is made for a test, and one that is emptied for the next; and many such tests."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from benchmarks.docker import Model, copies, docker, model, run
from benchmarks.figures import Row, Summary, alternated
from benchmarks.waiting import milliseconds, until
from cachewright.testing.control_plane import Cachewright
from cachewright.testing.kept import Kept

KEYS = 100  # that a test leaves
TESTS = 100  # of a suite
WARM = 2  # nodes that a worker finds ready

T = TypeVar("T")


def fixtures(rounds: int) -> Iterator[Row]:
    """What a test waits for before and after itself."""
    with Cachewright() as cachewright:
        kept = Kept(cachewright)
        with kept.lent("redis", {}, fresh=False) as cache:
            copied = model(f"{cache.name}-001.0001")
        cold, floor = alternated(rounds, lambda: _made(kept), lambda: _container(copied))
        emptied = Summary(tuple(_emptied(kept) for _ in range(rounds)))
    floor_is = "`docker run -d` until PING"
    yield Row("A new Redis cache for a test, connected", "ms", cold, floor, floor_is, 1.3)
    yield Row(
        "An empty Redis cache from the second test on, given and taken back", "ms", emptied, floor, floor_is, 0.02
    )


def warm_fixtures(rounds: int) -> Iterator[Row]:
    """A new cache for a test, while there is one in the warm pool."""
    with Cachewright(settings={"CACHEWRIGHT_WARM": f"redis:7.1={WARM}"}) as cachewright:
        kept = Kept(cachewright)
        with kept.lent("redis", {}, fresh=True) as cache:
            copied = model(f"{cache.name}-001.0001")
        warm, floor = alternated(rounds, lambda: _made_warm(kept, copied), lambda: _container(copied))
    name = "A new Redis cache for a test, connected, from the warm pool"
    yield Row(name, "ms", warm, floor, "`docker run -d` until PING", 0.2)


def suites(rounds: int) -> Iterator[Row]:
    """Many tests that each make a cache, use it and delete it. Each worker has an account of its own, as with xdist."""
    settings = {"CACHEWRIGHT_WARM": f"redis:7.1={2 * WARM}"}
    with Cachewright(settings=settings) as first, Cachewright(first.url) as second:
        with Kept(first).lent("redis", {}, fresh=True) as cache:
            copied = model(f"{cache.name}-001.0001")
        ours, floor = alternated(rounds, lambda: _suite((first, second)), lambda: _containers(copied))
    what = f"{TESTS} tests that each create, use and delete a Redis cache"
    name = f"{what}, 2 workers, a warm pool of {2 * WARM}, until all caches are gone"
    yield Row(name, "ms", ours, floor, f"{TESTS} times `docker run -d` until PING, two at a time", 0.6)


def _suite(workers: Sequence[Cachewright]) -> float:
    def share(worker: Cachewright) -> None:
        for _ in range(TESTS // len(workers)):
            cache = worker.create("redis")
            assert cache.client.set("key", "value")
            cache.delete()
        worker.leave()

    return milliseconds(lambda: _at_once(share, workers))


def _containers(copied: Model) -> float:
    with copies(copied, TESTS) as names:

        def share(first: int) -> None:
            for number in range(first, TESTS, 2):
                run(copied, number, names[number])

        return milliseconds(lambda: _at_once(share, range(2)))


def _at_once(deed: Callable[[T], None], parts: Sequence[T]) -> None:
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(deed, parts))


def _made(kept: Kept) -> float:
    def ready() -> None:
        cache = lent.__enter__()
        assert cache.client.ping()

    lent = kept.lent("redis", {}, fresh=True)
    took = milliseconds(ready)
    lent.__exit__(None, None, None)
    return took


def _made_warm(kept: Kept, copied: Model) -> float:
    """Once the pool is full again: what it costs to fill it is in the figure of the suites."""

    def is_full() -> bool:
        return len(docker("ps", "--quiet", "--filter", f"name=^{copied.network}-warm-").split()) >= WARM

    until(is_full, "the warm pool", 0.1)
    return _made(kept)


def _emptied(kept: Kept) -> float:
    def lent() -> None:
        with kept.lent("redis", {}, fresh=False) as cache:
            cache.client.mset({str(number): number for number in range(KEYS)})

    return milliseconds(lent)


def _container(copied: Model) -> float:
    with copies(copied, 1) as (name,):
        return milliseconds(lambda: run(copied, 0, name))
