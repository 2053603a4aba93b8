"""Files in buckets: what goes out comes back in with real engines, whatever S3 does."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any

import docker
import pytest
from botocore.exceptions import ClientError
from redis.cluster import RedisCluster

from tests.e2e.cloud import MICRO, Cloud, place, redis_at
from tests.e2e.plane import Plane, environment, lent
from tests.e2e.s3 import broken, client, silent
from tests.e2e.sharded import Sharded
from tests.e2e.test_restore import contents, snapshot, write_every_type
from tests.e2e.test_snapshots import KEYS, available, files, fill
from tests.e2e.waiting import until
from tests.moto import CREDENTIALS, moto

pytestmark = pytest.mark.docker

_ACCOUNTS = count(900)
HALVES = {"0001": "0-8191", "0002": "8192-16383"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The URL of an S3 with a bucket."""
    with moto() as url:
        client(url).create_bucket(Bucket="mine")
        yield url


@pytest.fixture(scope="module")
def beside(s3: str, machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane that has this S3."""
    settings = {"CACHEWRIGHT_S3_ENDPOINT": s3, **CREDENTIALS}
    with lent(machine, tmp_path_factory.mktemp("buckets") / "data", settings) as plane:
        yield plane


@pytest.fixture
def cloud(beside: Plane, machine: docker.DockerClient) -> Iterator[Cloud]:
    """An account on it."""
    cloud = Cloud(beside, machine, f"{next(_ACCOUNTS):012}")
    yield cloud
    cloud.leave()


def exported(cloud: Cloud, name: str) -> None:
    cloud.api.copy_snapshot(SourceSnapshotName="snap", TargetSnapshotName=name, TargetBucket="mine")
    available(cloud, "snap")


def test_what_is_exported_is_restored(cloud: Cloud, s3: str) -> None:
    told = cloud.cluster("one", EngineVersion="7.0")
    source = redis_at(place(told["CacheNodes"][0]["Endpoint"]))
    write_every_type(source)
    before = contents(source)
    snapshot(cloud, CacheClusterId="one")
    exported(cloud, "out")
    (file,) = files(cloud)
    body = client(s3).get_object(Bucket="mine", Key="out-0001.rdb")["Body"].read()
    assert body == file.read_bytes()
    asked = {"SnapshotArns": ["arn:aws:s3:::mine/out-0001.rdb"], "EngineVersion": "7.1"}
    group = cloud.group("rg", 2, **asked)
    for end in ("PrimaryEndpoint", "ReaderEndpoint"):
        assert contents(redis_at(place(group[end]))) == before
    with pytest.raises(ClientError, match="The S3 bucket mine already contains an object with key out-0001"):
        cloud.api.copy_snapshot(SourceSnapshotName="snap", TargetSnapshotName="out", TargetBucket="mine")


@pytest.mark.parametrize("arns", [1, 2])
def test_shards_begin_with_objects(arns: int, cloud: Cloud) -> None:
    configuration = [{"Slots": slots, "ReplicaCount": 0} for slots in HALVES.values()]
    if arns == 1:
        fill(redis_at(place(cloud.cluster("one")["CacheNodes"][0]["Endpoint"])))
        snapshot(cloud, CacheClusterId="one")
    else:
        with RedisCluster(*Sharded(cloud, "one").create(2, 0).entrance) as source:
            fill(source)
        snapshot(cloud, ReplicationGroupId="one")
    exported(cloud, f"shards-{arns}")
    objects = [f"arn:aws:s3:::mine/shards-{arns}-{number:04}.rdb" for number in range(1, arns + 1)]
    cloud.api.create_replication_group(
        ReplicationGroupId="new", ReplicationGroupDescription="of a test", Engine="redis", CacheNodeType=MICRO,
        CacheParameterGroupName="default.redis7.cluster.on", AutomaticFailoverEnabled=True,
        SnapshotArns=objects, NodeGroupConfiguration=configuration,
    )  # fmt: skip
    cloud.api.get_waiter("replication_group_available").wait(ReplicationGroupId="new", WaiterConfig={"Delay": 1})
    entrance = place(cloud.whole_group("new")["ConfigurationEndpoint"])
    with RedisCluster(*entrance) as restored:
        assert sum(redis_at((node.host, node.port)).dbsize() for node in restored.get_primaries()) == KEYS
        assert all(restored.get(f"key:{number}") == f"{number:0100}".encode() for number in range(0, KEYS, 7))


@pytest.mark.parametrize(("engine", "version"), [("redis", "7.1"), ("valkey", "8.1")])
def test_keys_of_another_shard_end_the_restore(engine: str, version: str, cloud: Cloud) -> None:
    """Engines drop them, or keep them where nobody finds them."""
    source = redis_at(place(cloud.cluster("one")["CacheNodes"][0]["Endpoint"]))
    source.set("key", "in slot 12539")
    snapshot(cloud, CacheClusterId="one")
    exported(cloud, engine)
    cloud.api.create_replication_group(
        ReplicationGroupId="new", ReplicationGroupDescription="of a test", Engine=engine, EngineVersion=version,
        CacheNodeType=MICRO, AutomaticFailoverEnabled=True, SnapshotArns=[f"arn:aws:s3:::mine/{engine}-0001.rdb"] * 2,
        NodeGroupConfiguration=[{"Slots": slots, "ReplicaCount": 0} for slots in HALVES.values()],
    )  # fmt: skip
    until("it has failed", lambda: cloud.whole_group("new")["Status"] == "create-failed")
    said = f"Restore from s3://mine/{engine}-0001.rdb failed: it has keys of other slots than 0-8191, which shard 0001"
    cloud.await_reason("new", said)


OF_A_MODULE = b"REDIS0009\x07\x01a\x81" + b"\x12" * 8 + b"\x00\xff" + bytes(8)


@pytest.mark.parametrize(
    "content", [b"", b"no dump", b"REDIS9999\xff" + bytes(8), b"REDIS0009\x00\x00\x01a", OF_A_MODULE]
)
def test_what_no_engine_reads(content: bytes, cloud: Cloud, s3: str) -> None:
    client(s3).put_object(Bucket="mine", Key="bad.rdb", Body=content)
    cloud.ask_cluster("new", SnapshotArns=["arn:aws:s3:::mine/bad.rdb"])
    until("it has failed", lambda: cloud.shown_cluster("new")["CacheClusterStatus"] == "restore-failed")
    assert cloud.messages("new")
    cloud.api.delete_cache_cluster(CacheClusterId="new")


@pytest.mark.parametrize(("arn", "words"), [("nowhere/x.rdb", "The S3 bucket nowhere does not exist."),
                                            ("mine/x.rdb", "contains no object with key x.rdb.")])  # fmt: skip
def test_what_is_not_there_is_told_at_once(arn: str, words: str, cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="Unable to fetch metadata from S3 for bucket: ") as refused:
        cloud.ask_cluster("new", SnapshotArns=[f"arn:aws:s3:::{arn}"])
    assert words in str(refused.value)


@pytest.mark.parametrize("server", [silent, broken])
def test_an_s3_that_hangs_or_is_broken_holds_nobody_up(
    server: Callable[[], AbstractContextManager[str]], machine: docker.DockerClient, tmp_path: Path
) -> None:
    with server() as url, lent(machine, tmp_path / "data", {"AWS_ENDPOINT_URL_S3": url, **CREDENTIALS}) as plane:
        cloud = Cloud(plane, machine, "000000000001")
        begun = time.monotonic()
        usual: dict[str, Any] = {"CacheClusterId": "one", "Engine": "redis", "CacheNodeType": "cache.t3.micro"}
        usual |= {"SnapshotArns": ["arn:aws:s3:::mine/x.rdb"]}
        asking = subprocess.Popen(
            [sys.executable, "-c", "import sys; from tests.e2e.plane import Plane; from pathlib import Path\n"
             "client = Plane(Path(sys.argv[1]), int(sys.argv[2])).client('000000000002')\n"
             f"client.create_cache_cluster(**{usual!r})", str(tmp_path), str(plane.port)],
            env=environment(), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        cloud.cluster("other")
        _, said = asking.communicate(timeout=30)
        assert "The S3 bucket mine cannot be used." in said
        assert time.monotonic() - begun < 20


def test_the_command_restores_a_file(machine: docker.DockerClient, tmp_path: Path) -> None:
    """With an engine's own file, and without any S3."""
    with lent(machine, tmp_path / "data") as plane:
        cloud = Cloud(plane, machine, "000000000000")
        fill(redis_at(place(cloud.cluster("one")["CacheNodes"][0]["Endpoint"])))
        snapshot(cloud, CacheClusterId="one")
        (file,) = files(cloud)
        command = [sys.executable, "-m", "cachewright", "restore", str(file), "--id", "shop", "--engine", "valkey"]
        command += ["--url", plane.url, "--data-dir", str(plane.data_dir)]
        ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode == 0, ended.stderr
        host, port = ended.stdout.strip().split(":")
        assert redis_at((host, int(port))).dbsize() == KEYS
