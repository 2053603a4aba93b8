"""A primary that hangs: it is cut off before another one leads, and its silence counts from the first question."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.planning.actions import ForcedFailover
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.nodes.lifecycle import Look, next_status
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.act import carry_out
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.observe import Asking, observe
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.fingerprints import fingerprints_of
from tests.house import MODES, PATIENCE, House, house

TICK = timedelta(milliseconds=20)  # of the house's clock
HANGS: dict[str, Callable[[House, str], None]] = {
    "paused": lambda home, name: home.machine.pause(name),
    "cut off": lambda home, name: home.machine.disconnect(name),
}


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


def taking_over(home: House, cache: Cache) -> tuple[Acting, ForcedFailover]:
    """What is done when the first node of a group hangs and the second one is its candidate."""
    tools = home.tools()
    deed = ForcedFailover(home.container("rg-001.0001"), "rg-002.0001", cache.status.endpoints["primary"])
    return Acting(tools, cache, cache.status), deed


@pytest.mark.parametrize("hang", HANGS)
def test_a_candidate_leads_and_the_hung_primary_has_ended(home: House, hang: str) -> None:
    cache = home.group("rg")
    acting, deed = taking_over(home, cache)
    HANGS[hang](home, deed.container)
    carry_out(acting, deed)
    candidate = cache.status.nodes[deed.node].address
    assert home.machine.processes.at(candidate.host).leader == ""
    assert home.routes()[cache.status.endpoints["primary"]] == (candidate,)
    ended = next(container for container in home.containers() if container.name == deed.container)
    assert ended.state is State.EXITED


def test_a_candidate_is_alone_at_the_endpoint_of_the_primary(home: House) -> None:
    """That is told where the gateway has the endpoint itself, and not a port of its own in its place."""
    cache = home.group("rg")
    acting, deed = taking_over(home, cache)
    with patch.object(MemoryGateway, "route") as told:
        carry_out(acting, deed)
    ((_, *sole),) = (call.args for call in told.call_args_list)
    assert sole == ([[deed.endpoint]] if home.tools().ports is None else [])


def test_a_hung_primary_is_cut_off_before_anybody_else_leads(home: House) -> None:
    cache = home.group("rg")
    acting, deed = taking_over(home, cache)
    home.machine.pause(deed.container)
    home.machine.kill(home.container(deed.node))  # so that the promotion fails
    with pytest.raises(Later, match="cannot promote"):
        carry_out(acting, deed)
    home.machine.unpause(deed.container)
    with pytest.raises(ConnectionError):
        home.machine.processes.at(cache.status.nodes["rg-001.0001"].address.host)


def test_a_silence_begins_with_the_question_not_with_the_missing_answer(home: House) -> None:
    cache = home.group("rg")
    acting, deed = taking_over(home, cache)
    home.machine.disconnect(deed.container)
    begin = home.clock.moment
    world = observe(acting.tools, cache, "", Asking(home.pool, home.clock), lambda _: False).seen()
    asked = world.at("rg-001.0001").asked
    assert asked == begin + TICK
    before = cache.status.nodes["rg-001.0001"]
    look = Look(
        cache.spec.nodes[0],
        before,
        world.at("rg-001.0001"),
        asked + PATIENCE / 2,
        PATIENCE,
        fingerprints_of(cache.spec),
    )
    silent = next_status(look)
    assert (silent.silent_since, silent.life) == (asked, before.life)
    almost, lost = (replace(look, status=silent, now=asked + span) for span in (PATIENCE - TICK, PATIENCE))
    assert (next_status(almost).life, next_status(lost).life) == (before.life, before.life + 1)
