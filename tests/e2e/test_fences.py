"""An agent dies while writes are held back for a switchover: the next one lets them go on."""

from functools import partial

import pytest
from redis.exceptions import RedisError

from tests.e2e.cloud import Cloud, Place, member_places, place, primary_of
from tests.e2e.encrypted import PLAIN
from tests.e2e.test_deviation import free, generous, say
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

__all__ = ["free", "generous"]

LONG = "600000"  # milliseconds; nobody waits for the end of that
QUICK = 10.0  # seconds for a control plane to start and to look at everything


def takes_writes(where: Place) -> bool:
    """Whether a write is acknowledged at once."""
    try:
        return bool(say(where, PLAIN, "SET", "key", "value"))
    except RedisError:
        return False


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_writes_that_an_agent_held_back_go_on(free: Cloud, engine: str) -> None:
    group = free.group("rg", Engine=engine)
    primary = member_places(group)[primary_of(group)]
    free.plane.kill()
    say(primary, PLAIN, "ACL", "SETUSER", "cachewright-fenced", "off")
    say(primary, PLAIN, "CLIENT", "PAUSE", LONG, "WRITE")
    assert not takes_writes(primary)
    free.plane.up()
    until("writes go on", partial(takes_writes, place(group["PrimaryEndpoint"])), QUICK)
    assert "cachewright-fenced" not in say(primary, PLAIN, "ACL", "USERS")
    assert primary_of(free.shown_group("rg")) == primary_of(group)
