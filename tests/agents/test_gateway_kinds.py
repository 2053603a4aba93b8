"""Which kind of gateway runs."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cachewright.agents.backends import PretendImages
from cachewright.agents.gateway.published import Ports
from cachewright.agents.planning.labels import FORWARDER, NFTABLES
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.runtime.images import Image
from cachewright.agents.system.gateway import GATEWAY, GatewayController
from cachewright.agents.tools import Tools
from tests.house import House, house


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


@dataclass
class NoNftables(PretendImages):
    def nftables(self) -> Image:
        raise Never("mmdebstrap is not installed")


def kind(tools: Tools) -> str | None:
    (container,) = tools.runtime.containers(GATEWAY)
    return container.labels.get(FORWARDER)


def tended(house: House, tools: Tools) -> str | None:
    GatewayController(house.store, tools, "run", lambda: None).tend()
    return kind(tools)


def test_the_kernel_forwards(home: House) -> None:
    assert tended(home, home.tools()) == NFTABLES


def test_without_an_image_for_that_haproxy_does(home: House) -> None:
    assert tended(home, replace(home.tools(), images=NoNftables())) is None


def test_only_haproxy_can_be_published(home: House) -> None:
    assert tended(home, replace(home.tools(), ports=Ports((6379, 16379)))) is None


def test_the_one_that_runs_is_left_alone(home: House) -> None:
    """As after an upgrade. Another one takes its place when it is gone."""
    tended(home, replace(home.tools(), images=NoNftables()))
    assert tended(home, home.tools()) is None
    home.machine.remove(home.tools().runtime.containers(GATEWAY)[0].name)
    assert tended(home, home.tools()) == NFTABLES
