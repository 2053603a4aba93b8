"""What doctor finds."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.local_images import Shelf
from cachewright.controlplane.commands import checks, engine_checks
from cachewright.controlplane.commands.checks import Finding, Mark
from cachewright.controlplane.commands.doctor import line
from cachewright.controlplane.commands.reach import ipv6, network, verdict
from cachewright.controlplane.data_directory import probing_lock
from cachewright.controlplane.settings import EndpointMode, Settings
from cachewright.controlplane.store.locks import locked

DIRECT, PUBLISHED = EndpointMode.DIRECT, EndpointMode.PUBLISHED
BOTH = {DIRECT: "10.200.4.0:6379", PUBLISHED: "127.0.0.1:40000"}


@pytest.mark.parametrize(
    ("version", "mark"), [((3, 10, 9), Mark.BAD), ((3, 11, 0), Mark.GOOD), ((3, 14, 0), Mark.GOOD)]
)
def test_python(version: tuple[int, int, int], mark: Mark) -> None:
    assert checks.python(version).mark is mark


def test_a_data_directory_is_writable_or_can_be_made(tmp_path: Path) -> None:
    assert checks.data_directory(tmp_path).words.endswith("exists")
    assert checks.data_directory(tmp_path / "some" / "where").words.endswith("can be made")


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert checks.data_directory(tmp_path / "file" / "data").mark is Mark.BAD


def test_a_port_that_another_program_has() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        answering = Thread(target=other.handle_request)
        answering.start()
        finding = checks.port(Settings(port=other.server_port))
        answering.join()
    assert finding.mark is Mark.BAD
    assert finding.words.endswith("Address already in use")


def test_a_free_port() -> None:
    assert checks.port(Settings(port=0)).mark is Mark.GOOD


@pytest.mark.parametrize(("limit", "mark"), [(1024, Mark.DOUBTFUL), (4096, Mark.GOOD), (-1, Mark.GOOD)])
def test_open_files(limit: int, mark: Mark) -> None:
    assert checks.open_files(limit).mark is mark


@pytest.mark.parametrize(
    ("limit", "mark", "words"),
    [
        (1024, Mark.DOUBTFUL, "only 1024: clusters of more than 32 nodes lose packets"),
        (16384, Mark.GOOD, "up to 16384: clusters of 128 nodes"),
    ],
)
def test_neighbours(limit: int, mark: Mark, words: str) -> None:
    finding = checks.neighbours(limit)
    assert (finding.mark, finding.words) == (mark, words)


@pytest.mark.parametrize(
    ("reached", "chosen", "mark", "remedy"),
    [
        (BOTH, DIRECT, Mark.GOOD, ""),
        (BOTH, PUBLISHED, Mark.GOOD, ""),
        ({PUBLISHED: "127.0.0.1:40000"}, DIRECT, Mark.BAD, "set CACHEWRIGHT_ENDPOINTS=published"),
        ({DIRECT: "10.200.4.0:6379"}, PUBLISHED, Mark.BAD, "set CACHEWRIGHT_ENDPOINTS=direct"),
        ({}, DIRECT, Mark.BAD, "look for a firewall between this machine and the container engine's networks"),
    ],
)
def test_the_network_mode_follows_from_what_answers(
    reached: Mapping[EndpointMode, str], chosen: EndpointMode, mark: Mark, remedy: str
) -> None:
    finding = verdict(reached, chosen)
    assert (finding.mark, finding.remedy) == (mark, remedy)


def test_memory_says_for_how_many_node_types_it_is_enough() -> None:
    finding = engine_checks.memory(MemoryRuntime("doctor"))
    assert finding.mark is Mark.GOOD
    assert "node types" in finding.words


class _Silent(MemoryRuntime):
    def version(self) -> str:
        raise Later("cannot reach the engine: no permission to use the Docker engine")


def test_an_engine_that_lets_nobody_in() -> None:
    finding = engine_checks.reachable(_Silent("doctor"))
    assert finding.mark is Mark.BAD
    assert "usermod -aG docker" in finding.remedy


def test_a_remedy_has_a_line_of_its_own() -> None:
    assert line(Finding("port", Mark.GOOD, "free")).count("\n") == 0
    assert "mend it:[/] choose another" in line(Finding("port", Mark.BAD, "taken", "choose another")).splitlines()[1]


def test_a_machine_without_ipv6_is_told() -> None:
    assert ipv6(answers=True).mark is Mark.GOOD
    assert (ipv6(answers=None).mark, ipv6(answers=None).words) == (Mark.DOUBTFUL, "containers get no address of it")
    assert ipv6(answers=False).words == "containers cannot be reached by it"


def test_one_doctor_at_a_time_looks_at_the_network(tmp_path: Path) -> None:
    with locked(probing_lock(tmp_path)):
        (finding,) = network(Shelf(Engine()), Settings(data_dir=tmp_path))
    assert finding.mark is Mark.DOUBTFUL
    assert finding.words.startswith("not looked at: another cachewright")
