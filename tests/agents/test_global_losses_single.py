"""Global datastores without cluster mode, which lose a primary and the other region, on a pretend machine."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.agents.test_crashes import moments
from tests.agents.test_global_datastores import (
    ID,
    assert_led_by,
    fail_over,
    kill,
    leader,
    member,
    pair,
    processes,
    write,
)
from tests.agents.test_global_losses import look, lose, of_either_deed, of_either_order
from tests.house import House


@pytest.fixture(params=[False, True], ids=["by hand", "automatic"])
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A house with a datastore of two members, in which a primary that dies has a successor, or begins anew."""
    home = pair(tmp_path)
    asked = {"AutomaticFailoverEnabled": request.param, "ApplyImmediately": True}
    home.call("ModifyGlobalReplicationGroup", GlobalReplicationGroupId=ID, **asked)
    home.settle()
    home.settle()
    return home


def assert_leads_with_all(home: House) -> None:
    """The second member has everything, and takes writes."""
    write(home, "away", "more", "x")
    home.settle(member(home, "away").key)
    assert all(process.data == {"k": "v", "more": "x"} for process in processes(home, "away").values())


@of_either_deed
def test_a_replica_leads_whose_primary_has_lost_everything_with_the_other_region(
    deed: Callable[[House], None], home: House
) -> None:
    lose(home)
    kill("away")(home)
    look(home)
    deed(home)
    look(home)
    assert_leads_with_all(home)


@of_either_deed
def test_nobody_leads_with_nothing_while_a_replica_may_answer_again(deed: Callable[[House], None], home: House) -> None:
    first, second = (node.name for node in member(home, "away").spec.nodes)
    lose(home)
    look(home)
    replica = processes(home, "away")[second]
    kill("away")(home)
    replica.busy = True
    deed(home)
    look(home)
    assert leader(home, "away") == first
    assert member(home, "away").status.nodes[first].address.host not in home.machine.processes
    replica.busy = False
    look(home)
    assert_leads_with_all(home)


@of_either_order
def test_every_prefix_of_a_failover_survives_the_loss_of_both_primaries(order: Sequence[str], tmp_path: Path) -> None:
    home = pair(tmp_path)
    fail_over(home)
    for _ in moments(home, lambda: look(home, order, 2)):
        kill("away")(home)
        kill("home")(home)
        look(home, order)
        home.settle()
        home.settle()
        assert_led_by(home, "away", k="v")
