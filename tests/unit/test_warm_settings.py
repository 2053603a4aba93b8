"""What is started ahead for tests, and whose it is when the database is gone."""

from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import AHEAD, CACHE, WARM
from cachewright.controlplane.model.versions import Engine, requested_version
from cachewright.controlplane.server.identity import cache_of
from cachewright.controlplane.setting_values import warm
from cachewright.pytest_plugin import warm_for


def test_the_next_run_has_what_the_last_one_asked_for_up_to_two_of_each() -> None:
    told = warm_for({"valkey:8.0": 1, "redis:": 50})
    assert warm(told) == {requested_version(Engine.REDIS, None): 2, requested_version(Engine.VALKEY, "8.0"): 1}
    assert warm_for({}) == ""  # which is no setting


def test_a_container_that_was_adopted_counts_as_a_node_whose_cache_is_lost() -> None:
    labels = {**WARM, AHEAD: "cachewright-i-warm-1"}
    assert cache_of(Container("cachewright-i-1-us-east-1-rg-001.0001", State.RUNNING, labels)) != ""
    assert cache_of(Container("cachewright-i-warm-1", State.RUNNING, labels)) == ""
    assert cache_of(Container("any", State.RUNNING, {CACHE: "1/us-east-1/replication-group/rg"})) == "rg"
    assert cache_of(Container("gateway", State.RUNNING, {})) == ""
