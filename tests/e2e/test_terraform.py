"""Terraform with the AWS provider, where both are on this machine."""

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.e2e.cloud import Cloud, closed_window
from tests.e2e.plane import lent
from tests.e2e.terraform import nodes, program, saved, users, world
from tests.e2e.terraform.program import Terraform
from tests.kms import client_of
from tests.moto import CREDENTIALS, moto

pytestmark = pytest.mark.docker


@pytest.fixture
def kms() -> Iterator[str]:
    """The URL of a KMS."""
    with moto() as url:
        yield url


@pytest.fixture
def cloud(machine: docker.DockerClient, account: str, kms: str, tmp_path: Path) -> Iterator[Cloud]:
    """An account on a control plane that knows it."""
    with lent(machine, tmp_path / "data", {"CACHEWRIGHT_KMS_ENDPOINT": kms, **CREDENTIALS}) as plane:
        yield Cloud(plane, machine, account)


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    """Terraform in a directory of its own."""
    if why := program.missing():
        pytest.skip(why)
    directory = tmp_path / "terraform"
    directory.mkdir()
    return Terraform(directory)


def test_apply_plan_change_and_destroy(terraform: Terraform, cloud: Cloud, kms: str) -> None:
    """All at once: the provider sleeps 30 s after most of what it asks for, and so does everything else meanwhile."""
    window, key = closed_window(), str(client_of(kms).create_key()["KeyMetadata"]["Arn"])
    terraform.begin({"account": cloud.account, "url": cloud.plane.url, "window": window, "key": key})
    terraform.apply()
    nodes.made(cloud)
    saved.made(cloud, window)
    users.made(cloud)
    world.made(cloud)

    terraform.change({**nodes.CHANGES, **users.CHANGES, **saved.changes(cloud)})
    terraform.apply()
    nodes.changed(cloud)
    saved.changed(cloud)
    users.changed(cloud)

    nodes.leave(cloud)
    terraform.destroy()
    saved.ended(cloud)
    users.ended(cloud)
    world.ended(cloud)
    cloud.await_nodes()
