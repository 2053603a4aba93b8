"""Since when nodes are silent, and how long the last look waits for them."""

from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from cachewright.agents.planning.world import Answer, Sight, World
from cachewright.agents.reconcile.silence import ROUNDED, SHORTEST, Pinged, counted, patience_left
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind, NodeStatus, Spec, Status
from cachewright.controlplane.model.versions import Engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE = timedelta(seconds=3)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def cache(silent_since: datetime | None, answered: int = 1) -> Cache:
    key = Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, "cc")
    node = NodeStatus(Address("10.0.0.1", 6379), answered=answered, silent_since=silent_since)
    spec = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "", ())
    return Cache(key, "1", NOW, 1, deleting=False, spec=spec, status=Status(nodes={"n": node}))


@pytest.mark.parametrize(
    ("heard", "vain", "silent_since", "answer", "since"),
    [
        (0.7, None, None, None, 0.7),
        (1.5, None, None, None, 0.0),  # pings have been late, or the machine slept: it may have answered since
        (1.5, 1.1, None, None, 1.5),  # the container engines were waited for meanwhile
        (1.5, 0.4, None, None, 0.4),  # between these two pings it may have answered
        (9.5, 9.1, None, None, 0.0),  # nobody has looked for long
        (-0.1, None, None, None, 0.0),  # answered again
        (0.7, 0.2, 0.9, None, 0.0),  # known already
        (0.7, 0.2, None, Answer("redis 7"), 0.0),
    ],
)
def test_silence_is_counted_from_the_last_answer(
    heard: float, vain: float | None, silent_since: float | None, answer: Answer | None, since: float
) -> None:
    world = World({"n": Sight(answer=answer, asked=NOW)})
    before = cache(None if silent_since is None else ago(silent_since))
    pinged = {"n": Pinged(ago(heard), None if vain is None else ago(vain))}
    assert counted(world, before, pinged).at("n").asked == ago(since)
    assert counted(world, before, {}) == world


@pytest.mark.parametrize(
    ("silent_since", "answered", "vain", "seconds"),
    [
        (2.25, 1, None, 0.75 + ROUNDED),
        (2.95, 1, None, SHORTEST),
        (-3600, 1, None, 3 + ROUNDED),  # the clock was put back
        (3.5, 1, None, inf),  # another agent may have found it silent: this one has asked nothing yet
        (3.5, 1, 3.0, SHORTEST),
        (2.25, 0, None, inf),  # it has not answered yet
        (3.5, 0, 3.0, inf),
        (None, 1, None, inf),
    ],
)
def test_a_look_ends_with_the_patience(
    silent_since: float | None, answered: int, vain: float | None, seconds: float
) -> None:
    since = None if silent_since is None else ago(silent_since)
    pinged = {"n": Pinged(ago(4.0), None if vain is None else ago(vain))}
    assert patience_left(cache(since, answered), NOW, PATIENCE, pinged) == pytest.approx(seconds)
