"""Requests that are remembered."""

import pytest

from cachewright.controlplane.api.recording import KEPT, RecordedRequests
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.requests import LONGEST
from tests.api.world import START, World


def test_requests_are_remembered_with_their_answers() -> None:
    world, told = World(), []
    moments = iter([1.0, 1.25, 2.0, 2.5])
    recorded = RecordedRequests(
        lambda operation, params, _: world.ask(operation, **params), lambda: START, moments.__next__
    )
    recorded.follow(lambda: told.append(recorded.requests[-1].number))
    usual = {"CacheClusterId": "c", "Engine": "redis", "CacheNodeType": "cache.t3.micro"}
    recorded("CreateCacheCluster", usual, world.caller)
    with pytest.raises(Fault):
        recorded("CreateCacheCluster", usual, world.caller)
    done, refused = recorded.requests
    assert (done.operation, done.error, done.milliseconds, done.account) == (
        *("CreateCacheCluster", "", 250.0),
        world.caller.account,
    )
    assert (refused.error, refused.milliseconds) == ("CacheClusterAlreadyExistsFault", 500.0)
    assert told == [1, 2]


def test_a_bug_is_remembered_without_its_words() -> None:
    def broken(*_: object) -> dict[str, object]:
        raise RuntimeError("secret detail")

    recorded = RecordedRequests(broken, lambda: START)
    with pytest.raises(RuntimeError):
        recorded("DescribeEvents", {}, World().caller)
    (request,) = recorded.requests
    assert (request.error, request.message) == ("InternalFailure", "")


def test_no_more_are_kept_than_a_fixed_number() -> None:
    recorded = RecordedRequests(lambda *_: {}, lambda: START)
    for _ in range(KEPT + 1):
        recorded("DescribeEvents", {}, World().caller)
    assert (len(recorded.requests), recorded.requests[0].number) == (KEPT, 2)


def test_a_refusal_that_repeats_a_long_request_is_shortened() -> None:
    def refusing(*_: object) -> dict[str, object]:
        raise Fault("InvalidParameterValue", "x" * 1_000_000)

    recorded = RecordedRequests(refusing, lambda: START)
    with pytest.raises(Fault) as refused:
        recorded("DescribeEvents", {}, World().caller)
    assert len(refused.value.message) == 1_000_000
    assert recorded.requests[0].message == "x" * LONGEST + "..."
