"""What `users.tf` makes, and what its changes come to."""

from typing import Any

from tests.e2e.clients import answers
from tests.e2e.cloud import Cloud, place
from tests.e2e.encrypted import verifying

CHANGES = {"access": "on ~* +@all", "password": "correct-horse-battery-2", "gigabytes": 20}


def made(cloud: Cloud) -> None:
    """Everything is as it was asked for first."""
    assert cloud.whole_group("guarded")["UserGroupIds"] == ["shop"]
    assert not _enters(cloud, "default", "never-to-be-said-aloud")
    assert _enters(cloud, "guest", "anything")
    assert _carts(cloud)["CacheUsageLimits"]["DataStorage"]["Maximum"] == 10


def changed(cloud: Cloud) -> None:
    """Everything is as the changes ask for it."""
    assert not _enters(cloud, "App", "correct-horse-battery-1")
    assert _enters(cloud, "App", "correct-horse-battery-2")
    assert _carts(cloud)["CacheUsageLimits"]["DataStorage"]["Maximum"] == 20


def ended(cloud: Cloud) -> None:
    """Nothing of it is there but what nobody can delete."""
    assert [user["UserId"] for user in cloud.api.describe_users()["Users"]] == ["default"]
    assert cloud.api.describe_serverless_caches()["ServerlessCaches"] == []


def _enters(cloud: Cloud, name: str, password: str) -> bool:
    """Whether a user gets into both; AssertionError when it is one of them alone."""
    doors = (cloud.shown_group("guarded")["PrimaryEndpoint"], _carts(cloud)["Endpoint"])
    (entered,) = {answers(place(door), **verifying(cloud.plane, password), username=name) for door in doors}
    return entered


def _carts(cloud: Cloud) -> dict[str, Any]:
    (shown,) = cloud.api.describe_serverless_caches(ServerlessCacheName="carts")["ServerlessCaches"]
    return dict(shown)
