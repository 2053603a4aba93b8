"""Caches as fixtures of pytest. Nothing is started, and nothing heavy imported, before a test asks for one.

| Fixture | What it is |
|---|---|
| `cachewright` | the control plane: started by the first test that wants it, shared by all processes of pytest-xdist |
| `elasticache` | boto3's client for it |
| `redis_cache`, `valkey_cache`, `valkey_cluster`, `memcached_cache` | an empty cache, available, and a client of it |
| `serverless_cache` | the same of a serverless cache, which has TLS |
| `create_cache` | makes a cache with any parameters, which goes with the test |
| `aws_environment` | leads the code under test to it, by the variables of AWS's SDKs |
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cachewright.testing.caches import Cache
    from cachewright.testing.control_plane import Cachewright
    from cachewright.testing.kept import Kept

WARM = "cachewright/warm"  # in pytest's cache
MOST_WARM = 2  # nodes of an engine and version that are started before the tests ask for them
MARKER = "cachewright(engine, version, fresh, **params): parameters of AWS's Create for the cache fixtures of a test"


def pytest_addoption(parser: pytest.Parser) -> None:
    """How it is led from outside."""
    group = parser.getgroup("cachewright", "caches by Cachewright")
    group.addoption("--cachewright-url", help="the control plane to use, instead of one of its own")
    parser.addini("cachewright_url", "the control plane to use, instead of one of its own", default="")
    parser.addini("cachewright_settings", "variables of its environment, NAME=VALUE", type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Markers are told to pytest."""
    config.addinivalue_line("markers", MARKER)


def _url(config: pytest.Config) -> str:
    """The control plane that was named, or the one that runs where `cachewright up` listens; empty: one of our own."""
    named = config.getoption("cachewright_url") or config.getini("cachewright_url") or os.environ.get("CACHEWRIGHT_URL")
    return str(named or "")


@pytest.fixture(scope="session")
def cachewright(request: pytest.FixtureRequest) -> Iterator[Cachewright]:
    """The control plane of the session; the test is skipped with the reason where there can be none."""
    from cachewright.controlplane.commands.plane import NoAnswer
    from cachewright.controlplane.commands.throwaway import Broken
    from cachewright.testing.control_plane import Cachewright, missing, running_here

    config = request.config
    url = _url(config) or running_here()
    if not url and (reason := missing()):
        pytest.skip(reason)
    settings = dict(line.split("=", 1) for line in config.getini("cachewright_settings"))
    settings = {"CACHEWRIGHT_WARM": _of_the_last_run(config), **settings}
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    try:
        with Cachewright(url, settings=settings, run=run) as found:
            yield found
            _remember(config, found.asked)
    except (Broken, NoAnswer) as error:
        pytest.fail(str(error), pytrace=False)


def _of_the_last_run(config: pytest.Config) -> str:
    """What its tests have asked for, as a value of CACHEWRIGHT_WARM; empty when nobody knows."""
    cache = getattr(config, "cache", None)  # not there with `-p no:cacheprovider`
    return str(cache.get(WARM, "")) if cache else ""


def _remember(config: pytest.Config, asked: Mapping[str, int]) -> None:
    """What the tests of this process have asked for, for the next run."""
    if (cache := getattr(config, "cache", None)) is not None:
        cache.set(WARM, warm_for(asked))


def warm_for(asked: Mapping[str, int]) -> str:
    """The value of CACHEWRIGHT_WARM for tests that have asked for so many nodes of each engine and version."""
    return ",".join(f"{release}={min(count, MOST_WARM)}" for release, count in sorted(asked.items()))


@pytest.fixture(scope="session")
def elasticache(cachewright: Cachewright) -> Any:
    """boto3's client for ElastiCache, in an account that these tests alone have."""
    return cachewright.aws


@pytest.fixture(scope="session")
def cachewright_kept(cachewright: Cachewright) -> Kept:
    """The caches that are kept from test to test."""
    from cachewright.testing.kept import Kept

    return Kept(cachewright)


@pytest.fixture
def redis_cache(request: pytest.FixtureRequest, cachewright_kept: Kept) -> Iterator[Cache]:
    """A Redis cache of one node."""
    yield from _lent(request, cachewright_kept, "redis")


@pytest.fixture
def valkey_cache(request: pytest.FixtureRequest, cachewright_kept: Kept) -> Iterator[Cache]:
    """A Valkey cache of one node."""
    yield from _lent(request, cachewright_kept, "valkey")


@pytest.fixture
def valkey_cluster(request: pytest.FixtureRequest, cachewright_kept: Kept) -> Iterator[Cache]:
    """A Valkey cache with cluster mode enabled: 3 shards of one node each."""
    yield from _lent(request, cachewright_kept, "valkey", NumNodeGroups=3, ReplicasPerNodeGroup=0)


@pytest.fixture
def memcached_cache(request: pytest.FixtureRequest, cachewright_kept: Kept) -> Iterator[Cache]:
    """A Memcached cache of one node."""
    yield from _lent(request, cachewright_kept, "memcached")


@pytest.fixture
def serverless_cache(request: pytest.FixtureRequest, cachewright_kept: Kept) -> Iterator[Cache]:
    """A serverless Valkey cache."""
    yield from _lent(request, cachewright_kept, "serverless-cache")


@pytest.fixture
def create_cache(cachewright: Cachewright) -> Iterator[Callable[..., Cache]]:
    """Makes caches as `Cachewright.create` does, which are deleted after the test."""
    made: list[Cache] = []

    def create(engine: str, name: str = "", **params: Any) -> Cache:
        made.append(cachewright.ask(engine, name, **params))
        return made[-1].await_available("creating")

    yield create
    for cache in made:
        cache.delete()


@pytest.fixture
def aws_environment(cachewright: Cachewright, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables that lead AWS SDKs, and so the code under test, to the control plane; they are set."""
    for name, value in cachewright.environment.items():
        monkeypatch.setenv(name, value)
    return cachewright.environment


def _lent(request: pytest.FixtureRequest, kept: Kept, engine: str, **usual: Any) -> Iterator[Cache]:
    """What the marker says counts for all caches of the test; with an engine, for caches of that engine."""
    params, fresh = dict(usual), False
    for marker in reversed(list(request.node.iter_markers("cachewright"))):
        said = dict(marker.kwargs)
        if said.pop("engine", engine) == engine:
            fresh = said.pop("fresh", fresh)
            version = said.pop("version", None)
            which = "MajorEngineVersion" if engine == "serverless-cache" else "EngineVersion"
            params |= {**({which: version} if version else {}), **said}
    with kept.lent(engine, params, fresh=fresh) as cache:
        yield cache
