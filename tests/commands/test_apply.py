"""`cachewright apply` and `export`: a team's own templates, on the pretend runtime."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cachewright.controlplane.cli.ends import Exit
from cachewright.controlplane.cli.screen import Screen
from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer
from cachewright.controlplane.commands.stack_records import StackRecords
from cachewright.controlplane.model.access_keys import AccessKey
from cachewright.controlplane.templates.stack import Made, Stack
from docs.sections import ROOT
from tests.commands.planes import Plane, cachewright, pretending
from tests.e2e.waiting import until

EXAMPLES, CDK = ROOT / "docs/examples/templates", ROOT / "tests/cdk"
ACCOUNTS = (f"{number:012}" for number in range(1, 1000))
PASSWORD = "correct-horse-battery-staple"
SECRET = f"AppPassword={PASSWORD}"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One for all tests; each has an account of its own."""
    with pretending(tmp_path_factory.mktemp("templates") / "data") as plane:
        yield plane


class Team:
    """An account, and the commands that it uses."""

    def __init__(self, plane: Plane, account: str) -> None:
        self.plane, self.account = plane, account
        self.aws: Any = elasticache(ControlPlane(plane.url, AccessKey(account, "any")))
        self.where = ("--url", plane.url, "--account", account)

    def command(self, *words: object) -> Result:
        """A finished command; in this process, which has loaded everything."""
        return CliRunner().invoke(Screen(), [*map(str, words), *self.where])

    def apply(self, *words: object) -> str:
        """What `apply` says when it has done it."""
        ended = self.command("apply", *words)
        assert (ended.stderr, ended.exit_code) == ("", 0)
        return ended.stdout

    def outputs(self, *words: object) -> Any:
        """The outputs for programs."""
        ended = self.command("apply", *words, "--outputs", "json")
        assert ended.exit_code == 0, ended.stderr
        return json.loads(ended.stdout)

    def export(self, *words: object) -> str:
        """What `export` prints."""
        ended = self.command("export", *words)
        assert (ended.stderr, ended.exit_code) == ("", 0)
        return ended.stdout

    def refused(self, *words: object) -> str:
        """The one line of a command that does nothing."""
        ended = self.command("apply", *words)
        assert ended.exit_code == 1
        (line,) = ended.stderr.splitlines()
        return line.removeprefix("cachewright: ")

    @property
    def records(self) -> StackRecords:
        """What is remembered of its stacks."""
        return StackRecords(ControlPlane(self.plane.url), self.account, "us-east-1")


@pytest.fixture
def team(plane: Plane) -> Team:
    """A new one."""
    return Team(plane, next(ACCOUNTS))


def test_memcached_is_made_changed_and_removed(team: Team) -> None:
    file = EXAMPLES / "memcached.yaml"
    plan = team.apply(file, "--plan")
    assert "create  Cache  CacheCluster  memcached-cache-" in plan
    assert "NumCacheNodes: 2" in plan
    assert team.aws.describe_cache_clusters()["CacheClusters"] == []
    told = team.outputs(file)["memcached"]
    (cluster,) = team.aws.describe_cache_clusters()["CacheClusters"]
    assert (cluster["CacheClusterStatus"], cluster["NumCacheNodes"]) == ("available", 2)
    assert told["CacheHost"] == cluster["ConfigurationEndpoint"]["Address"]
    assert "memcached: nothing to do." in team.apply(file, "--plan")
    assert "NumCacheNodes: 2 -> 1" in team.apply(file, "--parameter", "Nodes=1")
    (cluster,) = team.aws.describe_cache_clusters()["CacheClusters"]
    assert cluster["NumCacheNodes"] == 1
    assert "removed Cache" in team.apply(file, "--delete", "--yes")
    assert team.aws.describe_cache_clusters()["CacheClusters"] == []
    assert "There is no stack memcached." in team.apply(file, "--delete")
    assert team.records.all() == {}


def test_a_group_with_all_that_belongs_to_it(team: Team, tmp_path: Path) -> None:
    file = EXAMPLES / "sessions.yaml"
    said = team.apply(file)
    assert "left alone: Firewall (AWS::EC2::SecurityGroup); sg-" in said
    (group,) = team.aws.describe_replication_groups()["ReplicationGroups"]
    assert f"sessions.SessionsUrl = redis://{group['NodeGroups'][0]['PrimaryEndpoint']['Address']}:6379" in said
    longer = file.read_text().replace("timeout: 300", "timeout: 600").replace("CidrBlock: 10", "CidrBlock: 11")
    (changed := tmp_path / "sessions.yaml").write_text(longer)
    assert 'Properties: {"maxmemory-policy": "allkeys-lru", "timeout": "300"} ->' in team.apply(changed)
    name = group["MemberClusters"][0]
    (member,) = team.aws.describe_cache_clusters(CacheClusterId=name)["CacheClusters"]
    parameters = team.aws.describe_cache_parameters(
        CacheParameterGroupName=member["CacheParameterGroup"]["CacheParameterGroupName"], Source="user"
    )["Parameters"]
    assert {one["ParameterName"]: one["ParameterValue"] for one in parameters}["timeout"] == "600"
    assert "ReplicasPerNodeGroup: 1 -> 2" in team.apply(changed, "--parameter", "Replicas=2")
    (group,) = team.aws.describe_replication_groups()["ReplicationGroups"]
    assert (len(group["MemberClusters"]), group["Status"]) == (3, "available")
    assert "sessions: nothing to do." in team.apply(changed, "--parameter", "Replicas=2")


def test_cluster_mode_with_users(team: Team, tmp_path: Path) -> None:
    file = EXAMPLES / "orders.yaml"
    (secret := tmp_path / "password").write_text(f"{PASSWORD}\n")
    assert "give it with --parameter AppPassword=VALUE" in team.refused(file)
    said = team.apply(file, "--parameter", SECRET)
    assert PASSWORD not in said
    assert PASSWORD not in str(team.records.all())
    assert "orders: nothing to do." in team.apply(file, "--parameter", f"AppPassword=file://{secret}")
    told = team.apply(file, "--parameter", "AppPassword=another-horse-battery", "--parameter", "Shards=3")
    assert "NumNodeGroups: 2 -> 3" in told
    assert "horse" not in told
    (group,) = team.aws.describe_replication_groups()["ReplicationGroups"]
    assert (len(group["NodeGroups"]), group["UserGroupIds"]) == (3, ["orders-users"])
    words = team.apply(file, "--delete", "--yes").split()
    assert words.index("Orders") < words.index("Users") < words.index("AppUser")
    team.apply(file, "--parameter", SECRET)
    team.apply(file, "--delete", "--yes")
    snapshots = team.aws.describe_snapshots()["Snapshots"]
    base = f"{group['ReplicationGroupId'][:31]}-snapshot"
    assert sorted(one["SnapshotName"] for one in snapshots) == [base, f"{base}-2"]
    assert [one["UserId"] for one in team.aws.describe_users()["Users"]] == ["default"]


def test_what_the_cdk_synthesises_works_as_it_is(team: Team) -> None:
    files = [CDK / f"{name}.template.json" for name in ("Network", "Shop")]
    assert "no stack exports Network:" in team.refused(files[1])
    plan = team.apply(*files, "--plan")
    assert "Network: nothing to do." in plan
    told = team.outputs(*files)
    assert told["Network"] == {}
    (group,) = team.aws.describe_replication_groups()["ReplicationGroups"]
    assert told["Shop"]["SessionsHost"] == group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    assert told["Shop"]["PagesUrl"].startswith("memcached://")
    assert told["Shop"].keys() == {"SessionsHost", "SessionsPort", "PagesUrl"}, "the topic is left alone"
    tags = team.aws.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]
    assert tags == [{"Key": "team", "Value": "shop"}]
    assert "Shop: nothing to do." in team.apply(files[1])


def test_replacement_is_asked_for_first(team: Team, tmp_path: Path) -> None:
    file = EXAMPLES / "sessions.yaml"
    team.apply(file)
    (before,) = team.aws.describe_replication_groups()["ReplicationGroups"]
    (changed := tmp_path / "sessions.yaml").write_text(file.read_text().replace("redis7\n", "redis6.x\n"))
    older = changed.read_text().replace('"7.1"', '"6.2"').replace("Engine: redis", "Engine: redis\n      Port: 6400")
    changed.write_text(older)
    assert "is asked for first; --yes goes on" in team.refused(changed)
    assert team.aws.describe_replication_groups()["ReplicationGroups"] == [before]
    said = team.apply(changed, "--yes")
    (after,) = team.aws.describe_replication_groups()["ReplicationGroups"]
    assert after["ReplicationGroupId"] != before["ReplicationGroupId"]
    assert after["NodeGroups"][0]["PrimaryEndpoint"]["Port"] == 6400
    assert "removed Sessions" in said
    groups = team.aws.describe_cache_parameter_groups()["CacheParameterGroups"]
    own = [one for one in groups if not one["CacheParameterGroupName"].startswith("default.")]
    assert [one["CacheParameterGroupFamily"] for one in own] == ["redis6.x"]
    assert "sessions: nothing to do." in team.apply(changed)


@pytest.mark.parametrize("made", [False, True], ids=["before it was made", "after it was made"])
def test_a_command_that_ended_in_between_is_gone_on_with(team: Team, made: bool) -> None:
    file = EXAMPLES / "memcached.yaml"
    team.apply(file)
    records = team.records
    stack = records.all()["memcached"]
    (cache,) = stack.made
    records.write(Stack("memcached", (replace(cache, asked=True),)))
    if not made:
        team.aws.delete_cache_cluster(CacheClusterId=cache.id)
        until("the cluster is gone", lambda: not team.aws.describe_cache_clusters()["CacheClusters"])
    assert ("created Cache" in team.apply(file)) is not made
    (cluster,) = team.aws.describe_cache_clusters()["CacheClusters"]
    assert (cluster["CacheClusterId"], cluster["CacheClusterStatus"]) == (cache.id, "available")
    assert not team.records.all()["memcached"].made[0].asked


def test_a_serverless_cache_with_users_and_limits(team: Team, tmp_path: Path) -> None:
    def cache() -> Any:
        (one,) = team.aws.describe_serverless_caches()["ServerlessCaches"]
        return one

    file = EXAMPLES / "serverless.yaml"
    told = team.outputs(file, "--parameter", SECRET)["serverless"]
    first = cache()
    assert told == {"CartsHost": first["Endpoint"]["Address"], "CartsPort": "6379"}
    assert first["UserGroupId"] == "carts-users"
    assert "serverless: nothing to do." in team.apply(file, "--parameter", SECRET)
    assert "UserGroupId:\n        Ref: UserGroupCartsUsers" in team.export()
    (again := tmp_path / "again.yaml").write_text(team.export("--stack", "serverless"))
    assert "again: nothing to do." in team.apply(again, "--plan", "--parameter", "AppUserPasswords=a,b")
    fewer = file.read_text().replace("      UserGroupId: !Ref Users\n      SnapshotRetentionLimit: 1\n", "")
    other = fewer.replace("Engine: valkey\n      Major", "Engine: valkey\n      Description: carts\n      Major")
    (changed := tmp_path / "serverless.yaml").write_text(other.replace('"8"', '"9"'))
    said = team.apply(changed, "--parameter", SECRET, "--parameter", "Gigabytes=2")
    assert "UserGroupId: carts-users -> -\n" in said
    after = cache()
    assert (after["MajorEngineVersion"], after["Description"], after["Status"]) == ("9", "carts", "available")
    assert after["CacheUsageLimits"] == {"DataStorage": {"Maximum": 2, "Unit": "GB"}}
    assert (after["SnapshotRetentionLimit"], "UserGroupId" in after) == (0, False)
    assert after["CreateTime"] == first["CreateTime"], "an update replaces nothing"
    words = team.apply(changed, "--delete", "--yes")
    assert "with the snapshot carts-last" in words
    assert words.index("removed Carts") < words.index("removed Users") < words.index("removed AppUser")
    assert team.aws.describe_serverless_caches()["ServerlessCaches"] == []
    (last,) = team.aws.describe_serverless_cache_snapshots()["ServerlessCacheSnapshots"]
    assert last["ServerlessCacheSnapshotName"] == "carts-last"


SERVERLESS = """
Resources:
  Carts:
    Type: AWS::ElastiCache::ServerlessCache
    Properties: {ServerlessCacheName: carts, Engine: redis, Tags: [{Key: team, Value: shop}]}
  Pages:
    Type: AWS::ElastiCache::ServerlessCache
    Properties: {ServerlessCacheName: pages, Engine: memcached}
Outputs:
  Made: {Value: !GetAtt Carts.CreateTime}
  Version: {Value: !GetAtt Pages.FullEngineVersion}
  Reader: {Value: !GetAtt Pages.ReaderEndpoint.Port}
"""


def test_serverless_caches_are_exported_and_replaced(team: Team, plane: Plane, tmp_path: Path) -> None:
    (file := tmp_path / "carts.yaml").write_text(SERVERLESS)
    told = team.outputs(file)["carts"]
    (carts, pages) = team.aws.describe_serverless_caches()["ServerlessCaches"]
    assert datetime.fromisoformat(told["Made"]) == carts["CreateTime"]
    assert (told["Version"], told["Reader"]) == (pages["FullEngineVersion"], "11212")
    (whole := tmp_path / "whole.yaml").write_text(team.export())
    assert "whole: nothing to do." in team.apply(whole, "--plan")
    copy = Team(plane, next(ACCOUNTS))
    copy.apply(whole)
    assert copy.export() == whole.read_text(), "of it the same is made elsewhere"
    file.write_text(SERVERLESS.replace("Engine: redis", "Engine: redis, NetworkType: ipv4"))
    assert "cannot update a stack when a custom-named resource requires replacing" in team.refused(file)
    file.write_text(file.read_text().replace("Name: carts", "Name: baskets"))
    assert "is asked for first; --yes goes on" in team.refused(file)
    assert "removed Carts" in team.apply(file, "--yes")
    caches = team.aws.describe_serverless_caches()["ServerlessCaches"]
    assert [(cache["ServerlessCacheName"], cache["Status"]) for cache in caches] == [
        ("baskets", "available"),
        ("pages", "available"),
    ]
    file.write_text(file.read_text().replace("Engine: memcached", "Engine: valkey"))
    assert "cannot update Pages (pages)" in team.refused(file), "only Redis becomes Valkey"
    tags = team.aws.list_tags_for_resource(ResourceName=caches[0]["ARN"])["TagList"]
    assert tags == [{"Key": "team", "Value": "shop"}]


REST = """
Resources:
  Allowed:
    Type: AWS::ElastiCache::SecurityGroupIngress
    Properties: {CacheSecurityGroupName: !Ref Old, EC2SecurityGroupName: web}
  Old:
    Type: AWS::ElastiCache::SecurityGroup
    Properties: {Description: of old}
  Robot:
    Type: AWS::ElastiCache::User
    Properties:
      {UserId: robot, UserName: robot, Engine: redis, AccessString: on ~* +@all, AuthenticationMode: {Type: iam}}
  Vault:
    Type: AWS::ElastiCache::ReplicationGroup
    DependsOn: Allowed
    Properties:
      ReplicationGroupDescription: with a token
      Engine: redis
      CacheNodeType: cache.t3.micro
      NumCacheClusters: 1
      TransitEncryptionEnabled: true
      AuthToken: the-first-of-two-tokens
Outputs:
  RobotArn: {Value: !GetAtt Robot.Arn}
"""


def test_security_groups_users_and_tokens(team: Team, tmp_path: Path) -> None:
    (file := tmp_path / "rest.yaml").write_text(REST)
    assert team.outputs(file)["rest"]["RobotArn"].endswith(f":{team.account}:user:robot")
    assert "rest: nothing to do." in team.apply(file)
    file.write_text(REST.replace("Name: web", "Name: app").replace("first", "second"))
    said = team.apply(file, "--yes")
    assert "AuthToken: ******** -> ********" in said
    groups = team.aws.describe_cache_security_groups()["CacheSecurityGroups"]
    permitted = [part for one in groups for part in one["EC2SecurityGroups"]]
    assert [part["EC2SecurityGroupName"] for part in permitted] == ["app"]
    (group,) = team.aws.describe_replication_groups()["ReplicationGroups"]
    assert (group["AuthTokenEnabled"], group["Status"]) == (True, "available")
    assert "removed Old" in team.apply(file, "--delete", "--yes")
    assert team.records.all() == {}


def test_what_is_exported_is_what_is_there(team: Team, plane: Plane, tmp_path: Path) -> None:
    team.apply(EXAMPLES / "sessions.yaml", EXAMPLES / "memcached.yaml")
    (whole := tmp_path / "whole.yaml").write_text(team.export())
    assert "whole: nothing to do." in team.apply(whole, "--plan")
    (one := tmp_path / "sessions.yaml").write_text(team.export("--stack", "sessions"))
    assert "sessions: nothing to do." in team.apply(one, "--plan")
    assert "there is no stack other" in team.command("export", "--stack", "other").stderr
    copy = Team(plane, next(ACCOUNTS))
    copy.apply(whole)
    assert copy.export() == whole.read_text(), "of it the same is made elsewhere"


def test_what_others_made_is_adopted_and_changed(team: Team, tmp_path: Path) -> None:
    team.aws.create_cache_cluster(
        CacheClusterId="mine", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1
    )
    team.aws.get_waiter("cache_cluster_available").wait(CacheClusterId="mine", WaiterConfig={"Delay": 1})
    (file := tmp_path / "mine.yaml").write_text(team.export())
    assert "adopted CacheClusterMine" in team.apply(file)
    file.write_text(file.read_text().replace("SnapshotRetentionLimit: 0", "SnapshotRetentionLimit: 2"))
    assert "SnapshotRetentionLimit: 0 -> 2" in team.apply(file)
    (cluster,) = team.aws.describe_cache_clusters()["CacheClusters"]
    assert cluster["SnapshotRetentionLimit"] == 2
    (other := tmp_path / "other.yaml").write_text(file.read_text().replace("t3.micro", "t3.small"))
    assert "CacheCluster mine is there already, with another CacheNodeType" in team.refused(other)


def written(file: Path, **properties: Any) -> Path:
    usual = {"Engine": "memcached", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
    cache = {"Type": "AWS::ElastiCache::CacheCluster", "Properties": {**usual, **properties}}
    everywhere = {"Type": "AWS::ElastiCache::GlobalReplicationGroup", "Properties": {}}
    file.write_text(json.dumps({"Resources": {"Cache": cache, "Everywhere": everywhere}}))
    return file


def test_refusals_are_those_of_the_api(team: Team, tmp_path: Path) -> None:
    file = written(tmp_path / "shop.json", NumCacheNodes=61)
    said = team.refused(file)
    assert said.startswith("cannot create Cache (shop-cache-")
    assert team.records.all() == {}, "what was refused is nothing that a stack has"
    assert "left alone: Everywhere (AWS::ElastiCache::GlobalReplicationGroup): not built as part of a stack" in (
        team.apply(written(file), "--plan")
    )
    assert (
        team.refused(file, tmp_path / "nowhere.yaml")
        == f"cannot read {tmp_path}/nowhere.yaml: No such file or directory"
    )
    assert team.refused(file, "--parameter", "A=1") == "no template has the parameter A"
    assert team.refused(file, "--parameter", "A") == "--parameter takes NAME=VALUE, not A"
    assert team.aws.describe_cache_clusters()["CacheClusters"] == []


def test_two_at_once_do_not_overwrite_each_other(team: Team) -> None:
    one, other = team.records, team.records
    one.write(Stack("shop", (Made("A", "T", "a", {}),)))
    with pytest.raises(NoAnswer, match="somebody else applies the stack shop as well"):
        other.write(Stack("shop", (Made("B", "T", "b", {}),)))


def test_up_applies_what_it_is_configured_with(tmp_path: Path) -> None:
    def up(*words: str) -> list[str]:
        return [sys.executable, "-m", "cachewright", "up", "--port", "0", "--data-dir", str(tmp_path / "data"), *words]

    own = {**os.environ, "CACHEWRIGHT_RUNTIME": "memory"}
    (broken := tmp_path / "broken.yaml").write_text("Resources: {}")
    ended = subprocess.run(
        up("--config", str(broken)), env=own, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "a template has to have at least one of Resources" in ended.stderr
    words = up("--config", str(EXAMPLES / "orders.yaml"), "--parameter", SECRET)
    with subprocess.Popen(words, env=own, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[3]
        last = next(line for line in process.stdout if line.startswith("orders.OrdersPort"))
        (group,) = elasticache(ControlPlane(url)).describe_replication_groups()["ReplicationGroups"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert (group["Status"], last) == ("available", "orders.OrdersPort = 6379\n")


def test_what_is_given_to_a_detached_one_is_on_no_command_line(tmp_path: Path) -> None:
    own = {**os.environ, "CACHEWRIGHT_RUNTIME": "memory", "CACHEWRIGHT_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "cachewright"]
    words = ["--config", str(EXAMPLES / "orders.yaml"), "--parameter", SECRET]
    up = [*command, "up", "--port", "0", "--detach", *words]
    try:
        said = subprocess.run(up, env=own, capture_output=True, text=True, timeout=120, check=True).stdout
        assert "orders.OrdersPort = 6379\n" in said
        process = said.split("(process ")[1].split(",")[0]
        line = Path("/proc", process, "cmdline").read_text(encoding="utf-8")
        assert ("\0up\0" in line, PASSWORD in line) == (True, False)
    finally:
        subprocess.run([*command, "stop"], env=own, capture_output=True, timeout=60, check=True)


def test_whoever_waits_too_long_is_told(team: Team) -> None:
    file = EXAMPLES / "memcached.yaml"
    ended = cachewright("apply", file, "--timeout", "0", *team.where)
    assert ended.returncode == Exit.UNFINISHED
    (line,) = ended.stderr.splitlines()
    assert line.startswith("cachewright: Cache (memcached-cache-")
    assert "is not ready after 0 s" in line
    assert "memcached: nothing to do." in team.apply(file)
    assert cachewright("apply", file, "--delete", "--yes", "--timeout", "0", *team.where).returncode == Exit.UNFINISHED
    assert "removed Cache" in team.apply(file, "--delete", "--yes")
    assert team.aws.describe_cache_clusters()["CacheClusters"] == []
