"""What is shown of requests."""

from typing import Any

import pytest

from cachewright.controlplane.model.requests import HIDDEN, LONGEST, shown


@pytest.mark.parametrize(
    ("params", "line"),
    [
        ({}, ""),
        ({"CacheClusterId": "c", "NumCacheNodes": 2}, "CacheClusterId=c, NumCacheNodes=2"),
        ({"AuthToken": "a very secret token"}, f"AuthToken={HIDDEN}"),
        ({"AuthTokenUpdateStrategy": "ROTATE"}, "AuthTokenUpdateStrategy=ROTATE"),
        ({"Passwords": ["one", "two"]}, f"Passwords={HIDDEN}"),
        (
            {"AuthenticationMode": {"Type": "iam", "Passwords": ["o"]}},
            f"AuthenticationMode={{Type=iam, Passwords={HIDDEN}}}",
        ),
        ({"AccessString": "on >one ~* +@all"}, f"AccessString={HIDDEN}"),
        ({"Tags": [{"Key": "k", "Value": "v"}]}, "Tags=[{Key=k, Value=v}]"),
    ],
)
def test_parameters_are_shown_without_secrets(params: dict[str, Any], line: str) -> None:
    assert shown(params) == line


def test_nobody_reads_more_than_a_few_lines() -> None:
    assert len(shown({"Description": "x" * 10_000})) == LONGEST + len("...")
