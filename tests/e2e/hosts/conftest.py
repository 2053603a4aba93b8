"""What tests on several machines have in common."""

from collections.abc import Iterator

import pytest

from tests.e2e.hosts.three import with_images
from tests.machines import Machines


@pytest.fixture(scope="module")
def three(request: pytest.FixtureRequest) -> Iterator[Machines]:
    """The machines; the images that the module names are on the first of them."""
    with with_images(*request.module.IMAGES) as made:
        yield made
