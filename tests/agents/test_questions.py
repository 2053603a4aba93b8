"""What the API asks of engines: nobody else waits for the answer, and nobody waits for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.toolbox import LazyTools
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.faults import Fault
from tests.house import House, house

LONG = 30.0  # seconds; nothing here takes as long, unless it hangs
SHORT = 0.05


class SlowEngine:
    """An engine that thinks about every value until it is told to answer."""

    def __init__(self, answer: str = "") -> None:
        self.asked, self.released = Event(), Event()
        self.answer = answer

    def __call__(self, _name: str, _value: str) -> str:
        self.asked.set()
        assert self.released.wait(LONG)
        return self.answer


@pytest.fixture
def home(tmp_path: Path) -> House:
    home = house(tmp_path)
    home.call(
        "CreateCacheParameterGroup", CacheParameterGroupName="own", CacheParameterGroupFamily="redis7", Description="it"
    )
    return home


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def live(home: House, limit: float) -> LiveEngines:
    return LiveEngines(
        LazyTools(home.store, "test", home.backend, home.files, home.buckets).tools, home.buckets, limit, limit
    )


def modify(home: House, value: str) -> None:
    values = [{"ParameterName": "timeout", "ParameterValue": value}]
    home.call("ModifyCacheParameterGroup", CacheParameterGroupName="own", ParameterNameValues=values)


def parameters(home: House) -> list[object]:
    shown = home.call("DescribeCacheParameters", CacheParameterGroupName="own", Source="user")["Parameters"]
    return [(each["ParameterName"], each["ParameterValue"]) for each in shown]


def test_others_write_while_an_engine_thinks(home: House, pool: ThreadPoolExecutor) -> None:
    home.group("rg", CacheParameterGroupName="own")
    home.group("other", nodes=2)
    home.engines = live(home, LONG)
    home.machine.objection = slow = SlowEngine()
    modifying = pool.submit(modify, home, "30")
    try:
        assert slow.asked.wait(LONG)
        home.call("TestFailover", ReplicationGroupId="other", NodeGroupId="0001")
        assert not modifying.done()
        assert parameters(home) == []
    finally:
        slow.released.set()
    modifying.result(LONG)
    assert parameters(home) == [("timeout", "30")]


def test_what_an_engine_refuses_after_a_while_was_never_written(home: House, pool: ThreadPoolExecutor) -> None:
    home.group("rg", CacheParameterGroupName="own")
    home.engines = live(home, LONG)
    home.machine.objection = slow = SlowEngine("it cannot")
    modifying = pool.submit(modify, home, "30")
    assert slow.asked.wait(LONG)
    slow.released.set()
    with pytest.raises(Fault, match="it cannot"):
        modifying.result(LONG)
    assert parameters(home) == []


def test_an_engine_that_hangs_holds_nobody_up(home: House) -> None:
    cache = home.group("rg", CacheParameterGroupName="own")
    home.engines = engines = live(home, SHORT)
    home.machine.objection = hanging = SlowEngine("it cannot")
    try:
        assert engines.dry_run(cache, {"timeout": "30"}) == ""
        modify(home, "30")
        assert parameters(home) == [("timeout", "30")]
    finally:
        hanging.released.set()


def test_a_container_engine_that_hangs_holds_nobody_up(home: House) -> None:
    cache = home.group("rg")
    released = Event()
    tools = LazyTools(home.store, "test", home.backend, home.files, home.buckets).tools

    def hanging() -> Tools:
        assert released.wait(LONG)
        return tools()

    engines = LiveEngines(hanging, home.buckets, SHORT, SHORT)
    try:
        assert engines.usage(cache) == {}
        assert engines.dry_run(cache, {"timeout": "30"}) == ""
    finally:
        released.set()


def test_usage_is_told_of_the_nodes_that_answer(home: House) -> None:
    cache = home.group("rg")
    home.machine.pause(home.container("rg-002.0001"))
    assert sorted(live(home, LONG).usage(cache)) == ["rg-001.0001", "rg-003.0001"]
    home.machine.away = True
    assert live(home, LONG).usage(cache) == {}
