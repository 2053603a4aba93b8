"""A control plane that verifies signatures, as the tools of AWS sign."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import docker
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.model import ServiceId
from botocore.session import Session
from botocore.signers import RequestSigner
from redis import Redis, RedisCluster
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from cachewright.agents.planning.iam_tokens import Entrance, tokens
from cachewright.agents.planning.labels import INSTANCE, NODE
from cachewright.controlplane.model.access_keys import AccessKey
from tests.e2e.cloud import SOON
from tests.e2e.guests import said_beside
from tests.e2e.javascript import installed
from tests.e2e.plane import Plane, environment, lent, run
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

AWS = Path(sys.executable).with_name("aws")
SECRETS = ("writers/secret+1", "readers/secret+2", "passing/secret+3")
SDK = ("@aws-sdk/client-elasticache@3", "@aws-sdk/util-format-url@3", "@aws-crypto/sha256-js@5",
       "@smithy/protocol-http@5", "@smithy/signature-v4@5")  # fmt: skip
FILE = """
[default]
aws_access_key_id = AKIDWRITER
aws_secret_access_key = writers/secret+1
aws_account_id = 123456789012

[dashboard]
aws_access_key_id = AKIDREADER
aws_secret_access_key = readers/secret+2
aws_account_id = 123456789012
role = reader

[passing]
aws_access_key_id = ASIAPASSING
aws_secret_access_key = passing/secret+3
aws_session_token = session/token==
aws_account_id = 123456789012
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("aws") / "credentials"
    file.write_text(FILE)
    return file


@pytest.fixture(scope="module")
def guarded(machine: docker.DockerClient, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    settings = {"CACHEWRIGHT_CREDENTIALS": str(keys)}
    with lent(machine, tmp_path_factory.mktemp("guarded") / "data", settings) as plane:
        yield plane


def client(plane: Plane, key: str, secret: str, token: str | None = None) -> Any:
    return boto3.client(
        "elasticache",
        endpoint_url=plane.url,
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def aws(plane: Plane, keys: Path, profile: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The AWS command line with a profile of the very file that the control plane was given."""
    own = {"AWS_SHARED_CREDENTIALS_FILE": str(keys), "AWS_CONFIG_FILE": "/dev/null", "AWS_PAGER": ""}
    own |= {"AWS_PROFILE": profile, "AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
    command = [str(AWS), "--endpoint-url", plane.url, "elasticache", *words]
    return subprocess.run(command, env=environment() | own, capture_output=True, text=True, timeout=120, check=False)


def code(url: str) -> str:
    """What a presigned request is refused with; empty when it is not."""
    try:
        with urllib.request.urlopen(url, timeout=10):
            return ""
    except urllib.error.HTTPError as refused:
        return refused.read().decode().partition("<Code>")[2].partition("<")[0]


def test_who_has_a_key_has_a_cloud(guarded: Plane, keys: Path, machine: docker.DockerClient) -> None:
    create = "create-replication-group --replication-group-id one --engine valkey --cache-node-type cache.t3.micro"
    more = "--num-cache-clusters 1 --replication-group-description test --no-transit-encryption-enabled"
    made = aws(guarded, keys, "default", *create.split(), *more.split())
    assert made.returncode == 0, made.stderr

    writer = client(guarded, "AKIDWRITER", SECRETS[0])
    writer.get_waiter("replication_group_available").wait(ReplicationGroupId="one", WaiterConfig=SOON)
    (group,) = writer.describe_replication_groups()["ReplicationGroups"]
    assert group["ARN"] == "arn:aws:elasticache:eu-west-1:123456789012:replicationgroup:one"

    reader = client(guarded, "AKIDREADER", SECRETS[1])
    assert reader.describe_replication_groups()["ReplicationGroups"] == [group]
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.delete_replication_group(ReplicationGroupId="one")
    denied = aws(guarded, keys, "dashboard", "delete-replication-group", "--replication-group-id", "one")
    assert "(AccessDenied)" in denied.stderr

    passing = client(guarded, "ASIAPASSING", SECRETS[2], "session/token==")
    assert passing.describe_replication_groups()["ReplicationGroups"] == [group]
    for wrong in (("AKIDWRITER", "guessed"), ("123456789012", "x"), ("ASIAPASSING", SECRETS[2])):
        with pytest.raises(ClientError, match=r"SignatureDoesNotMatch|InvalidClientTokenId"):
            client(guarded, *wrong).describe_replication_groups()

    link = writer.generate_presigned_url("describe_replication_groups", {}, ExpiresIn=2, HttpMethod="GET")
    assert code(link) == ""
    assert code(link.replace("Describe", "Delete")) == "SignatureDoesNotMatch"
    until("the link has expired", lambda: code(link) == "RequestExpired")

    own = {"CACHEWRIGHT_DATA_DIR": str(guarded.data_dir)}
    assert "one  available" in run("status", "--url", guarded.url, settings=own).stdout
    drilled = run("drill", "kill", "one", "--url", guarded.url, settings=own)
    assert drilled.returncode == 0, drilled.stderr
    assert "missing Authentication Token" in run("status", "--url", guarded.url).stderr

    mine = {"label": f"{INSTANCE}={guarded.instance}"}
    there = machine.containers.list(all=True, filters=mine, ignore_removed=True)
    told = guarded.log.read_text() + str([one.attrs for one in there])
    arguments = Path(f"/proc/{guarded.process}/cmdline").read_text()
    kept = (guarded.data_dir / "cachewright.db").read_bytes().decode("latin-1")
    assert [secret for secret in SECRETS if secret in told + arguments + kept] == []


WRITER = Credentials("AKIDWRITER", SECRETS[0])
PASSING = Credentials("ASIAPASSING", SECRETS[2], "session/token==")


def token(cache: str = "shop", user: str = "app", region: str = "eu-west-1", by: Credentials = WRITER) -> str:
    """A token as AWS's guide makes it with botocore."""
    emitter = Session().get_component("event_emitter")
    signer = RequestSigner(ServiceId("elasticache"), region, "elasticache", "v4", by, emitter)
    request = {"method": "GET", "url": f"http://{cache}/?Action=connect&User={user}", "body": {}, "headers": {}}
    url: str = signer.generate_presigned_url(request | {"context": {}}, "connect", 900, region)
    return url.removeprefix("http://")


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where node finds AWS's SDK for JavaScript."""
    modules = installed(tmp_path_factory.mktemp("sdk"), *SDK)
    if modules is None:
        pytest.skip("node and npm are not installed, or npm does not reach its registry")
    return modules


def signed_in_javascript(plane: Plane, sdk: Path, by: Credentials) -> dict[str, Any]:
    """What the SDK is answered, and a token that it makes for a user of a cache."""
    wish = {"url": plane.url, "region": "eu-west-1", "cache": "shop", "user": "app", "sessionToken": by.token}
    wish |= {"accessKeyId": by.access_key, "secretAccessKey": by.secret_key}
    command = ["node", str(Path(__file__).with_name("aws_sdk.js")), json.dumps(wish)]
    own = environment() | {"NODE_PATH": str(sdk)}
    ended = subprocess.run(command, env=own, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


@pytest.mark.parametrize("by", [WRITER, PASSING])
def test_javascript_signs_as_is_verified(guarded: Plane, sdk: Path, by: Credentials) -> None:
    said = signed_in_javascript(guarded, sdk, by)
    assert "groups" in said
    key = AccessKey(by.access_key, by.secret_key, "123456789012", session_token=by.token or "")
    seconds = range(int(time.time()) - 60, int(time.time()) + 1)
    entrance = Entrance("shop", "app", "eu-west-1", key.account)
    assert said["token"] in [token for second in seconds for token in tokens(entrance, key, second)]
    forged = Credentials(by.access_key, "guessed", by.token)
    assert signed_in_javascript(guarded, sdk, forged)["error"] == "SignatureDoesNotMatch"


def aged(seconds: int) -> str:
    """A token that was made so many seconds ago."""
    key = AccessKey("AKIDWRITER", SECRETS[0], "123456789012")
    return tokens(Entrance("shop", "app", "eu-west-1", key.account), key, int(time.time()) - seconds)[0]


def entered(plane: Plane, place: dict[str, Any], password: str, user: str = "app") -> str:
    """Who somebody is after they have entered with a password; what is said when they are not let in."""
    options: dict[str, Any] = {"username": user, "password": password, "retry": Retry(NoBackoff(), 0)}
    options |= {"ssl": True, "ssl_ca_certs": str(plane.data_dir / "ca.pem"), "decode_responses": True}
    with Redis(place["Address"], place["Port"], **options) as client:
        try:
            return str(client.acl_whoami())
        except AuthenticationError as refused:
            return str(refused)
        except RedisError as error:
            return f"no answer: {error}"


def said_inside(plane: Plane, machine: docker.DockerClient, place: dict[str, Any], password: str) -> str:
    """Whom the engine's own command line has entered as."""
    options = {"ssl_ca_certs": str(plane.data_dir / "ca.pem"), "username": "app", "password": password}
    node = nodes(plane, machine)[0]
    return said_beside(node, (place["Address"], place["Port"]), options, "ACL", "WHOAMI")


def nodes(plane: Plane, machine: docker.DockerClient) -> list[Any]:
    mine = {"label": f"{INSTANCE}={plane.instance}"}
    found = machine.containers.list(filters=mine, ignore_removed=True)
    return [one for one in found if one.labels.get(NODE, "").startswith("shop-")]


def _places(asking: Any) -> list[dict[str, Any]]:
    """Where the nodes of the shards are."""
    clusters = asking.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
    members = [one for one in clusters if one.get("ReplicationGroupId") == "shop"]
    return [node["Endpoint"] for one in members for node in one["CacheNodes"]]


def test_tokens_of_iam_let_in_and_others_do_not(guarded: Plane, machine: docker.DockerClient) -> None:
    writer = client(guarded, "AKIDWRITER", SECRETS[0])
    for user in ("app", "other"):
        known = {"UserId": user, "UserName": user, "Engine": "valkey", "AccessString": "on ~* +@all"}
        writer.create_user(**known, AuthenticationMode={"Type": "iam"})
    writer.create_user_group(UserGroupId="people", Engine="valkey", UserIds=["app", "other"])
    shape = {
        "NumNodeGroups": 2,
        "ReplicasPerNodeGroup": 0,
        "AutomaticFailoverEnabled": True,
        "CacheNodeType": "cache.t3.micro",
        "Engine": "valkey",
    }
    writer.create_replication_group(
        ReplicationGroupId="shop",
        ReplicationGroupDescription="test",
        TransitEncryptionEnabled=True,
        UserGroupIds=["people"],
        **shape,
    )
    writer.get_waiter("replication_group_available").wait(ReplicationGroupId="shop", WaiterConfig=SOON)
    (group,) = writer.describe_replication_groups(ReplicationGroupId="shop")["ReplicationGroups"]
    entrance = group["ConfigurationEndpoint"]
    places = _places(writer)
    until("every node takes every token", lambda: all(entered(guarded, one, aged(880)) == "app" for one in places))

    for good in (token(), token(by=PASSING), aged(880), aged(-100)):
        assert entered(guarded, entrance, good) == "app"
    strange = [token(user="other"), token(cache="one"), token(region="us-east-1"), token()[:-1], aged(920), aged(-200)]
    for bad in (
        *strange,
        token(by=Credentials("AKIDWRITER", "guessed")),
        token(by=Credentials("AKIDREADER", SECRETS[1])),
    ):
        assert "invalid username-password pair" in entered(guarded, entrance, bad), bad
    assert said_inside(guarded, machine, entrance, token()) == "app"
    assert "NOAUTH" in said_inside(guarded, machine, entrance, aged(920))

    authority = str(guarded.data_dir / "ca.pem")
    place = (entrance["Address"], entrance["Port"])
    with RedisCluster(*place, username="app", password=token(), ssl=True, ssl_ca_certs=authority) as cluster:
        assert all(cluster.set(f"key {number}", number) for number in range(50))

    guarded.kill()
    assert entered(guarded, entrance, token()) == "app"
    guarded.up()
    for node in nodes(guarded, machine):
        node.kill()
    writer.get_waiter("replication_group_available").wait(ReplicationGroupId="shop", WaiterConfig=SOON)
    places = _places(writer)
    until("tokens let in again", lambda: all(entered(guarded, one, token()) == "app" for one in places))
    kept = (guarded.data_dir / "cachewright.db").read_bytes().decode("latin-1")
    told = guarded.log.read_text() + kept + str([node.attrs for node in nodes(guarded, machine)])
    assert "X-Amz-Signature" not in told
