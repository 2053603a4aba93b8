"""Users and user groups, enforced by real engines: what examples of AWS's guide may and may not do, and how that
changes while clients are connected.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, ConnectionError, NoPermissionError, RedisError  # noqa: A004

from tests.e2e.clients import answers
from tests.e2e.cloud import Cloud, Place, member_places, redis_at
from tests.e2e.cluster_clients import Account, crowding, redis_py
from tests.e2e.encrypted import verifying
from tests.e2e.guests import said_inside
from tests.e2e.javascript import everybody
from tests.e2e.plane import Plane
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

OWN = uuid4().hex[:8]  # what is looked for among all processes is nobody else's
FIRST, SECOND, THIRD = (f"correct-horse-battery-{OWN}-{number}" for number in "123")
TLS = {"TransitEncryptionEnabled": True}

# Name, access string, password; what it may do, and what not. The strings are those of the user guide.
EXAMPLES = (
    ("reader", "on ~app::* -@all +@read", ("GET app::1",), ("SET app::1 x", "GET other")),
    (
        "careful",
        "on ~app::* -@all +@read +@hash +@bitmap +@geo -setbit -bitfield -hset -hsetnx -hmset -hincrby -hincrbyfloat"
        " -hdel -bitop -geoadd -georadius -georadiusbymember",
        ("HGET app::h f", "GETBIT app::1 0"),
        ("HSET app::h f 1", "SETBIT app::1 0 1", "HGET other f"),
    ),
    (
        "keeper",
        "on ~* +@all",
        ("SET any 1", "INFO server", "CLUSTER INFO"),
        ("CONFIG GET *", "ACL LIST", "DEBUG SLEEP 0"),
    ),
)
SINCE_7 = (
    ("split", "on %R~in:* %W~out:* +get +set", ("GET in:1", "SET out:1 x"), ("SET in:1 x", "GET out:1")),
    ("chosen", "on ~a* +get (~b* +set +@all)", ("GET a", "SET b x"), ("SET a x", "CONFIG GET *", "ACL LIST")),
    ("partly", "on ~* +@all -client|list", ("CLIENT GETNAME",), ("CLIENT LIST", "CLUSTER RESET")),
)


def create(cloud: Cloud, name: str, access: str, **params: Any) -> None:
    usual: dict[str, Any] = {"UserName": name, "Engine": "redis"}
    usual |= {} if params.get("NoPasswordRequired") else {"Passwords": [FIRST]}
    cloud.api.create_user(UserId=name, AccessString=access, **{**usual, **params})


def active(cloud: Cloud, *, user: str = "", group: str = "") -> None:
    """A user or a user group is what it shall be everywhere."""

    def done() -> bool:
        if user:
            return bool(cloud.api.describe_users(UserId=user)["Users"][0]["Status"] == "active")
        return bool(cloud.api.describe_user_groups(UserGroupId=group)["UserGroups"][0]["Status"] == "active")

    until(f"{user}{group} active", done)


def login(plane: Plane, name: str, password: str = FIRST) -> dict[str, Any]:
    return {**verifying(plane, password), "username": name}


def may(client: Any, command: str) -> bool:
    """Whether a client is allowed to do something, whatever comes of it."""
    try:
        client.execute_command(*command.split())
    except NoPermissionError:
        return False
    except RedisError as error:
        return "NOPERM" not in str(error) and "not allowed" not in str(error)
    return True


@contextmanager
def connected(where: Place, options: dict[str, Any]) -> Iterator[Redis]:
    with closing(redis_at(where, **options)) as client:
        yield client


@pytest.mark.parametrize(("engine", "version"), [("redis", "6.0"), ("redis", "7.1"), ("valkey", "8.1")])
def test_examples_of_the_guide(cloud: Cloud, engine: str, version: str) -> None:
    """Every node of a group enforces them from its first moment; the engine's default user is as the group says."""
    examples = EXAMPLES if version == "6.0" else (*EXAMPLES, *SINCE_7)
    for name, access, _, _ in examples:
        create(cloud, name, access, Engine=engine)
    names = [name for name, *_ in examples]
    ids = ["default", *names] if engine == "redis" else names
    cloud.api.create_user_group(UserGroupId="users", Engine=engine, UserIds=ids)
    cloud.group("rg", 2, Engine=engine, EngineVersion=version, UserGroupIds=["users"], **TLS)
    assert cloud.whole_group("rg")["UserGroupIds"] == ["users"]
    for where in member_places(cloud.shown_group("rg")).values():
        for name, _, allowed, refused in examples:
            with connected(where, login(cloud.plane, name)) as client:
                assert [command for command in allowed if not may(client, command)] == [], name
                assert [command for command in refused if may(client, command)] == [], name
            assert not answers(where, **login(cloud.plane, name, SECOND))
        assert answers(where, **verifying(cloud.plane)) == (engine == "redis")
    with pytest.raises(cloud.api.exceptions.ClientError, match="nothing"):
        cloud.api.modify_user(UserId="reader", AppendAccessString="+nothing")
    with pytest.raises(cloud.api.exceptions.ClientError, match="nobody-knows"):
        create(cloud, "wrong", "on +nobody-knows")


def test_users_change_while_clients_are_connected(cloud: Cloud) -> None:
    """From a token to users, through every change, and back; a rebuilt node and a new run know them, too."""
    create(cloud, "app", "on ~* +@read +ping")
    create(cloud, "strict", "on ~* +@all", UserName="default", Passwords=[THIRD])
    create(cloud, "guest", "on ~* +@read +ping", NoPasswordRequired=True)
    create(cloud, "gone", "off")
    cloud.api.create_user_group(UserGroupId="users", Engine="redis", UserIds=["default", "app"])
    token = "a-token-of-the-beginning"
    cloud.group("rg", 2, AuthToken=token, **TLS)
    lives = {name: container.id for name, container in cloud.containers().items()}
    places = list(member_places(cloud.shown_group("rg")).values())
    primary = places[0]
    with connected(primary, verifying(cloud.plane, token)) as old:
        assert old.set("written", "once")
        session = old.connection_pool.get_connection()
        cloud.modified("rg", AuthTokenUpdateStrategy="DELETE", UserGroupIdsToAdd=["users"])
        with pytest.raises((ConnectionError, OSError)):  # whoever has come with the token has to go
            session.send_command("PING")
            session.read_response()
    assert cloud.whole_group("rg")["AuthTokenEnabled"] is False
    with connected(primary, login(cloud.plane, "app")) as app, connected(primary, verifying(cloud.plane)) as anybody:
        session, other = app.connection_pool.get_connection(), anybody.connection_pool.get_connection()
        assert asked(session, "SET", "written", "twice") == "NOPERM"
        cloud.api.modify_user(UserId="app", AppendAccessString="+@write", Passwords=[SECOND])
        active(cloud, user="app")
        assert asked(session, "SET", "written", "twice") == "OK"  # the connection stays
        assert refused(primary, login(cloud.plane, "app"))
        cloud.api.modify_user_group(UserGroupId="users", UserIdsToAdd=["guest"])
        active(cloud, group="users")
        assert all(answers(where, **login(cloud.plane, "guest", "anything")) for where in places)
        cloud.api.modify_user_group(UserGroupId="users", UserIdsToAdd=["strict"], UserIdsToRemove=["default"])
        active(cloud, group="users")
        assert asked(other, "PING") == "gone"  # the user of that name is another one
        assert asked(session, "PING") == "PONG"
        assert not answers(primary, **verifying(cloud.plane))
        cloud.containers()["rg-002.0001"].kill()
        until("another life", lambda: _runs_anew(cloud, "rg-002.0001", lives["rg-002.0001"]))
        cloud.available_group("rg")
        assert all(answers(where, **login(cloud.plane, "app", SECOND)) for where in places)
        assert cloud.containers()["rg-001.0001"].id == lives["rg-001.0001"]
        cloud.api.delete_user(UserId="app")
        active(cloud, group="users")
        assert asked(session, "PING") == "gone"
    assert not any(answers(where, **login(cloud.plane, "app", SECOND)) for where in places)
    untold(cloud, FIRST, SECOND, THIRD, token)
    cloud.modified("rg", RemoveUserGroups=True, AuthToken=token, AuthTokenUpdateStrategy="ROTATE")
    assert all(answers(where, **verifying(cloud.plane, token)) for where in places)
    assert answers(primary, **verifying(cloud.plane))
    cloud.modified("rg", AuthToken=token, AuthTokenUpdateStrategy="SET")
    assert not answers(primary, **verifying(cloud.plane))


def _runs_anew(cloud: Cloud, node: str, before: str) -> bool:
    container = cloud.containers().get(node)
    return container is not None and container.id != before


def asked(session: Any, *command: str) -> str:
    """What becomes of a command on a connection that is never opened again."""
    try:
        session._sock.sendall(" ".join(command).encode() + b"\r\n")
        said = session.read_response()
    except NoPermissionError:
        return "NOPERM"
    except (RedisError, OSError):
        return "gone"
    return said.decode() if isinstance(said, bytes) else str(said)


def refused(where: Place, options: dict[str, Any]) -> bool:
    with connected(where, options) as client:
        try:
            client.ping()
        except AuthenticationError as error:
            return "WRONGPASS" in str(error) or "invalid username-password" in str(error)
    return False


def untold(cloud: Cloud, *secrets: str) -> None:
    """None of these stands anywhere on the machine but in this test."""
    data = cloud.plane.data_dir
    files = [path for path in data.rglob("*") if path.is_file()]
    texts = {str(path): path.read_bytes() for path in files}
    for name, container in cloud.containers().items():
        texts[name] = json.dumps(container.attrs).encode() + container.logs()
    texts["processes"] = subprocess.run(["ps", "axww"], capture_output=True, check=True).stdout
    found = [(name, secret) for name, text in texts.items() for secret in secrets if secret.encode() in text]
    assert found == []


def test_users_in_cluster_mode(cloud: Cloud, modules: Path | None) -> None:
    """Every client of a cluster enters every shard as its user, and may do there what that may do by then."""
    create(cloud, "app", "on ~* +@all", Engine="valkey")
    cloud.api.create_user_group(UserGroupId="users", Engine="valkey", UserIds=["app"])
    group = Sharded(cloud, "rg", login(cloud.plane, "app")).create(2, Engine="valkey", UserGroupIds=["users"], **TLS)
    with crowding(*everybody(group, modules)) as crowd:
        crowd.progress()
        assert not crowd.failures
        cloud.api.modify_user(UserId="app", AccessString="on ~redis-py* +@all -@write")
        active(cloud, user="app")
        until("everybody is refused", lambda: all(map(_is_refused, crowd.accounts)))
    assert said_inside(group, "-c", "GET", "redis-py-1") == "1"
    assert said_inside(group, "-c", "SET", "redis-py-1", "2").startswith("NOPERM")
    with closing(redis_py(group)) as client:
        assert client.get("redis-py-1") == "1"
        with pytest.raises(NoPermissionError, match="No permissions to access a key"):
            client.get("valkey-py-1")


def _is_refused(account: Account) -> bool:
    return any("no permissions" in why for why in account.failures)
