"""`cachewright drill`, `zone` and `ca` as a user types them, on the pretend machine."""

from pathlib import Path

import pytest

from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from tests.e2e.test_command import cachewright, pretending

__all__ = ["pretending"]  # a fixture
SOON = {"Delay": 1, "MaxAttempts": 20}


@pytest.fixture
def group(pretending: str) -> str:
    """The URL of a control plane with a group."""
    aws = elasticache(ControlPlane(pretending))
    aws.create_replication_group(
        ReplicationGroupId="rg",
        ReplicationGroupDescription="of a test",
        Engine="redis",
        CacheNodeType="cache.t3.micro",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
    )
    aws.get_waiter("replication_group_available").wait(ReplicationGroupId="rg", WaiterConfig=SOON)
    return pretending


def test_a_drill_is_told_step_by_step_and_in_numbers(group: str) -> None:
    done = cachewright("drill", "kill", "rg", "--url", group)
    assert done.returncode == 0, done.stderr
    for told in ("killed rg-001.0001", "rg: another node leads", "rg: everything is as desired again", "OUTAGE"):
        assert told in done.stdout


def test_a_drill_that_cannot_be_held_is_told_in_one_line(group: str) -> None:
    for words, code, reason in (
        (("kill", "nobody"), 4, "cannot find nobody: no node, shard, group or cluster has that name"),
        (("fill-memory", "rg"), 1, "cannot fill rg-001.0001: a pretend engine has no limit of its memory"),
        (("zone-down", "rg"), 4, "cannot find rg: it is no zone of any region; their letters are a, b, c"),
        (("kill", "rg", "--for", "0"), 1, "seconds: Input should be greater than 0"),
    ):
        done = cachewright("drill", *words, "--url", group)
        assert (done.returncode, done.stderr) == (code, f"cachewright: {reason}\n")


def test_zones(group: str) -> None:
    assert cachewright("zone", "up", "us-east-1a", "--url", group).stdout == "us-east-1a was not down\n"
    down = cachewright("zone", "down", "us-east-1c", "--for", "0.2", "--url", group)
    assert down.returncode == 0, down.stderr
    assert "us-east-1c is up" in down.stdout
    assert cachewright("region", "up", "eu-west-1", "--url", group).stdout == "eu-west-1 was not down\n"


def test_a_slow_region(pretending: str) -> None:
    def typed(*words: str) -> tuple[int, str]:
        done = cachewright("region", *words, "--url", pretending)
        return done.returncode, done.stdout

    slow = "what eu-west-1 and other regions send each other arrives {} ms later"
    slow += ", once a secondary with cluster mode disabled is there\n"
    assert typed("slow-down", "eu-west-1", "--delay", "0") == (0, "eu-west-1 was not slow\n")
    assert typed("slow-down", "eu-west-1", "--delay", "80ms") == (0, slow.format(80))
    assert typed("slow-down", "eu-west-1", "--delay", "1s") == (0, slow.format(1000))
    assert typed("slow-down", "eu-west-1", "--delay", "0") == (0, "eu-west-1 is slow no more\n")
    assert typed("slow-down", "eu-west-1", "--delay", "70") == (0, slow.format(70))
    assert typed("up", "eu-west-1") == (0, "eu-west-1 is slow no more\n")
    assert typed("up", "eu-west-1") == (0, "eu-west-1 was not down\n")


@pytest.mark.parametrize(
    ("region", "delay", "code", "reason"),
    [
        ("eu-west-1", "-1", 2, "Invalid value for '--delay': '-1' is no delay: 80ms is one, and 0 is none."),
        ("eu-west-1", "banana", 2, "Invalid value for '--delay': 'banana' is no delay: 80ms is one, and 0 is none."),
        ("eu-west-1", "0.5s", 2, "Invalid value for '--delay': '0.5s' is no delay: 80ms is one, and 0 is none."),
        ("eu-west-1", "1001", 2, "Invalid value for '--delay': '1001' is too long: 1000ms are the most."),
        ("rg", "80ms", 4, "cannot find rg: it is no region"),
        ("a b", "80ms", 4, "cannot find a b: it is no region"),
    ],
)
def test_a_delay_that_will_not_do_changes_nothing(
    region: str, delay: str, code: int, reason: str, pretending: str
) -> None:
    done = cachewright("region", "slow-down", region, "--delay", delay, "--url", pretending)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.endswith(f": {reason}\n")
    up = cachewright("region", "slow-down", "eu-west-1", "--delay", "0", "--url", pretending)
    assert up.stdout == "eu-west-1 was not slow\n"


def test_where_the_certificate_lies(tmp_path: Path) -> None:
    done = cachewright("ca", "--data-dir", tmp_path)
    assert done.stdout == f"{tmp_path / 'ca.pem'}\n"
    assert "BEGIN CERTIFICATE" in (tmp_path / "ca.pem").read_text()
