"""A Marker continues the operation that gave it out, and no other."""

import botocore.session
import pytest

from cachewright.controlplane.api.catalogue import OPERATIONS
from cachewright.controlplane.model.pages import Page
from tests.api.world import World

MODEL = botocore.session.get_session().get_service_model("elasticache")
PAGED = [name for name in sorted(OPERATIONS) if "Marker" in MODEL.operation_model(name).input_shape.members]
NEEDED = {
    "DescribeCacheParameters": {"CacheParameterGroupName": "default.redis7"},
    "DescribeEngineDefaultParameters": {"CacheParameterGroupFamily": "redis7"},
}


def marker_of(operation: str) -> str:
    """The Marker of an answer of an operation, behind a record that events have, too."""
    return Page(operation, 1, "").cut(["1 1", "2 2"], str)[1]["Marker"]


@pytest.mark.parametrize("operation", PAGED)
def test_a_marker_is_taken_by_its_own_operation_alone(operation: str) -> None:
    world, needed = World(), NEEDED.get(operation, {})
    world.ask(operation, **needed, Marker=marker_of(operation))
    for other in ("***", *(marker_of(name) for name in PAGED if name != operation)):
        assert world.refusal(operation, **needed, Marker=other) == (
            "InvalidParameterValueException",
            "Invalid value for Marker.",
        )
