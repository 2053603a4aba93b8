"""What HAProxy is told, proven on a HAProxy reduced to what these commands mean."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.agents.gateway import runtime_api
from cachewright.agents.gateway.runtime_api import Held
from cachewright.controlplane.model.cache import Address

FIRST, SECOND = Address("10.200.128.1", 6379), Address("10.200.128.1", 6380)
NODES = tuple(Address(f"10.200.4.{number}", 6379) for number in range(4))
ANSWER = """0x55 10.200.128.1:6379 2
0x56 10.200.128.1:6379#0 10.200.4.0:6379
0x57 10.200.128.1:6379#1 10.200.4.1:6379
0x58 10.200.128.1:6380 0

# bkname/svname bkid/svid addr port - purge_delay used_cur
targets/nowhere 3/1 127.0.0.1 9 - 5000 0
targets/10.200.128.1:6379-10.200.4.0:6379 3/2 10.200.4.0 6379 - 0 0

"""

targets = st.lists(st.sampled_from(NODES), unique=True).map(tuple)


@dataclass
class Model:
    """Refuses what HAProxy refuses."""

    entries: dict[str, str] = field(default_factory=dict)
    servers: dict[str, bool] = field(default_factory=dict)  # name -> enabled
    closed: list[str] = field(default_factory=list)

    def held(self) -> Held:
        return Held(dict(self.entries), frozenset(self.servers))

    def hear(self, commands: Iterable[str]) -> None:
        for command in commands:
            self._obey(command.replace(f"map {runtime_api.MAP}", "entry").replace(f"{runtime_api.BACKEND}/", ""))
            self._check()

    def _obey(self, command: str) -> None:
        match command.split():
            case ["add", "entry", key, value]:
                assert key not in self.entries
                self.entries[key] = value
            case ["set", "entry", key, value]:
                assert key in self.entries
                self.entries[key] = value
            case ["del", "entry", key]:
                del self.entries[key]
            case ["add", "server", name, address, "weight", "0"]:
                assert name not in self.servers
                assert name.endswith(f"-{address}")
                self.servers[name] = False
            case ["enable" | "disable" as verb, "server", name]:
                assert name in self.servers
                self.servers[name] = verb == "enable"
            case ["shutdown", "sessions", "server", name]:
                assert not self.servers[name]
                self.closed.append(name)
            case ["del", "server", name]:
                assert not self.servers.pop(name)
            case _:
                raise AssertionError(command)

    def _check(self) -> None:
        """At every moment each turn that counts leads to a server that works."""
        for endpoint, leads in self.held().routes().items():
            assert all(self.servers[runtime_api.server(endpoint, target)] for target in leads)


def pointed(*routes: tuple[Address, tuple[Address, ...]]) -> Model:
    model = Model()
    for endpoint, leads in routes:
        model.hear(runtime_api.pointing(model.held(), endpoint, leads))
    return model


@given(targets, targets)
@settings(max_examples=25)
def test_pointing_is_done_wherever_it_was_interrupted(before: tuple[Address, ...], after: tuple[Address, ...]) -> None:
    whole = runtime_api.pointing(pointed((FIRST, before), (SECOND, NODES)).held(), FIRST, after)
    for told in range(len(whole) + 1):
        model = pointed((FIRST, before), (SECOND, NODES))
        model.hear(whole[:told])
        model.hear(runtime_api.pointing(model.held(), FIRST, after))
        assert model.held() == pointed((FIRST, after), (SECOND, NODES)).held()
        assert set(model.closed) == {runtime_api.server(FIRST, gone) for gone in set(before) - set(after)}


@given(targets)
@settings(max_examples=25)
def test_forgetting_is_done_wherever_it_was_interrupted(before: tuple[Address, ...]) -> None:
    whole = runtime_api.forgetting(pointed((FIRST, before)).held(), FIRST)
    for told in range(len(whole) + 1):
        model = pointed((FIRST, before))
        model.hear(whole[:told])
        model.hear(runtime_api.forgetting(model.held(), FIRST))
        assert model == Model(closed=model.closed)
        assert set(model.closed) == {runtime_api.server(FIRST, gone) for gone in before}


def test_pointing_again_closes_nothing() -> None:
    model = pointed((FIRST, NODES))
    model.hear(runtime_api.pointing(model.held(), FIRST, NODES))
    assert not model.closed


def test_an_answer_is_read() -> None:
    held = runtime_api.read(ANSWER)
    assert held.routes() == {FIRST: NODES[:2], SECOND: ()}
    assert held.servers == {"10.200.128.1:6379-10.200.4.0:6379"}


@pytest.mark.parametrize("length", [0, 30, len(ANSWER) - 60, len(ANSWER) - 1])
def test_an_answer_that_was_cut_off_is_not_believed(length: int) -> None:
    with pytest.raises(ValueError, match="incomplete"):
        runtime_api.read(ANSWER[:length])


def test_lines_fit_into_haproxys_buffer() -> None:
    commands = [f"enable server targets/{number}" for number in range(2000)]
    lines = list(runtime_api.lines(commands))
    assert max(map(len, lines)) < 16_384
    assert ";".join(lines).split(";") == commands
    assert len(lines) < 8


def test_nothing_to_say_is_no_line() -> None:
    assert list(runtime_api.lines([])) == []


@pytest.mark.parametrize("answer", ["", "\n\n", "New server registered.\n\n\n", "Server deleted.\n"])
def test_expected_answers_are_no_complaint(answer: str) -> None:
    assert runtime_api.complaint(answer) is None


def test_whatever_else_is_said_is_a_complaint() -> None:
    assert runtime_api.complaint("New server registered.\n\nNo such server.\n") == "No such server."
