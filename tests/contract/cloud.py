"""AWS services for contracts: moto's, with the credentials that it takes from anybody."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.moto import CREDENTIALS, moto

REGION = "us-east-1"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where they are: one server for each module."""
    with moto() as url:
        yield url


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's AWS environment."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


def client(service: str, url: str, region: str = REGION) -> Any:  # boto3 makes its clients at run time
    """Somebody else who uses a service."""
    keys = {name.lower(): value for name, value in CREDENTIALS.items()}
    return boto3.client(service, endpoint_url=url, region_name=region, **keys)
