"""Global datastores as values: ids, members, and what AWS has them of."""

from cachewright.controlplane.model.global_replication_groups import (
    PREFIXES,
    GlobalReplicationGroup,
    Place,
    Role,
    has_family,
    is_supported,
    prefix,
)
from cachewright.controlplane.model.node_types import NODE_TYPES
from cachewright.controlplane.model.upstreams import Upstream
from cachewright.controlplane.model.versions import VERSIONS, Engine

HOME, AWAY, THIRD = Place("us-east-1", "home"), Place("eu-west-1", "away"), Place("ap-south-1", "third")
DATASTORE = GlobalReplicationGroup("ldgnf-world", "d", HOME, (AWAY, THIRD))


def test_every_region_has_a_prefix_of_its_own() -> None:
    assert prefix("us-east-1") == "ldgnf"
    later = [prefix(region) for region in ("eu-north-1", "eu-south-1", "me-central-1")]
    every = [*PREFIXES.values(), *later]
    assert len(set(every)) == len(every)
    assert all(len(one) == 5 and one.isalpha() and one.islower() for one in every)


def test_whoever_leads_is_followed_by_all_others() -> None:
    after = DATASTORE.led_by(AWAY)
    assert after.members == (AWAY, HOME, THIRD)
    assert [after.membership(place).role for place in after.members] == [Role.PRIMARY, Role.SECONDARY, Role.SECONDARY]
    there = Upstream(group="away", region="eu-west-1")
    assert [after.upstream(place) for place in after.members] == [None, there, there]
    assert after.led_by(HOME).members == (HOME, AWAY, THIRD)


def test_a_secondary_leaves() -> None:
    assert DATASTORE.without(AWAY).members == (HOME, THIRD)


def test_old_engines_have_none() -> None:
    without = {row.version for row in VERSIONS if row.engine is Engine.REDIS and not is_supported(row)}
    assert "5.0.5" in without or "5.0.4" in without or "5.0.0" in without
    assert all(version.split(".")[0] <= "5" for version in without)
    assert all(is_supported(row) for row in VERSIONS if row.engine is Engine.VALKEY)


def test_small_and_old_node_types_have_none() -> None:
    families = {row.name.split(".")[1] for row in NODE_TYPES if has_family(row.name)}
    assert {"m5", "r6g"} <= families
    assert not families & {"t1", "t2", "t3", "t4g", "m4", "r4"}
