"""A primary that holds writes back for a switchover goes on as a replica where it was."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from redis import Redis

from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials, everything
from cachewright.agents.engines.redis.cluster_options import PINGS
from cachewright.agents.engines.redis.driver import RedisDriver
from cachewright.agents.engines.redis.fence import PAUSES_WRITES_FROM
from cachewright.agents.planning.links import Link, Reach
from cachewright.controlplane.model.cache import ClusterMode
from tests.contract.test_cluster_driver import PORT, World, eventually, real

__all__ = ["real"]
pytestmark = pytest.mark.docker


def client(real: World, number: int) -> Redis:
    return Redis(real.reach(number).address.host, PORT, decode_responses=True)


def entered(real: World, number: int) -> Reach:
    """A node that knows the agent's login from now on."""
    if real.version < PAUSES_WRITES_FROM:
        pytest.skip("it pauses everybody, and is removed after that")
    with client(real, number) as told:
        told.execute_command("ACL", "SETUSER", AGENT, "on", ">secret", *everything(real.version))
    return replace(real.reach(number), login=True)


def driver() -> RedisDriver:
    return RedisDriver(lambda: Credentials("secret", Path()))


def followed(real: World) -> None:
    """Node 0 leads and 1 and 2 follow, without cluster mode; a PING is in the stream in every second."""
    for number in range(3):
        real.launch(number, spec=replace(real.spec, cluster_mode=ClusterMode.DISABLED))
        assert eventually(lambda n=number: real.place(n) is not None)  # type: ignore[misc]
        with client(real, number) as told:
            told.config_set(PINGS, 1)
    for number in (1, 2):
        real.replication.replicate_from(real.reach(number), Link(real.reach(0).address))
        assert eventually(partial(real.hears, number, 0))


def test_no_ping_puts_it_ahead_of_the_new_primary(real: World) -> None:
    """Another replica still follows it, and hears a PING in every second otherwise."""
    followed(real)
    old, new = (entered(real, number) for number in (0, 1))
    driver().replication.switchover(old, new)
    with client(real, 0) as paused:
        begun = paused.info("server")["uptime_in_seconds"]
        assert eventually(lambda: paused.info("server")["uptime_in_seconds"] > begun + 2)
    with client(real, 1) as leads:
        copies = leads.info("stats")["sync_full"]
        real.replication.replicate_from(real.reach(0), Link(real.reach(1).address))
        driver().replication.resume_writes(old)
        assert eventually(partial(real.follows, 0, 1))
        assert leads.info("stats")["sync_full"] == copies


def is_fenced(seen: RedisDriver, node: Reach) -> bool:
    answer = seen.look(node)
    assert answer
    assert answer.replication
    return answer.replication.fenced


@pytest.mark.parametrize(("clustered", "seconds"), [(False, "10"), (True, "1")], ids=["alone", "clustered"])
def test_pings_go_on_with_writes(real: World, clustered: bool, seconds: str) -> None:
    if clustered:
        real.found(1, replicas=1)
    else:
        followed(real)
    old, new = (entered(real, number) for number in (0, 1))
    seen = driver()
    seen.replication.switchover(old, new)
    assert is_fenced(seen, old)
    seen.replication.resume_writes(old)
    assert not is_fenced(seen, old)
    with client(real, 0) as goes_on:
        assert goes_on.config_get(PINGS) == {PINGS: seconds}
