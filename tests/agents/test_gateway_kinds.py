"""Which kind of gateway runs."""

import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from time import monotonic

import pytest

from cachewright.agents.backends import PretendImages
from cachewright.agents.gateway.published import LOCAL, Ports, ports_of
from cachewright.agents.loop.jobs import JobBoard
from cachewright.agents.planning.images import DIRECTORY, Image, ImageNeed, Job
from cachewright.agents.planning.images import NFTABLES as FORWARDS
from cachewright.agents.planning.labels import FORWARDER, GATEWAY, NFTABLES
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.claims import Alone
from cachewright.agents.reconcile.turns import After, Lanes, Outcome, Priority, SystemKey, Turn, Until
from cachewright.agents.system.controller import SystemController
from cachewright.agents.system.directory import DirectoryController
from cachewright.agents.system.gateway import GatewayController
from cachewright.agents.system.shared import shared_services
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.hosts import ONLY
from cachewright.controlplane.model.versions import DEFAULT_PORT
from cachewright.controlplane.store.failures import Unusable
from tests.executors import ByHand, Inline
from tests.house import House, house

TURNS = 20  # until a gateway runs


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


@dataclass
class NoNftables(PretendImages):
    def nftables(self) -> Image:
        raise Never("mmdebstrap is not installed")


@dataclass
class Hiccups(PretendImages):
    """So many times there is no image of nftables, for a moment."""

    left: int = 1

    def nftables(self) -> Image:
        self.left -= 1
        if self.left >= 0:
            raise Later("cannot list images: the Docker engine does not answer", 2.0)
        return super().nftables()


def kind(tools: Tools) -> str | None:
    (container,) = tools.runtime.containers(GATEWAY)
    return container.labels.get(FORWARDER)


def reconciled(house: House, tools: Tools) -> str | None:
    """What runs after as many turns as it takes."""
    return reconciled_with(house, tools, lambda: tools)


def reconciled_with(house: House, tools: Tools, make_tools: Callable[[], Tools]) -> str | None:
    gateway = GatewayController(house.store, make_tools, "run", lambda: None)
    lanes = Lanes(*(lambda _: Inline() for _ in range(4)))
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


def test_nor_can_a_kernel_without_a_setting(home: House) -> None:
    said = "cannot start container g: open /proc/sys/net/netfilter/nf_conntrack_tcp_loose: no such file or directory"
    home.machine.refusal = lambda made: Later(said, 2.0) if FORWARDER in made.labels else None
    assert reconciled(home, home.tools()) is None


@pytest.mark.parametrize(
    "said",
    [
        "cannot create container g: cannot share the host PID namespace when user namespaces are enabled",
        "cannot start container g: unable to start container process: unable to apply caps: operation not permitted",
    ],
)
def test_who_may_not_enter_other_networks_forwards(home: House, said: str) -> None:
    home.machine.refusal = lambda made: Later(said, 2.0) if made.sees_processes else None
    assert reconciled(home, home.tools()) == NFTABLES


@pytest.mark.parametrize("away", range(4))
def test_haproxy_is_not_chosen_because_docker_does_not_answer(home: House, away: int) -> None:
    """Whenever that is: before the image is there, and after."""
    tools, looks = home.tools(), count()

    def make_tools() -> Tools:
        if next(looks) == away:
            raise Later("cannot look at the machine: the Docker engine does not answer", 2.0)
        return tools

    assert reconciled_with(home, tools, make_tools) == NFTABLES


def test_nor_because_it_does_not_launch(home: House) -> None:
    answers = iter([Later("cannot create container g: the Docker engine does not answer", 2.0)])
    home.machine.refusal = lambda _: next(answers, None)
    assert reconciled(home, home.tools()) == NFTABLES


def test_nor_because_an_image_is_not_found_at_once(home: House) -> None:
    assert reconciled(home, replace(home.tools(), images=Hiccups())) == NFTABLES


def test_without_a_mirror_to_build_an_image_from_haproxy_does(home: House) -> None:
    """That may pass, some day: nobody waits for it."""
    assert reconciled(home, replace(home.tools(), images=Hiccups(1000))) is None


def test_another_gateway_is_told_of_until_everybody_knows(home: House) -> None:
    tools, failures, told = home.tools(), [Unusable("disk I/O error")], list[str]()

    def reopened() -> None:
        if failures:
            raise failures.pop()
        told.append(kind(tools) or "")

    gateway = GatewayController(home.store, lambda: tools, "run", reopened)
    with pytest.raises(Unusable):
        gateway.ensure({FORWARDS: tools.images.nftables()})
    for _ in range(2):
        gateway.ensure({})
    assert told == [NFTABLES]


def test_another_directory_is_told_of_until_everybody_knows(home: House) -> None:
    failures, told = [Unusable("disk I/O error")], list[str]()
    home.cluster("web", Engine="memcached", NumCacheNodes=1)

    def reopened() -> None:
        if failures:
            raise failures.pop()
        told.append(directory.boot)

    directory = DirectoryController(home.store, home.tools, "run", reopened)
    with pytest.raises(Unusable):
        directory.ensure({DIRECTORY: home.tools().images.directory()})
    for _ in range(2):
        directory.ensure({})
    assert told == [directory.boot]


@dataclass
class Failing:
    """A container that cannot be made."""

    needs: Sequence[ImageNeed] = ()
    failure: str = "it ended"
    rests: bool = False

    def ensure(self, images: Mapping[ImageNeed, Image]) -> Job | None:
        if self.failure:
            raise Later(self.failure)
        return None

    def fall_back(self, job: Job, verdict: Later | Never) -> bool:
        return False


def alone(singleton: Failing, recovered: Callable[[], None] = lambda: None) -> Callable[..., Outcome]:
    """A look and what comes after it; whether there were news meanwhile."""
    lanes = Lanes(*(lambda _: Inline() for _ in range(4)))
    jobs = JobBoard(PretendImages(), Inline(), monotonic, lambda _: None)
    controller = SystemController(SystemKey.GATEWAY, singleton, lanes, jobs, 5.0, recovered)

    def looked(*, woken: bool = False) -> Outcome:
        begun = controller.reconcile(Turn(SystemKey.GATEWAY, None, woken=False, priority=Priority.ROUTINE))
        assert isinstance(begun, Until)
        return controller.reconcile(Turn(SystemKey.GATEWAY, begun.memory, woken=woken, priority=Priority.ROUTINE))

    return looked


def test_news_while_it_fails_are_not_forgotten() -> None:
    """But its own failing makes news, too: a container that ends again and again is not launched without a pause."""
    looked = alone(Failing())
    outcomes = [looked(woken=woken) for woken in (False, True, True, True, False)]
    assert outcomes == [After(1.0), After(0.0), After(4.0), After(0.0), After(5.0)]


def test_what_rests_is_looked_at_less_often() -> None:
    assert [alone(Failing(failure="", rests=rests))() for rests in (False, True)] == [After(5.0), After(30.0)]


def test_that_it_is_as_it_should_be_is_told_until_everybody_knows() -> None:
    failures, told = [Unusable("disk I/O error")], list[bool]()

    def recovered() -> None:
        if failures:
            raise failures.pop()
        told.append(True)

    singleton = Failing()
    looked = alone(singleton, recovered)
    looked()
    singleton.failure = ""
    with pytest.raises(Unusable):
        looked()
    for _ in range(2):
        assert looked() == After(5.0)
    assert told == [True]


def test_only_haproxy_can_be_published(home: House) -> None:
    assert reconciled(home, replace(home.tools(), ports=Ports((6379, 16379)))) is None


def test_news_while_it_is_looked_for_are_not_forgotten(home: House) -> None:
    """The image is found while somebody looks who does not know that yet: the end of the job was told, and is news."""
    gateway, tools = GatewayController(home.store, home.tools, "run", lambda: None), home.tools()
    fetching, work = ByHand(), ByHand()
    jobs = JobBoard(tools.images, fetching, monotonic, lambda _: None)
    controller = SystemController(SystemKey.GATEWAY, gateway, Lanes(*(lambda _: work for _ in range(4))), jobs, 5.0)

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
    assert turn(third) == After(30.0)


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


def test_a_gateway_that_was_not_heard_yet_is_not_known_to_serve(home: House) -> None:
    shared = shared_services(home.store, home.tools, Alone("run", home.clock), 3.0, {}, lambda: None)
    unheard = shared.outages()
    shared.gateway.ensure({FORWARDS: home.backend.images.nftables()})
    heard = shared.outages()
    shared.gateway.outage.note("cannot reach the gateway")
    lost = shared.outages()
    assert [each.serving for each in (unheard, heard, lost)] == [frozenset(), {ONLY}, frozenset()]
