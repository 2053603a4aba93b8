"""What every runtime keeps, the pretend one and Docker alike."""

import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any

import pytest

from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import File, State
from cachewright.agents.planning.labels import AHEAD, CACHE, INSTANCE, LIFE, NODE, WARM, warm_prefix
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime import razing
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.runtime import Razed
from tests.contract.runtimes import ABSENT_IMAGE, CONFIG, WORLDS, World, opened
from tests.contract.runtimes import docker as on_docker


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Each of the runtimes."""
    yield from opened(request.param)


class Relay:
    """A socket that leads to the engine's, and can be cut."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ends: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        while self._ends:
            with suppress(OSError):
                self._ends.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, there = self._listener.accept()[0], socket.socket(socket.AF_UNIX)
                there.connect("/var/run/docker.sock")
                self._ends += [here, there]
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)


def eventually(what: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it comes true in time."""
    pause, deadline = threading.Event(), monotonic() + seconds
    while not (true := what()) and monotonic() < deadline:
        pause.wait(0.02)
    return true


def test_a_launched_container_runs_with_its_labels(world: World) -> None:
    world.runtime.launch(world.blueprint(colour="red"))
    (container,) = world.runtime.containers({"colour": "red"})
    assert (container.name, container.state, container.ending) == (f"{world.prefix}-0", State.RUNNING, "")
    assert container.labels["number"] == "0"
    assert container.labels[INSTANCE] == world.prefix
    assert container.started_at
    assert container.image


def test_launching_again_replaces_the_container(world: World) -> None:
    world.runtime.launch(world.blueprint())
    before = world.runtime.containers()
    world.runtime.launch(world.blueprint(colour="blue"))
    (after,) = world.runtime.containers()
    assert after.labels["colour"] == "blue"
    assert after.started_at != before[0].started_at


def _started_ahead(world: World, number: int = 0) -> str:
    name = f"{warm_prefix(world.prefix)}{number}"
    world.runtime.launch(replace(world.blueprint(number), name=name, labels={LIFE: "1", **WARM, AHEAD: name}))
    return name


def test_an_adopted_container_is_a_nodes_and_its_process_goes_on(world: World) -> None:
    ahead, owner = _started_ahead(world), {NODE: "n", CACHE: "c"}
    (before,) = world.runtime.containers(WARM)
    labels = {**{key: value for key, value in before.labels.items() if key not in {AHEAD, *WARM}}, **owner}
    for runtime in (world.runtime, world.another()):
        runtime.recognise(ahead, owner)
        assert runtime.containers(WARM) == []
        (owned,) = runtime.containers({NODE: "n", LIFE: "1"})
        assert owned == replace(before, labels=labels)
        assert runtime.containers() == runtime.containers(owner) == [owned]
        assert runtime.containers({NODE: "n", LIFE: "2"}) == runtime.containers({NODE: "m"}) == []
    world.runtime.rename(ahead, world.blueprint().name)
    assert world.runtime.containers(owner) == [replace(owned, name=world.blueprint().name)]
    world.runtime.disown(ahead)
    assert world.runtime.containers(owner) == []
    assert [one.labels for one in world.runtime.containers(WARM)] == [before.labels]
    assert [one.labels[AHEAD] for one in world.another().containers(WARM)] == [ahead]  # whom nobody has told
    world.runtime.remove(world.blueprint().name)
    assert world.runtime.containers() == []


def test_no_name_is_taken_away(world: World) -> None:
    for number in (0, 1):
        world.runtime.launch(world.blueprint(number))
    first, second = (world.blueprint(number).name for number in (0, 1))
    for name, new in ((first, second), ("nobody", f"{first}-other")):
        with pytest.raises(Later):
            world.runtime.rename(name, new)
    assert {one.name: one.labels["number"] for one in world.runtime.containers()} == {first: "0", second: "1"}


def test_a_name_that_belongs_to_somebody_else_is_never_taken(world: World) -> None:
    theirs = replace(world.blueprint(), address=str(world.stranger.open_network().first_node))
    world.stranger.launch(theirs)
    with pytest.raises(Never, match="somebody else"):
        world.runtime.launch(world.blueprint())
    assert [container.state for container in world.stranger.containers()] == [State.RUNNING]
    assert world.runtime.containers() == []


def test_many_launches_at_once(world: World) -> None:
    blueprints = [world.blueprint(number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(world.runtime.launch, blueprints))
    assert [container.state for container in world.runtime.containers()] == [State.RUNNING] * 8


def test_an_address_is_held_by_one_container_at_a_time(world: World) -> None:
    world.runtime.launch(world.blueprint(0))
    second = replace(world.blueprint(1), address=world.blueprint(0).address)
    with pytest.raises(Later, match=f"cannot start container {second.name}: {world.prefix}-0 has its address"):
        world.runtime.launch(second)
    assert world.seen(second.name) is None
    world.runtime.remove(world.blueprint(0).name)
    world.runtime.launch(second)
    assert world.seen(second.name) is not None


def test_an_earlier_life_under_another_name_gives_up_its_address(world: World) -> None:
    place = {CACHE: "cache", NODE: "one.0001"}
    world.runtime.launch(world.blueprint(0, **place))
    second = replace(world.blueprint(1, **place), address=world.blueprint(0).address)
    world.runtime.launch(second)
    assert [container.name for container in world.runtime.containers()] == [second.name]


def test_an_absent_image_is_told(world: World) -> None:
    with pytest.raises(Later, match=f"cannot create container {world.prefix}-0: its image is not on the engine"):
        world.runtime.launch(replace(world.blueprint(), image=ABSENT_IMAGE))
    assert world.runtime.containers() == []


def test_kill_and_start(world: World) -> None:
    name = world.blueprint().name
    world.runtime.launch(world.blueprint())
    (first,) = world.runtime.containers()
    world.runtime.kill(name)
    assert eventually(lambda: world.runtime.containers()[0].state is State.EXITED)
    assert world.runtime.containers()[0].ending == "exit code 137"
    world.runtime.kill(name)
    world.runtime.start(name)
    world.runtime.start(name)
    (again,) = world.runtime.containers()
    assert (again.state, again.ending) == (State.RUNNING, "")
    assert again.started_at != first.started_at


def test_files_reach_a_running_container_and_the_next_process(world: World) -> None:
    name = world.blueprint().name
    world.runtime.launch(world.blueprint())
    world.runtime.copy(name, [File("/cache/node.conf", b"nonsense 1"), File("/extra/x", b"1")], "10001:10001")
    world.runtime.copy(name, [CONFIG], "10001:10001")
    world.runtime.restart(name)
    (container,) = world.runtime.containers()
    assert container.state is State.RUNNING


def test_pause_and_unpause_are_repeatable(world: World) -> None:
    name = world.blueprint().name
    world.runtime.launch(world.blueprint())
    for _ in range(2):
        world.runtime.pause(name)
        assert world.runtime.containers()[0].state is State.PAUSED
    for _ in range(2):
        world.runtime.unpause(name)
        assert world.runtime.containers()[0].state is State.RUNNING


def test_disconnect_and_connect_are_repeatable(world: World) -> None:
    name, address = world.blueprint().name, world.blueprint().address
    world.runtime.launch(world.blueprint())
    assert eventually(lambda: world.answers(address))
    for _ in range(2):
        world.runtime.disconnect(name)
        assert not world.answers(address)
    (container,) = world.runtime.containers()
    assert (container.state, container.connected) == (State.RUNNING, False)
    for _ in range(2):
        world.runtime.connect(name, address)
        assert eventually(lambda: world.answers(address))
    assert world.runtime.containers() == [replace(container, connected=True)]


def test_a_container_may_move_to_another_address_and_keeps_it(world: World) -> None:
    name, former, other = world.blueprint().name, world.blueprint().address, world.blueprint(7).address
    world.runtime.launch(world.blueprint())
    assert eventually(lambda: world.answers(former))
    (before,) = world.runtime.containers()
    world.runtime.disconnect(name)
    world.runtime.connect(name, other)
    assert eventually(lambda: world.answers(other))
    assert not world.answers(former)
    assert world.runtime.containers() == [before]
    world.runtime.launch(world.blueprint(1))
    world.runtime.restart(name)
    assert eventually(lambda: world.answers(other))
    assert not world.answers(former)


def test_an_address_may_be_of_ipv6(world: World) -> None:
    address = world.network.twin(world.blueprint().address)
    made = replace(world.blueprint(), address=address)
    world.runtime.launch(made)
    assert eventually(lambda: world.answers(address))
    world.runtime.disconnect(made.name)
    assert not world.answers(address)
    world.runtime.connect(made.name, address)
    assert eventually(lambda: world.answers(address))
    world.runtime.launch(made)
    assert eventually(lambda: world.answers(address))


def test_what_ends_by_itself_leaves_nothing(world: World) -> None:
    world.runtime.launch(world.blueprint())
    errand = replace(
        world.blueprint(1), command=("redis-server", "--version"), address="", beside=world.blueprint().name
    )
    assert world.runtime.run(errand) == "exit code 0"
    assert world.runtime.run(replace(errand, beside="")) == "exit code 0"  # without any network
    assert [container.name for container in world.runtime.containers()] == [world.blueprint().name]


@pytest.mark.parametrize("paused", [False, True])
def test_restart_is_a_new_start(world: World, paused: bool) -> None:
    name = world.blueprint().name
    world.runtime.launch(world.blueprint())
    (first,) = world.runtime.containers()
    if paused:
        world.runtime.pause(name)
    world.runtime.restart(name)
    (again,) = world.runtime.containers()
    assert again.state is State.RUNNING
    assert again.started_at != first.started_at


def test_remove_frees_name_and_address_and_may_be_repeated(world: World) -> None:
    world.runtime.launch(world.blueprint())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(world.runtime.remove, [world.blueprint().name] * 4))
    assert world.runtime.containers() == []
    world.runtime.launch(world.blueprint())
    assert len(world.runtime.containers()) == 1


@pytest.mark.parametrize("verb", ["start", "restart", "pause", "unpause", "kill", "copy", "disconnect", "connect"])
def test_what_is_gone_is_worth_another_look(world: World, verb: str) -> None:
    act: Callable[..., None] = getattr(world.runtime, verb)
    rest = {"copy": ([CONFIG], "10001:10001"), "connect": (world.blueprint().address,)}.get(verb, ())
    with pytest.raises(Later, match="it does not exist"):
        act(f"{world.prefix}-7", *rest)


def test_labels_select(world: World) -> None:
    for number, colour in enumerate(("red", "red", "blue")):
        world.runtime.launch(world.blueprint(number, colour=colour))
    assert [c.labels["number"] for c in world.runtime.containers({"colour": "red"})] == ["0", "1"]
    assert [c.labels["number"] for c in world.runtime.containers({"colour": "red", "number": "1"})] == ["1"]
    assert world.runtime.containers({"colour": "green"}) == []
    assert len(world.runtime.containers()) == 3
    assert world.stranger.containers() == []


def test_changes_say_where_to_look(world: World) -> None:
    stop, heard = threading.Event(), SimpleQueue[Mapping[str, str]]()

    def listen() -> None:
        for labels in world.runtime.changes(stop):
            heard.put(labels)

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        assert heard.get(timeout=10) == {}
        world.runtime.launch(world.blueprint(colour="red"))
        labels = heard.get(timeout=10)
        assert (labels["number"], labels["colour"], labels[INSTANCE]) == ("0", "red", world.prefix)
        while not heard.empty():
            heard.get()
        world.runtime.kill(world.blueprint().name)
        assert heard.get(timeout=10)["number"] == "0"
    finally:
        stop.set()
        listener.join(10)
    assert not listener.is_alive()


def test_the_network_stays_the_same(world: World) -> None:
    assert world.runtime.open_network() == world.network
    assert world.stranger.open_network().name != world.network.name
    assert world.network.gateway in world.network.subnet


def test_the_preferred_subnet_is_used_when_it_is_free(world: World) -> None:
    world.runtime.raze()
    subnet = f"10.{uuid.uuid4().int % 90 + 100}.0.0/16"  # outside of the usual ones: other tests run now
    assert str(world.runtime.open_network(subnet).subnet) == subnet


def test_raze_leaves_nothing_of_the_instance_and_everything_of_others(world: World) -> None:
    theirs = replace(world.blueprint(1), address=str(world.stranger.open_network().first_node))
    world.stranger.launch(theirs)
    world.runtime.launch(world.blueprint())
    assert world.runtime.raze().removed == (f"{world.prefix}-0", world.network.name)
    assert world.runtime.containers() == []
    assert world.runtime.raze() == Razed(())
    assert [container.name for container in world.stranger.containers()] == [theirs.name]


def test_the_engine_tells_its_size_and_version(world: World) -> None:
    assert min(world.runtime.capacities({}).values()) == world.runtime.capacity() > 1 << 29
    assert world.runtime.version()


@pytest.mark.docker
def test_how_it_ended_is_told() -> None:
    world = on_docker(f"cwrt-{uuid.uuid4().hex[:8]}")
    try:
        errand = replace(world.blueprint(), command=("redis-server", "--port", "nonsense"))
        assert world.runtime.run(errand).startswith("exit code 1: port: ")
        world.runtime.launch(errand)
        assert eventually(lambda: world.runtime.containers()[0].state is State.EXITED)
        assert world.runtime.containers()[0].ending.startswith("exit code 1: port: ")
    finally:
        world.runtime.raze()


@pytest.mark.docker
def test_changes_survive_a_broken_connection(tmp_path: Path) -> None:
    stop, relay = threading.Event(), Relay(tmp_path / "engine.sock")
    changes = DockerRuntime("cwrt-relay", Engine(f"unix://{relay.path}")).changes(stop)
    assert next(changes) == {}
    relay.cut()
    assert next(changes) == {}
    stop.set()
    assert list(changes) == []
    relay.close()


class Miscounting(Engine):
    """An engine with one empty network, which it takes for in use."""

    def version(self) -> dict[str, str]:
        return {"Version": "0"}

    def containers(self, **_: object) -> list[object]:
        return []

    def networks(self, **_: object) -> list[dict[str, str]]:
        return [{"Name": "cachewright-i", "Id": "i"}]

    def volumes(self, **_: object) -> dict[str, object]:
        return {"Volumes": None}

    def inspect_network(self, _: str) -> dict[str, object]:
        return {"Containers": {}}

    def remove_network(self, name: str) -> None:
        raise Complaint(403, f"error while removing network: network {name} has active endpoints")

    def _connected(self, timeout: float) -> Any:
        return self


def test_an_empty_network_that_the_engine_takes_for_in_use_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(razing, "_SETTLING", 0.0)
    assert DockerRuntime("i", Miscounting()).raze() == Razed((), ("cachewright-i",))


@pytest.mark.docker
def test_one_of_two_networks_with_the_same_name_is_removed() -> None:
    for world in opened(on_docker):
        with Engine().complaining("make a second network") as machine:
            twin = machine.create_network(world.network.name, check_duplicate=False, labels={INSTANCE: world.prefix})
            with pytest.raises(Later, match="there are two networks of its name"):
                world.runtime.launch(world.blueprint())
            assert world.runtime.open_network(str(world.network.subnet)) == world.network
            assert twin["Id"] not in [row["Id"] for row in machine.networks()]
        world.runtime.launch(world.blueprint())


def test_no_docker_engine_is_a_reason_to_wait() -> None:
    with pytest.raises(Later, match="the Docker engine does not answer"):
        DockerRuntime("nobody", Engine("unix:///nonexistent/docker.sock")).containers()


QUESTIONS: dict[str, Callable[[DockerRuntime], object]] = {
    "list": lambda runtime: runtime.containers(),
    "network": lambda runtime: runtime.open_network(),
    "capacity": lambda runtime: runtime.capacity(),
    "version": lambda runtime: runtime.version(),
    "kill": lambda runtime: runtime.kill("one"),
    "restart": lambda runtime: runtime.restart("one"),
    "remove": lambda runtime: runtime.remove("one"),
    "volumes": lambda runtime: runtime.volumes(),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_engine_that_never_answers_is_not_waited_for(tmp_path: Path, question: str) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "engine.sock"))
        door.listen()
        runtime = DockerRuntime("i", Engine(f"unix://{tmp_path}/engine.sock", timeout=0.2, look=0.1))
        with pytest.raises(Later, match="the Docker engine does not answer"):
            QUESTIONS[question](runtime)


def test_the_pretend_engine_goes_away_and_comes_back() -> None:
    machine, stop = Machine(), threading.Event()
    runtime = MemoryRuntime("i", machine)
    changes = runtime.changes(stop)
    assert next(changes) == {}
    machine.away = True
    with pytest.raises(Later, match="the Docker engine does not answer"):
        runtime.containers()
    threading.Timer(0.2, lambda: setattr(machine, "away", False)).start()
    assert next(changes) == {}
    stop.set()
    assert list(changes) == []


def test_how_much_a_process_has_worked(world: World) -> None:
    """Nothing is said of one that nobody reaches, as it may work on without any use."""
    world.runtime.launch(world.blueprint())
    name = world.blueprint().name
    assert world.runtime.worked(name)
    world.runtime.disconnect(name)
    assert world.runtime.worked(name) is None
    world.runtime.remove(name)
    with pytest.raises(Later, match=f"cannot look at the work of container {name}"):
        world.runtime.worked(name)
