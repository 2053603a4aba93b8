"""Images with a Python: what the programs import is compiled there once, not at every start of a container."""

from collections.abc import Callable
from contextlib import closing

import docker
import pytest

from cachewright.agents.planning.images import Image
from cachewright.agents.runtime.bytecode import MODULES
from cachewright.agents.runtime.images import Images

pytestmark = pytest.mark.docker

_UNCOMPILED = f"""
import importlib, os, sys
for name in {MODULES!r}:
    importlib.import_module(name)
for module in [*sys.modules.values()]:
    if (cached := getattr(module, "__cached__", None)) and not os.path.exists(cached):
        print(module.__name__)
"""


@pytest.fixture(params=[Images.directory, Images.nftables])
def image(request: pytest.FixtureRequest) -> Image:
    """Each of them."""
    found: Callable[[Images], Image] = request.param
    return found(Images())


def test_what_programs_import_is_compiled(image: Image) -> None:
    with closing(docker.from_env()) as client:
        command = ["-I", "-B", "-c", _UNCOMPILED]
        said = client.containers.run(image.reference, command, entrypoint="python3", network_mode="none", remove=True)
    assert said == b""
