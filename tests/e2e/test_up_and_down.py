"""`cachewright up` and `cachewright down`."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import docker
import pytest
from botocore.exceptions import ClientError

from tests.e2e.cloud import Cloud
from tests.e2e.plane import Plane, assert_ended, belongings, run

pytestmark = pytest.mark.docker


def _only_line(text: str) -> str:
    (line,) = text.splitlines()
    return line


def test_down_leaves_nothing(machine: docker.DockerClient, tmp_path: Path, cloud: Cloud) -> None:
    mine = Plane(tmp_path / "data")
    mine.up()
    try:
        guest = Cloud(mine, machine, "000000000001")
        guest.cluster("web", Engine="memcached", NumCacheNodes=2)
        guest.group("rg", nodes=2)
        assert len(belongings(machine, mine.instance)) == 7  # four nodes, the gateway, the directory, the network
        cloud.cluster("theirs")
    finally:
        ended = mine.down()
    assert ended.stderr == ""
    assert_ended(machine, mine, ended)
    cloud.await_nodes("theirs.0001")

    mine.up()
    assert guest.api.describe_cache_clusters()["CacheClusters"] == []
    assert guest.messages("rg") == []
    mine.down()
    again = run("down", "--data-dir", str(mine.data_dir))
    assert again.returncode == 0
    assert "removed" not in again.stdout


def test_down_removes_what_cannot_be_read(machine: docker.DockerClient, tmp_path: Path) -> None:
    mine = Plane(tmp_path / "data")
    mine.up()
    try:
        guest = Cloud(mine, machine, "000000000001")
        guest.cluster("web", Engine="memcached")
        mine.stop()
        with closing(sqlite3.connect(mine.data_dir / "cachewright.db")) as database, database:
            database.execute("""UPDATE caches SET spec = '{"unknown":1,' || substr(spec, 2)""")
        before = belongings(machine, mine.instance)
        mine.up()
        assert guest.api.describe_cache_clusters()["CacheClusters"] == []
        with pytest.raises(ClientError, match="its spec: unknown: no such field is known"):
            guest.shown_cluster("web")
        assert belongings(machine, mine.instance) == before
    finally:
        ended = mine.down()
    assert_ended(machine, mine, ended)


@pytest.mark.parametrize("way", ["damaged", "emptied"])
def test_what_the_database_has_lost_runs_on_until_down(machine: docker.DockerClient, tmp_path: Path, way: str) -> None:
    mine = Plane(tmp_path / "data")
    mine.up()
    try:
        Cloud(mine, machine, "000000000001").cluster("web", Engine="memcached")
        mine.stop()
        name, database = mine.instance, mine.data_dir / "cachewright.db"
        before = belongings(machine, name)
        with database.open("r+b") as file:
            file.truncate(8192 if way == "damaged" else 0)
        refused = run("up", "--port", str(mine.port), "--data-dir", str(mine.data_dir))
        assert refused.returncode == 1
        line = _only_line(refused.stderr)
        assert "the nodes of web run on as they are" in line
        assert "`cachewright down`" in line
        assert bool(list(mine.data_dir.glob("*.damaged-*"))) == (way == "damaged") == ("it is kept as" in line)
        assert belongings(machine, name) == before
    finally:
        ended = mine.down()
    assert_ended(machine, mine, ended)
    assert mine.instance == name
    mine.up()
    assert mine.stop() == 0


@pytest.mark.parametrize("way", ["damaged", "emptied"])
def test_down_needs_no_database(machine: docker.DockerClient, tmp_path: Path, way: str) -> None:
    mine = Plane(tmp_path / "data")
    mine.up()
    try:
        Cloud(mine, machine, "000000000001").cluster("web", Engine="memcached")
        mine.stop()
        name = mine.instance
        with (mine.data_dir / "cachewright.db").open("r+b") as file:
            file.truncate(8192 if way == "damaged" else 0)
    finally:
        ended = mine.down()
    assert len(ended.stderr.splitlines()) == (1 if way == "damaged" else 0)
    assert mine.instance == name
    assert_ended(machine, mine, ended)


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        failed = run("up", "--port", str(port), "--data-dir", str(tmp_path / "data"))
    assert failed.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in _only_line(failed.stderr)


@pytest.mark.parametrize("command", [("up", "--port", "0"), ("down",)], ids=lambda command: command[0])
def test_a_data_directory_in_use(plane: Plane, command: tuple[str, ...]) -> None:
    failed = run(*command, "--data-dir", str(plane.data_dir))
    assert failed.returncode == 1
    assert f"another cachewright uses the data directory {plane.data_dir}" in _only_line(failed.stderr)


def test_no_data_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a directory")
    failed = run("up", "--port", "0", "--data-dir", str(file / "data"))
    assert failed.returncode == 1
    assert f"cannot create the data directory {file / 'data'}: Not a directory" in _only_line(failed.stderr)
