"""The fixtures of tests: a cache that is made for a test, and one that is emptied for the next."""

from collections.abc import Iterator

from benchmarks.docker import Model, copies, model, run
from benchmarks.figures import Row, Summary, alternated
from benchmarks.waiting import milliseconds
from cachewright.testing.control_plane import Cachewright
from cachewright.testing.kept import Kept

KEYS = 100  # that a test leaves


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


def _made(kept: Kept) -> float:
    def ready() -> None:
        cache = lent.__enter__()
        assert cache.client.ping()

    lent = kept.lent("redis", {}, fresh=True)
    took = milliseconds(ready)
    lent.__exit__(None, None, None)
    return took


def _emptied(kept: Kept) -> float:
    def lent() -> None:
        with kept.lent("redis", {}, fresh=False) as cache:
            cache.client.mset({str(number): number for number in range(KEYS)})

    return milliseconds(lent)


def _container(copied: Model) -> float:
    with copies(copied, 1) as (name,):
        return milliseconds(lambda: run(copied, 0, name))
