"""Which kind of gateway runs."""

import socket
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import pytest

from cachewright.agents.backends import PretendImages
from cachewright.agents.gateway.published import LOCAL, Ports, ports_of
from cachewright.agents.loop.jobs import JobBoard
from cachewright.agents.planning.images import Image
from cachewright.agents.planning.labels import FORWARDER, GATEWAY, NFTABLES
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.turns import After, Lanes, Outcome, Priority, SystemKey, Turn, Until
from cachewright.agents.system.controller import SystemController
from cachewright.agents.system.gateway import GatewayController
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.versions import DEFAULT_PORT
from tests.executors import ByHand, Inline
from tests.house import House, house

TURNS = 10  # until a gateway runs


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


@dataclass
class NoNftables(PretendImages):
    def nftables(self) -> Image:
        raise Never("mmdebstrap is not installed")


def kind(tools: Tools) -> str | None:
    (container,) = tools.runtime.containers(GATEWAY)
    return container.labels.get(FORWARDER)


def reconciled(house: House, tools: Tools) -> str | None:
    """What runs after as many turns as it takes."""
    gateway = GatewayController(house.store, lambda: tools, "run", lambda: None)
    lanes = Lanes(lambda _: Inline(), lambda _: Inline(), Inline())
    jobs = JobBoard(tools.images, Inline(), monotonic, lambda _: None)
    controller, memory = SystemController(SystemKey.GATEWAY, gateway, lanes, jobs, 5.0), None
    for _ in range(TURNS):
        outcome = controller.reconcile(Turn(SystemKey.GATEWAY, memory, woken=False, priority=Priority.ROUTINE))
        memory = outcome.memory if isinstance(outcome, Until) else None
        if gateway.boot:
            return kind(tools)
    raise AssertionError("there is no gateway")


def test_the_kernel_forwards(home: House) -> None:
    assert reconciled(home, home.tools()) == NFTABLES


def test_without_an_image_for_that_haproxy_does(home: House) -> None:
    assert reconciled(home, replace(home.tools(), images=NoNftables())) is None


def test_where_the_kernel_cannot_haproxy_does(home: House) -> None:
    home.machine.stillbirth = lambda made: "no such table" if FORWARDER in made.labels else ""
    assert reconciled(home, home.tools()) is None


def test_only_haproxy_can_be_published(home: House) -> None:
    assert reconciled(home, replace(home.tools(), ports=Ports((6379, 16379)))) is None


def test_news_while_it_is_looked_for_are_not_forgotten(home: House) -> None:
    """The image is found while somebody looks who does not know that yet: the end of the job was told, and is news."""
    gateway, tools = GatewayController(home.store, home.tools, "run", lambda: None), home.tools()
    fetching, work = ByHand(), ByHand()
    jobs = JobBoard(tools.images, fetching, monotonic, lambda _: None)
    controller = SystemController(SystemKey.GATEWAY, gateway, Lanes(lambda _: work, lambda _: work, work), jobs, 5.0)

    def turn(memory: object = None, *, woken: bool = False) -> Outcome:
        return controller.reconcile(Turn(SystemKey.GATEWAY, memory, woken=woken, priority=Priority.ROUTINE))

    def looked() -> object:
        outcome = turn()
        assert isinstance(outcome, Until)
        work.run()
        return outcome.memory

    first, second = looked(), looked()
    assert turn(first) == After(5.0)  # the job begins
    fetching.run()
    assert turn(second) == After(0.0)  # and has ended
    third = looked()
    assert gateway.boot
    assert turn(third, woken=True) == After(0.0)
    assert turn(third) == After(5.0)


def test_the_one_that_runs_is_left_alone(home: House) -> None:
    """As after an upgrade. Another one takes its place when it is gone."""
    reconciled(home, replace(home.tools(), images=NoNftables()))
    assert reconciled(home, home.tools()) is None
    home.machine.remove(home.tools().runtime.containers(GATEWAY)[0].name)
    assert reconciled(home, home.tools()) == NFTABLES


def test_without_a_port_to_publish_the_setting_is_named(home: House) -> None:
    with ExitStack() as taken:
        port = taken.enter_context(socket.create_server((LOCAL, 0))).getsockname()[1]
        for standard in DEFAULT_PORT.values():
            with suppress(OSError):  # somebody else has it
                taken.enter_context(socket.create_server((LOCAL, standard)))
        with pytest.raises(Later, match=f"no ports from {port} to {port} are free; set CACHEWRIGHT_PUBLISHED_PORTS"):
            ports_of(home.store, port, port)
