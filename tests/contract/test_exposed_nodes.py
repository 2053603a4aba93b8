"""What clients that may do everything tell an engine is seen: of its logins, its parameters and its slots."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from cachewright.agents.engines.redis.acl_rules import AGENT, AclRules, Credentials, everything
from cachewright.agents.engines.redis.driver import RedisDriver
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.pulse import Inquiry, Pulse
from cachewright.controlplane.model.auth import Auth
from tests.contract.test_cluster_driver import PORT, World, real

__all__ = ["real"]
pytestmark = pytest.mark.docker

OPEN = AclRules(Auth(), restricted=False, name="open")
GUARDED = AclRules(Auth(("a" * 64, "b" * 64), required=True), restricted=False, name="guarded")
Told = Callable[..., Any]


def driver() -> RedisDriver:
    """One with a password of its own."""
    return RedisDriver(lambda: Credentials("secret", Path()))


def entered(real: World) -> tuple[Reach, Told]:
    """A node that knows the agent's login, and a client that may do everything for good."""
    real.found(1)
    node = real.reach(0)
    client = Redis(node.address.host, PORT, decode_responses=True)
    if real.version < (6,):
        pytest.skip("it knows no logins")
    client.execute_command("ACL", "SETUSER", AGENT, "on", ">secret", *everything(real.version))
    client.execute_command("ACL", "SETUSER", "root", "on", "nopass", *everything(real.version))
    client.execute_command("AUTH", "root", "")
    return replace(node, login=True), client.execute_command


CHANGES: dict[str, tuple[tuple[str, ...], ...]] = {
    "another password of the agent's": (("ACL", "SETUSER", AGENT, ">other"),),
    "less for the agent": (("ACL", "SETUSER", AGENT, "-flushall"),),
    "nobody": (("ACL", "SETUSER", "default", "off"),),
    "less for clients": (("ACL", "SETUSER", "default", "-get"),),
    "other keys for clients": (("ACL", "SETUSER", "default", "resetkeys", "~a*"),),
    "another password of clients'": (("ACL", "SETUSER", "default", ">other"),),
}


@pytest.mark.parametrize("rules", [OPEN, GUARDED], ids=["open", "guarded"])
def test_logins_that_were_changed_are_seen_and_set_again(real: World, rules: AclRules) -> None:
    (node, tell), seen = entered(real), driver()
    seen.acl.apply_acl(node, rules)
    assert seen.acl.has_acl(node, rules)
    assert not seen.acl.has_acl(node, GUARDED if rules is OPEN else OPEN)
    before = _told(seen, node)
    for why, words in CHANGES.items():
        for one in words:
            tell(*one)
        assert not seen.acl.has_acl(node, rules), why
        assert _told(seen, node) != before, why
        seen.acl.apply_acl(node, rules)
        assert seen.acl.has_acl(node, rules), why
    tell("ACL", "SETUSER", "mine", "on", "nopass", "~*", "+get")
    assert seen.acl.has_acl(node, rules), "logins that clients make are their own"


def test_values_that_were_set_are_noticed_and_nothing_else(real: World) -> None:
    (node, tell), seen = entered(real), driver()
    before = _told(seen, node)
    tell("SET", "key", "value")
    tell("CONFIG", "GET", "maxmemory")
    assert _told(seen, node) == before
    tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    assert _told(seen, node) != before


def test_a_slot_that_was_opened_is_noticed(real: World) -> None:
    real.found(2)
    node, seen = real.reach(0), driver()
    assert not _opened(seen, node)
    with Redis(node.address.host, PORT) as client:
        client.execute_command("CLUSTER", "SETSLOT", 7, "MIGRATING", real.id(1))
    assert _opened(seen, node)


def _told(seen: RedisDriver, node: Reach) -> str:
    return _pulse(seen, node).told


def _opened(seen: RedisDriver, node: Reach) -> bool:
    pulse = _pulse(seen, node)
    assert pulse.cluster
    return pulse.cluster.opened


def _pulse(seen: RedisDriver, node: Reach) -> Pulse:
    (pulse,) = seen.pulses([Inquiry(node, thorough=True, clustered=True, exposed=True)])
    assert pulse
    return pulse
