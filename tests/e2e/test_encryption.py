"""Encryption in transit and AUTH tokens, with clients that verify whom they speak to."""

import json
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from redis.exceptions import RedisError

from cachewright.agents.planning.labels import CACHE, INSTANCE
from tests.e2e.clients import answers, crowding, leads, writing
from tests.e2e.cloud import Cloud, Place, addresses, place, redis_at
from tests.e2e.encrypted import GUARDED, NEXT_TOKEN, PLAIN, TOKEN, Options, verifying

pytestmark = pytest.mark.docker

REQUIRED: dict[str, Any] = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"}
PREFERRED: dict[str, Any] = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}
OFF: dict[str, Any] = {"TransitEncryptionEnabled": False}
PLAIN_IN, VERIFIED_IN = "plain", "verified"


def _refusal(where: Place, options: Options) -> str:
    """Why a client is not let in."""
    with closing(redis_at(where, **options)) as client, pytest.raises((RedisError, OSError)) as refused:
        client.ping()
    return str(refused.value)


def _let_in(places: Collection[Place], options: Options) -> set[bool]:
    """Whether nodes answer; all are asked at once, for plain ones say nothing at all to a TLS greeting."""
    with ThreadPoolExecutor(len(places)) as pool:
        return set(pool.map(lambda where: answers(where, **options), places))


@pytest.mark.parametrize(("engine", "version"), [("redis", "6.2"), ("redis", "7.1"), ("valkey", "8.1")])
def test_everybody_is_verified(cloud: Cloud, engine: str, version: str) -> None:
    group = cloud.group("rg", 2, Engine=engine, EngineVersion=version, **GUARDED)
    guest = verifying(cloud.plane, TOKEN)
    for where in addresses(group).values():
        with closing(redis_at(where, **guest)) as client:
            assert client.ping()
        assert "CERTIFICATE_VERIFY_FAILED" in _refusal(where, {"ssl": True, "password": TOKEN})
        assert not answers(where, password=TOKEN)  # a plain connection
        assert "already authenticated" in _refusal(where, verifying(cloud.plane))
        wrong = _refusal(where, verifying(cloud.plane, NEXT_TOKEN))
        assert "invalid username-password pair" in wrong
    with closing(redis_at(place(group["PrimaryEndpoint"]), **guest)) as client:
        client.set("written", "once")
        assert client.wait(1, 5000) == 1
    with closing(redis_at(place(group["ReaderEndpoint"]), **guest)) as client:
        assert client.get("written") == "once"
    shown = cloud.whole_group("rg")
    assert (shown["TransitEncryptionEnabled"], shown["TransitEncryptionMode"]) == (True, "required")
    assert shown["AuthTokenEnabled"]
    assert "AuthTokenLastModifiedDate" in shown


def test_a_failover_of_a_guarded_group(cloud: Cloud) -> None:
    before = cloud.group("rg", **GUARDED)
    guest = verifying(cloud.plane, TOKEN)
    with crowding(place(before["PrimaryEndpoint"]), (guest, guest)) as crowd:
        cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001")
        after = cloud.available_group("rg")
        crowd.progress()
    assert crowd.lost() == {}
    assert addresses(after) == addresses(before)
    assert not leads(addresses(after)["rg-001"], **guest)


def test_there_and_back(cloud: Cloud) -> None:
    """Step by step to encryption and back; whoever may write before and after a step writes during it."""
    before = cloud.group("rg", 2)
    where, guest = place(before["PrimaryEndpoint"]), verifying(cloud.plane)
    steps = (
        (PREFERRED, PLAIN, {PLAIN_IN, VERIFIED_IN}),
        (REQUIRED, guest, {VERIFIED_IN}),
        (PREFERRED, guest, {PLAIN_IN, VERIFIED_IN}),
        (OFF, PLAIN, {PLAIN_IN}),
    )
    writers = []
    for number, (asked, way, served) in enumerate(steps):
        with writing(where, name=f"step-{number}", **way) as writer:
            after = cloud.modified("rg", **asked)
            writer.progress()
        writers.append(writer)
        assert writer.lost() == []
        assert addresses(after) == addresses(before)
        assert _served(after, guest) == served
    assert [writer.lost(PLAIN) for writer in writers] == [[]] * len(steps)


def _served(group: dict[str, Any], guest: Options) -> set[str]:
    """Which clients every address of a group serves; nobody is served by some only."""
    ways = {PLAIN_IN: PLAIN, VERIFIED_IN: guest}
    everywhere = {name: _let_in(addresses(group).values(), options) for name, options in ways.items()}
    assert all(len(answer) == 1 for answer in everywhere.values()), everywhere
    return {name for name, answer in everywhere.items() if answer == {True}}


def test_tokens_change_without_an_interruption(cloud: Cloud) -> None:
    before = cloud.group("rg", 2, **GUARDED)
    where = place(before["PrimaryEndpoint"])
    old, new = verifying(cloud.plane, TOKEN), verifying(cloud.plane, NEXT_TOKEN)
    with writing(where, **old) as writer:
        rotated = cloud.modified("rg", AuthToken=NEXT_TOKEN, AuthTokenUpdateStrategy="ROTATE")
        assert _let_in(addresses(rotated).values(), old) == {True}
        assert _let_in(addresses(rotated).values(), new) == {True}
        with writing(where, name="new", **new) as newer:
            cloud.modified("rg", AuthToken=NEXT_TOKEN, AuthTokenUpdateStrategy="SET")
            newer.progress()
        assert _let_in(addresses(before).values(), old) == {False}
        assert _let_in(addresses(before).values(), new) == {True}
    assert (writer.lost(new), newer.lost()) == ([], [])
    assert newer.failures == 0
    with closing(redis_at(where, **new)) as client:
        assert client.wait(1, 5000) == 1  # replicas have their own login
    assert addresses(cloud.shown_group("rg")) == addresses(before)


def test_the_first_token_of_a_group(cloud: Cloud) -> None:
    """Until it is set, whoever brings none is let in, too."""
    group = cloud.group("rg", 2, TransitEncryptionEnabled=True)
    nobody, guest = verifying(cloud.plane), verifying(cloud.plane, TOKEN)
    places = addresses(group).values()
    cloud.modified("rg", AuthToken=TOKEN, AuthTokenUpdateStrategy="ROTATE")
    assert (_let_in(places, nobody), _let_in(places, guest)) == ({True}, {True})
    cloud.modified("rg", AuthToken=TOKEN, AuthTokenUpdateStrategy="SET")
    assert (_let_in(places, nobody), _let_in(places, guest)) == ({False}, {True})


def test_tokens_are_nowhere(cloud: Cloud) -> None:
    """Neither tokens nor passwords, in whatever somebody may see: the engine, the processes, the log, the database."""
    own, second = f"{TOKEN}{uuid4().hex}", f"{NEXT_TOKEN}{uuid4().hex}"  # clients of other tests run beside this one
    cloud.group("rg", 2, **PREFERRED, AuthToken=own)
    cloud.modified("rg", AuthToken=second, AuthTokenUpdateStrategy="ROTATE")
    with pytest.raises(ClientError) as refused:
        cloud.api.modify_replication_group(ReplicationGroupId="rg", AuthToken=f"{own}/", ApplyImmediately=True)
    with pytest.raises(ClientError) as unknown:
        cloud.api.modify_replication_group(ReplicationGroupId="no", AuthToken=own, ApplyImmediately=True)
    seen = {
        "refusals": f"{refused.value} {unknown.value}".encode(),
        "answers": repr((cloud.whole_group("rg"), cloud.api.describe_events())).encode(),
        "log": cloud.plane.log.read_bytes(),
        **_about_containers(cloud),
        **_about_processes(),
        **{str(path): path.read_bytes() for path in cloud.plane.data_dir.glob("cachewright.db*")},
    }
    agent = (cloud.plane.data_dir / "agent.secret").read_bytes()
    secrets = (own.encode(), second.encode(), agent)
    assert [name for name, content in seen.items() if any(secret in content for secret in secrets)] == []
    readable = [path.name for path in cloud.plane.data_dir.rglob("*") if path.stat().st_mode & 0o044 and path.is_file()]
    assert not {"agent.secret", "ca.key"} & set(readable)


def _about_containers(cloud: Cloud) -> dict[str, bytes]:
    """What the container engine tells of the group's containers, relays too, and what they said."""
    labels = {INSTANCE: cloud.plane.instance, CACHE: f"{cloud.account}/{cloud.region}/replication-group/rg"}
    mine = [f"{name}={value}" for name, value in labels.items()]
    found = cloud.machine.containers.list(all=True, filters={"label": mine})
    assert len(found) == 4
    return {container.name: json.dumps(container.attrs).encode() + container.logs() for container in found}


def _about_processes() -> dict[str, bytes]:
    """Arguments and environment of every process, those in containers, too."""
    seen = {}
    for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
        with suppress(OSError):  # it has ended meanwhile, or is somebody else's
            seen[str(path)] = path.read_bytes()
    assert any(b"redis-server" in arguments for arguments in seen.values())
    return seen
