"""What several modules of contracts share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract import postgresql


@pytest.fixture(scope="session")
def server() -> Iterator[Path]:
    """A PostgreSQL server: one for all tests of a process."""
    binaries = postgresql.programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql.server(binaries) as directory:
        yield directory
