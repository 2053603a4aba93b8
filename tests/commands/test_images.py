"""Images without a Docker engine."""

import pytest

from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.images import Images


def test_an_unreachable_engine_is_told() -> None:
    with pytest.raises(Later, match="cannot list images: the Docker engine does not answer"):
        Images(Engine("unix:///nonexistent/docker.sock")).gateway()
