"""What it costs that signatures are verified, and to enter with tokens of IAM."""

import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

from redis import Redis
from redis.exceptions import AuthenticationError

from benchmarks.figures import Row, alternated
from benchmarks.process import data_directory, plane, serving
from benchmarks.waiting import milliseconds, until
from benchmarks.wire import ACCOUNT, HOST, Client, told
from cachewright.agents.planning.iam_tokens import Entrance, tokens
from cachewright.controlplane.commands.plane import REGION, signed
from cachewright.controlplane.model.access_keys import AccessKey

CALLS, CONNECTIONS = 100, 50  # a sample is the mean of so many
KEY = AccessKey("AKIDBENCHMARK", "secret", ACCOUNT)
PASSWORD = "correct-horse-battery"
_CREDENTIALS = {"CACHEWRIGHT_CREDENTIALS": f"{KEY.id}:{KEY.secret}:{KEY.account}"}
_WATCH = 0.05  # seconds
_SMALL = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": "1"}
_USER = {"Engine": "valkey", "AccessString": "on ~* +@all"}
_GROUP = {
    "ReplicationGroupDescription": "measured",
    "Engine": "valkey",
    "CacheNodeType": "cache.t3.micro",
    "NumCacheClusters": "1",
    "TransitEncryptionEnabled": "true",
    "UserGroupIds.member.1": "people",
}


def describing(rounds: int) -> Iterator[Row]:
    """The same signed request, verified and not."""
    with plane("memory", _CREDENTIALS) as guarded, plane("memory") as trusting:
        for one in (guarded, trusting):
            _call(one.client, "CreateCacheCluster", {"CacheClusterId": "one", **_SMALL})
        wanted = _request("DescribeCacheClusters", {"CacheClusterId": "one"})
        ours, floor = alternated(rounds, *(_calls(one.client, wanted) for one in (guarded, trusting)))
    yield Row("signed DescribeCacheClusters, verified", "ms", ours, floor, "not verified", 1.3)


def entering(rounds: int) -> Iterator[Row]:
    """Connections of redis-py to an encrypted node, as one user and as another."""
    with data_directory() as directory, serving(directory, "docker", _CREDENTIALS) as served:
        host, port = _founded(served.client)
        authority = str(directory / "ca.pem")

        def enter(user: str, password: str) -> None:
            with Redis(host, port, username=user, password=password, ssl=True, ssl_ca_certs=authority) as client:
                client.ping()

        until(lambda: _enters(enter), "tokens to let in", _WATCH)
        ours, floor = alternated(rounds, _mean(lambda: enter("app", _token())), _mean(lambda: enter("plain", PASSWORD)))
    yield Row("a connection with a token of IAM", "ms", ours, floor, "with a password", 1 / 0.3)


def _founded(client: Client) -> tuple[str, int]:
    """Where a node listens that two users may enter."""
    for user in ("app", "plain"):
        known = {"UserId": user, "UserName": user, **_USER}
        way = {"AuthenticationMode.Type": "iam"} if user == "app" else {"Passwords.member.1": PASSWORD}
        _call(client, "CreateUser", known | way)
    people = {"UserIds.member.1": "app", "UserIds.member.2": "plain"}
    _call(client, "CreateUserGroup", {"UserGroupId": "people", "Engine": "valkey", **people})
    _call(client, "CreateReplicationGroup", {"ReplicationGroupId": "shop", **_GROUP})
    look = {"ReplicationGroupId": "shop"}
    until(lambda: told(_call(client, "DescribeReplicationGroups", look), "Status") == "available", "the group", _WATCH)
    endpoint = _call(client, "DescribeReplicationGroups", look).partition(b"<PrimaryEndpoint>")[2]
    return told(endpoint, "Address"), int(told(endpoint, "Port"))


def _token() -> str:
    return tokens(Entrance("shop", "app", REGION, ACCOUNT), KEY, int(time.time()))[0]


def _enters(enter: Callable[[str, str], None]) -> bool:
    try:
        enter("app", _token())
    except AuthenticationError:
        return False
    return True


def _mean(enter: Callable[[], None]) -> Callable[[], float]:
    def all_of_them() -> None:
        for _ in range(CONNECTIONS):
            enter()

    return lambda: milliseconds(all_of_them) / CONNECTIONS


def _calls(client: Client, wanted: bytes) -> Callable[[], float]:
    return lambda: milliseconds(lambda: [client.send(wanted) for _ in range(CALLS)]) / CALLS


def _call(client: Client, action: str, params: Mapping[str, str]) -> bytes:
    return client.send(_request(action, params))


def _request(action: str, params: Mapping[str, str]) -> bytes:
    """The bytes of an HTTP request with a right signature, which is good for 15 minutes."""
    body = urlencode({"Action": action, "Version": "2015-02-02", **params}).encode()
    kind = "content-type: application/x-www-form-urlencoded"
    headers = [f"{name}: {value}" for name, value in signed(KEY, "POST", "/", HOST, body).items()]
    return "\r\n".join(("POST / HTTP/1.1", kind, *headers, f"content-length: {len(body)}", "", "")).encode() + body
