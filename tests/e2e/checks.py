"""What must hold for every replication group that is available."""

from contextlib import closing
from functools import partial
from typing import Any

from redis import Redis

from tests.e2e.clients import identity, leads
from tests.e2e.cloud import member_places, place, primary_of, redis_at, roles
from tests.e2e.encrypted import PLAIN, Options
from tests.e2e.waiting import until

CONNECTIONS = 12  # enough for every replica to get some


def check_roles(group: dict[str, Any], options: Options = PLAIN) -> None:
    """The engines, and those to whom the endpoints lead, are what is told of them."""
    members = member_places(group)
    leading = [name for name, where in members.items() if leads(where, **options)]
    assert leading == [primary_of(group)]
    runs = {name: identity(where, **options) for name, where in members.items()}
    assert identity(place(group["PrimaryEndpoint"]), **options) == runs[primary_of(group)]
    reader = place(group["ReaderEndpoint"])
    replicas = {runs[name] for name, role in roles(group).items() if role == "replica"}
    assert {identity(reader, **options) for _ in range(CONNECTIONS)} == (replicas or set(runs.values()))


def check_copies(group: dict[str, Any], options: Options = PLAIN) -> None:
    """Every node holds as much as the primary, which nobody writes to."""
    with closing(redis_at(place(group["PrimaryEndpoint"]), **options)) as client:
        size = client.dbsize()
    for where in member_places(group).values():
        with closing(redis_at(where, **options)) as client:
            until(f"{where} has everything", partial(_holds, client, size))


def _holds(client: Redis, size: int) -> bool:
    return bool(client.dbsize() == size)
