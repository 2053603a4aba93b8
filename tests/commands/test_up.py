"""`cachewright up` on the pretend runtime: it serves first and loads afterwards, but not before it is certain."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cachewright.controlplane.server.database import opened_store
from cachewright.controlplane.server.identity import identified
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.store.beside import beside

PATIENCE = 60  # seconds for one process
LATER = (
    "alembic",
    "botocore",
    "cryptography",
    "docker",
    "fastapi",
    "pydantic",
    "pymemcache",
    "redis",
    "rich",
    "sqlalchemy",
)


def command(directory: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "cachewright", "up", "--port", "0", "--data-dir", str(directory), *words]


def environment(**settings: str) -> dict[str, str]:
    chosen = {f"CACHEWRIGHT_{name}": value for name, value in settings.items()}
    return {**os.environ, "CACHEWRIGHT_RUNTIME": "memory", **chosen}


@contextmanager
def up(directory: Path, *words: str, **settings: str) -> Iterator[str]:
    """The URL of a control plane that has just told it; it ends well."""
    order, chosen = command(directory, *words), environment(**settings)
    with subprocess.Popen(order, env=chosen, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[3]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0


@dataclass(frozen=True, slots=True)
class Loading:
    """A process that waits in the middle of its imports to be told what to do there."""

    process: "subprocess.Popen[str]"
    url: str
    orders: Path

    def let(self, order: str) -> None:
        """Load on, but for what a statement does."""
        self.orders.write_text(order)


@contextmanager
def held_back(directory: Path, modules: Path) -> Iterator[Loading]:
    """A control plane that comes as far as Starlette."""
    orders = modules / "orders"
    os.mkfifo(orders)
    (modules / "starlette.py").write_text(
        f"import sys\nsys.path.remove({str(modules)!r})\ndel sys.modules['starlette']\n"
        f"exec(open({str(orders)!r}).read())\nimport starlette\n"
    )
    pipe = subprocess.PIPE
    chosen = {**environment(), "PYTHONPATH": str(modules)}
    with subprocess.Popen(command(directory), env=chosen, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        try:
            yield Loading(process, process.stdout.readline().split()[3], orders)
        finally:
            process.kill()


@contextmanager
def asked(url: str) -> Iterator[Callable[[], HTTPResponse]]:
    """A request that was sent; its answer."""
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)) as connection:
        connection.request("GET", "/_cachewright/topology")
        yield connection.getresponse


def refused(directory: Path, *words: str, **settings: str) -> str:
    """The one line that is told in place of serving."""
    done = subprocess.run(
        command(directory, *words),
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A data directory with a past."""
    settings = Settings(data_dir=tmp_path, runtime=RuntimeKind.MEMORY)
    with opened_store(settings) as store:
        identified(settings, store)
    return tmp_path


def database(directory: Path) -> Path:
    return directory / "cachewright.db"


def test_requests_are_taken_at_once_and_answered(known: Path) -> None:
    with up(known) as url:
        with urllib.request.urlopen(f"{url}/healthz", timeout=PATIENCE) as health:
            assert json.load(health) == {"status": "ok"}
        with urllib.request.urlopen(f"{url}/_cachewright/topology", timeout=PATIENCE) as answer:
            assert json.load(answer) == {"caches": []}


@pytest.fixture
def loading(known: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loading]:
    """A control plane that is told to be healthy, and loads no further before it is let."""
    with held_back(known, tmp_path_factory.mktemp("modules")) as held:
        with urllib.request.urlopen(f"{held.url}/healthz", timeout=PATIENCE) as health:
            assert health.status == 200
        yield held


def test_who_waits_for_what_cannot_be_loaded_is_told_in_the_form_of_aws(loading: Loading) -> None:
    with asked(loading.url) as answer:
        loading.let("raise ImportError('broken\\nin two')")
        response = answer()
        error = ElementTree.fromstring(response.read())
    assert response.status == 503
    names = {"of": "http://elasticache.amazonaws.com/doc/2015-02-02/"}
    assert error.findtext("of:Error/of:Code", namespaces=names) == "ServiceUnavailable"
    assert error.findtext("of:RequestId", namespaces=names) == response.headers["x-amzn-requestid"]
    _, said = loading.process.communicate(timeout=PATIENCE)
    assert loading.process.returncode == 1
    (line,) = [line for line in said.splitlines() if "cannot load the application" in line]
    assert line.endswith("cannot load the application: ImportError: broken in two")
    assert said.count("Traceback") == 1  # of the process that ends, and of no request


def test_nothing_is_started_that_was_told_to_stop_while_it_was_loaded(loading: Loading) -> None:
    with asked(loading.url) as answer:
        loading.process.send_signal(signal.SIGTERM)
        assert answer().status == 503
    told = "lambda frame, event, _: event == 'call' and frame.f_code.co_name == 'start' and print(frame.f_code)"
    loading.let(f"sys.setprofile({told})")
    assert loading.process.communicate(timeout=PATIENCE) == ("", "")
    assert loading.process.returncode == 0


def test_nothing_is_loaded_that_the_first_answer_does_not_need() -> None:
    program = (
        "import sys, cachewright.controlplane.cli.running, cachewright.controlplane.server.serve; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(LATER) & set(done.stdout.split()) == set()


def test_nothing_is_loaded_that_most_installations_never_need() -> None:
    program = "import sys, cachewright.controlplane.server.composition; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"botocore.session", "prometheus_client", "sqlalchemy.dialects.postgresql"} & loaded == set()
    for room in ("agents.memory", "agents.runtime.hosts"):
        assert not [module for module in loaded if module.startswith(f"cachewright.{room}")]


def test_nothing_is_loaded_that_no_cache_and_no_page_needs() -> None:
    """A control plane of which nobody has opened the console keeps its memory."""
    program = "import sys, cachewright.controlplane.server.composition; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"fastapi", "pydantic", "dnslib", "difflib", "pymemcache"} & loaded == set()
    for room in (
        "agents.browsing",
        "controlplane.api.users",
        "controlplane.api.serverless_caches",
        "controlplane.console.router",
    ):
        assert not [module for module in loaded if module.startswith(f"cachewright.{room}")], room
    assert not [module for module in loaded if module.endswith(".program.server")]


def test_a_taken_port(known: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        line = refused(known, "--port", str(port))
    assert line.startswith(f"cachewright: cannot listen on 127.0.0.1:{port}: Address already in use; ")


def test_a_data_directory_in_use(known: Path) -> None:
    with up(known):
        assert refused(known).startswith(f"cachewright: another cachewright uses the data directory {known}; ")


def test_a_database_in_use(known: Path) -> None:
    with beside(database(known)):
        line = refused(known)
    assert line.endswith(f"process {os.getpid()} uses the database {database(known)}; stop it first")


def test_a_name_server_that_cannot_answer(known: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        line = refused(known, DNS_PORT=str(taken.getsockname()[1]))
    assert line.startswith("cachewright: cannot answer DNS queries at 127.0.0.1:")


def test_a_thread_that_waits_for_a_silent_engine_keeps_nobody(tmp_path: Path) -> None:
    """In place of the control plane's own: one that would end after a minute."""
    program = """
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from cachewright.controlplane.cli import main
from cachewright.controlplane.server import serve

def hanging(settings, ready):
    ThreadPoolExecutor(1).submit(sleep, 60)

serve.serve = hanging
main()
"""
    command = [sys.executable, "-c", program, "up", "--port", "0", "--data-dir", str(tmp_path / "data")]
    assert subprocess.run(command, check=False, timeout=30).returncode == 0
