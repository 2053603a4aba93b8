"""Three machines with an engine each, and a control plane that was told of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

import docker
import pytest

from cachewright.controlplane.model.hosts import Host
from tests.e2e.cloud import Cloud
from tests.e2e.plane import Plane
from tests.machines import Machines, absent, machines

ACCOUNT = "000000000001"


@contextmanager
def with_images(*images: str) -> Iterator[Machines]:
    """The machines; images of these names are on the first of them. Skipped where they cannot be made."""
    if reason := absent():
        pytest.skip(reason)
    with machines() as made:
        made.load(*(name for image in images for name in _tags(image)))
        yield made


@contextmanager
def told(
    three: Machines, hosts: Sequence[Host], machine: docker.DockerClient, directory: Path, settings: Mapping[str, str]
) -> Iterator[Cloud]:
    """A control plane that was told of some of them, and leaves nothing on any."""
    names = directory / "hosts.json"
    names.write_text(json.dumps([asdict(host) for host in hosts]))
    few = {"CACHEWRIGHT_HOSTS": str(names), "CACHEWRIGHT_PUBLISHED_PORTS": "16379,16390"}
    plane = Plane(directory / "data", settings={**few, **settings})
    try:
        plane.up()
        yield Cloud(plane, machine, ACCOUNT)
    finally:
        ended = plane.down()
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in plane.log.read_text(), plane.log.read_text()
    assert not any(three.docker(number, "ps", "-aq") for number in (1, 2, 3))


def _tags(image: str) -> list[str]:
    with closing(docker.from_env()) as engine:
        tagged = [tag for one in engine.images.list(image) for tag in one.tags]
    return [tag for tag in tagged if "redis:6" not in tag]
