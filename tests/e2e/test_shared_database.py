"""Two control planes at one database, in processes of their own: the second one says who has it, and does not start."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract import postgresql
from tests.e2e.plane import Plane


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database for both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shared.db'}"
        return
    binaries = postgresql.programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql.server(binaries) as directory:
        yield postgresql.new_database(directory)


@pytest.fixture
def planes(url: str, tmp_path: Path) -> Iterator[list[Plane]]:
    """Two control planes on data directories of their own, neither of which runs."""
    settings = {"CACHEWRIGHT_RUNTIME": "memory", "CACHEWRIGHT_DATABASE_URL": url}
    planes = [Plane(tmp_path / name, settings=settings) for name in ("first", "second")]
    yield planes
    for plane in planes:
        plane.stop()


def test_a_second_control_plane_does_not_start(planes: list[Plane]) -> None:
    first, second = planes
    first.up()
    aws = first.client("000000000001")
    aws.create_cache_cluster(CacheClusterId="one", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
    with pytest.raises(AssertionError, match="the control plane ended"):
        second.up()
    (line,) = second.log.read_text().splitlines()
    assert line.startswith(f"cachewright: cachewright on {socket.gethostname()[:36]}, process {first.process} uses the")
    assert "stop it first" in line
    assert line.endswith(", or set CACHEWRIGHT_DATABASE_URL to a database of its own")
    first.kill()
    second.up()
    (seen,) = second.client("000000000001").describe_cache_clusters()["CacheClusters"]
    assert seen["CacheClusterId"] == "one"
    assert (first.data_dir / "ca.pem").read_text() == (second.data_dir / "ca.pem").read_text()
    assert second.stop() == 0
