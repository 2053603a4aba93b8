"""Every setting, right and wrong: what is chosen, and the one line that is told."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from cachewright.controlplane.choice import WrongSettings, settings, unknown
from cachewright.controlplane.model import membership
from cachewright.controlplane.model.access_keys import AccessKey, Role
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.pace import AS_IT_IS, Deed, Pace, pace_of
from cachewright.controlplane.model.versions import Engine, requested_version
from cachewright.controlplane.settings import EndpointMode, RuntimeKind, Settings

HOME = Path.home()
HOST = '[{"name": "h1", "engine": "tcp://h1:1", "zone": "a", "address": "h1"}]'
SERVICES = {
    "SNS": "SNS",
    "LOGS": "CLOUDWATCH_LOGS",
    "FIREHOSE": "FIREHOSE",
    "CLOUDWATCH": "CLOUDWATCH",
    "EC2": "EC2",
    "SECRETS_MANAGER": "SECRETS_MANAGER",
}  # ours, AWS's
NAMES = tuple(field.name for field in fields(Settings))
RIGHT: Mapping[str, Mapping[str, object]] = {
    "HOST": {"": "127.0.0.1", "0.0.0.0": "0.0.0.0", "::1": "::1", "localhost": "localhost"},
    "PORT": {"": 4568, "0": 0, "65535": 65535},
    "DATA_DIR": {"": HOME / ".cachewright", "~/x": HOME / "x", "/var/x": Path("/var/x")},
    "ROLE": {"": membership.Role.BOTH, "api": membership.Role.API, "agent": membership.Role.AGENT},
    "FILES_DIR": {"": "", "~/x": HOME / "x", "/srv/x": Path("/srv/x")},
    "DATABASE_URL": {"": "", "sqlite:////tmp/x": "sqlite:////tmp/x", "postgresql+psycopg://h/d": "postgresql+psycopg://h/d"},
    "ENDPOINTS": {"": EndpointMode.DIRECT, "published": EndpointMode.PUBLISHED},
    "PUBLISHED_PORTS": {"": (16379, 16442), "[2000, 2010]": (2000, 2010), "2000, 2010": (2000, 2010)},
    "RUNTIME": {"": RuntimeKind.DOCKER, "memory": RuntimeKind.MEMORY},
    "REGION": {"": "us-east-1", "us-gov-west-1": "us-gov-west-1"},
    "HOSTNAMES": {"": False, "on": True, "off": False, "1": True},
    "HOST_SUFFIX": {"": "cache.cachewright.test", "Cache.Example.": "cache.example"},
    "DNS_PORT": {"": 0, "4553": 4553},
    "RESTRICTED_COMMANDS": {"": True, "off": False},
    "KEEP_DATA": {"": False, "on": True},
    "IPV6": {"": False, "on": True},
    "PACE": {"": AS_IT_IS, "off": AS_IT_IS, "failover=20": Pace({Deed.FAILOVER: 20.0}), "aws": pace_of("1")},
    "WARM": {"": {}, "redis:7.1=2": {requested_version(Engine.REDIS, "7.1"): 2},
             "memcached=1, redis:7.1=1,redis:7.1=1,valkey:8.1=0": {
                 requested_version(Engine.MEMCACHED, None): 1, requested_version(Engine.REDIS, "7.1"): 2}},
    "ZONES": {"": ("a", "b", "c"), "a": ("a",), "a, b": ("a", "b"), '["c", "d"]': ("c", "d")},
    "HOSTS": {"": (), HOST: (Host("h1", "tcp://h1:1", "a", "h1"),)},  # files of them: tests/unit/test_hosts.py
    "ALLOWED_HOSTS": {"": (), "a,b.test": ("a", "b.test"), '["a"]': ("a",), "10.0.0.1": ("10.0.0.1",)},
    "CREDENTIALS": {"": {}, "AKID:secret": {"AKID": AccessKey("AKID", "secret")},
                    "123456789012:a/b+c, R_1:s:210987654321:reader": {
                        "123456789012": AccessKey("123456789012", "a/b+c", "123456789012"),
                        "R_1": AccessKey("R_1", "s", "210987654321", Role.READER)}},
    "INSECURE": {"": False, "on": True},
    "TLS_CERTIFICATE": {"": "", "~/x.pem": HOME / "x.pem", "/etc/x.pem": Path("/etc/x.pem")},
    "EXAMPLE_UPDATES": {"": False, "on": True},
    "QUOTAS": {"": {}, "tags-per-resource=0": {"tags-per-resource": 0},
               "parameter-groups=5, nodes-per-region = 010": {"parameter-groups": 5, "nodes-per-region": 10},
               '{"subnet-groups": 7}': {"subnet-groups": 7}, "{}": {}},
    "KMS_ENDPOINT": {"": "", "http://127.0.0.1:4566": "http://127.0.0.1:4566", "https://kms.x": "https://kms.x"},
    **{f"{service}_ENDPOINT": {"": "", "http://127.0.0.1:4566": "http://127.0.0.1:4566"} for service in SERVICES},
    "S3_ENDPOINT": {"": "", "http://127.0.0.1:9000": "http://127.0.0.1:9000", "https://s3.test/x": "https://s3.test/x"},
    "POLL_INTERVAL": {"": 5.0, "1": 1.0},
    "PROBE_INTERVAL": {"": 0.5, "0.1": 0.1},
    "PATIENCE": {"": 3.0, "30": 30.0},
}  # fmt: skip
NUMBERS = ("x", "-1", "1.5.1", "1e99")
WRONG: Mapping[str, tuple[str, ...]] = {
    "HOST": ("a b", "1.2.3.4:5", "http://x", " ", "300.1.1.1"),
    "PORT": (*NUMBERS, "70000", "1.5"),
    "DATA_DIR": ("~nobody-of-that-name/x",),
    "ROLE": ("agents", "1"),
    "FILES_DIR": ("~nobody-of-that-name/x",),
    "DATABASE_URL": ("x", "mysql://h/d", "postgres://h/d", "postgresql://", "://x"),
    "ENDPOINTS": ("direkt", "1"),
    "PUBLISHED_PORTS": ("x", "2000", "2000-2010", "2000,x", "2010,2000", "2000,2000", "80,90", "2000,2010,2020",
                        "1150,65535", "60000,70000", "[2000", "[]", "{}", "null", '"x"'),
    "RUNTIME": ("podman",),
    "REGION": ("x", "us_east_1", "US-EAST-1"),
    "HOSTNAMES": ("maybe", "2"),
    "HOST_SUFFIX": ("..", "a b", "x" * 130, "1.2.3.4"),
    "DNS_PORT": (*NUMBERS, "70000"),
    "RESTRICTED_COMMANDS": ("maybe",),
    "KEEP_DATA": ("maybe",),
    "IPV6": ("maybe",),
    "PACE": ("maybe", "-1", "boil=3", "create=", "failover=20,"),
    "WARM": ("redis", "redis:7.1", "redis:7.1=x", "redis:7.1=101", "redis:5=1", "mysql:8=1", "redis:7.1=-1"),
    "ZONES": ("[]", "ab", "A", "a,a", "a,,b", ",", "[1]", "{}", '["a"', "1"),
    "HOSTS": ("[", "[1]", HOST.replace("tcp", "http"), "/nowhere/hosts.toml", "/tmp", "~nobody-of-that-name/x"),
    "ALLOWED_HOSTS": ("*", "http://x", "x:80", "a,,b", "a b", "[1]", "{}"),
    "CREDENTIALS": ("x", "/nowhere/credentials", "/tmp", "~nobody-of-that-name/x", "AKID:", "AKID:s:1", "A-B:s",
                    "AKID:s:123456789012:owner", "AKID:s,", "AKID:s,AKID:t", "AKID:s:123456789012:reader:x"),
    "INSECURE": ("maybe",),
    "TLS_CERTIFICATE": ("~nobody-of-that-name/x",),
    "EXAMPLE_UPDATES": ("maybe",),
    "QUOTAS": ("x", "5", "parameter-groups", "parameter-groups:5", "parameter-groups=", "=5", "parameter-groups=-1",
               "parameter-groups=x", "parameter-groups=1.5", "subnet-groups=100001", "parameter-groups=" + 5000 * "9",
               "subnets=5", "parameter-groups=5,", "parameter-groups=5,parameter-groups=6", "[5]", "null", '"x"',
               '{"subnets": 5}', '{"subnet-groups": true}', '{"subnet-groups": null}', '{"subnet-groups": 5'),
    "KMS_ENDPOINT": ("x", "127.0.0.1:1", "ftp://x", "http://", "http://x:0", "http://x:y", " http://x"),
    **{f"{service}_ENDPOINT": ("x", "127.0.0.1:4566", "sns://topic") for service in SERVICES},
    "S3_ENDPOINT": ("x", "127.0.0.1:9000", "s3://bucket", "http://", "http://x:y", "http://x:0", " http://x", "ftp://x"),
    "POLL_INTERVAL": (*NUMBERS, "0", "nan", "inf"),
    "PROBE_INTERVAL": (*NUMBERS, "0", "nan", "inf"),
    "PATIENCE": (*NUMBERS, "0", "nan", "inf"),
}  # fmt: skip


def variable(name: str) -> str:
    return f"CACHEWRIGHT_{name}"


def chosen(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], **options: object) -> Settings:
    """The settings of an environment that has no others."""
    for name in NAMES:
        monkeypatch.delenv(variable(name.upper()), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return settings(options, environment)


def test_every_setting_has_its_cases() -> None:
    every = {name.upper() for name in NAMES}
    assert set(RIGHT) == every
    assert set(WRONG) == every


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, rows in RIGHT.items() for value in rows])
def test_what_is_right_is_chosen(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert getattr(chosen(monkeypatch, {variable(name): value}), name.lower()) == RIGHT[name][value]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, rows in WRONG.items() for value in rows])
def test_what_is_wrong_ends_in_a_line_with_a_right_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WrongSettings) as told:
        chosen(monkeypatch, {variable(name): value})
    line = str(told.value)
    assert line.startswith(f"cannot use {variable(name)}")
    assert len(line.splitlines()) == 1
    example = line.rpartition(f"; a right value: {variable(name)}=")[2]
    chosen(monkeypatch, {variable(name): example})


def test_each_wrong_setting_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongSettings) as told:
        chosen(monkeypatch, {variable("ZONES"): "1"}, port=70000, host="")
    lines = str(told.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "cannot use --host ''",
        "cannot use --port 70000",
        "cannot use CACHEWRIGHT_ZONES='1'",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://me:precious@h/d"),
        ("CREDENTIALS", "AKID precious"),
        ("CREDENTIALS", "AKID:123456789012:precious"),
        ("CREDENTIALS", "AKID:s:123456789012:precious"),
        ("CREDENTIALS", "AKID:s,precious"),
    ],
)
def test_a_secret_is_not_told(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongSettings) as told:
        chosen(monkeypatch, {variable(name): value})
    assert "precious" not in str(told.value)


def test_settings_do_not_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "precious" not in repr(chosen(monkeypatch, {variable("CREDENTIALS"): "AKID:precious"}))


def test_a_variable_that_is_no_setting_is_told() -> None:
    environment = ("CACHEWRIGHT_ZONE", "cachewright_port", "CACHEWRIGHT_XYZZY", "PATH")
    assert list(unknown(environment)) == [
        "CACHEWRIGHT_XYZZY is no setting and is ignored",
        "CACHEWRIGHT_ZONE is no setting; do you mean CACHEWRIGHT_ZONES?",
    ]


def test_the_kms_of_the_environment_counts_where_our_own_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = {"AWS_ENDPOINT_URL_KMS": "http://aws"}
    assert chosen(monkeypatch, aws).kms_endpoint == "http://aws"
    assert chosen(monkeypatch, aws | {"CACHEWRIGHT_KMS_ENDPOINT": "http://own"}).kms_endpoint == "http://own"
    with pytest.raises(WrongSettings, match=r"cannot use AWS_ENDPOINT_URL_KMS='x': .*AWS_ENDPOINT_URL_KMS=http://"):
        chosen(monkeypatch, {"AWS_ENDPOINT_URL_KMS": "x"})


def test_where_s3_is_may_be_said_in_aws_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own variable goes first."""
    own, aws = variable("S3_ENDPOINT"), "AWS_ENDPOINT_URL_S3"
    assert chosen(monkeypatch, {aws: "http://minio:9000"}).s3_endpoint == "http://minio:9000"
    assert chosen(monkeypatch, {aws: "x", own: "http://own:9000"}).s3_endpoint == "http://own:9000"
    with pytest.raises(WrongSettings, match=f"cannot use {aws}='x': it is no URL"):
        chosen(monkeypatch, {aws: "x"})


@pytest.mark.parametrize("service", SERVICES)
def test_where_a_service_is_may_be_said_in_aws_words(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    """Our own variable goes first."""
    own, aws = variable(f"{service}_ENDPOINT"), f"AWS_ENDPOINT_URL_{SERVICES[service]}"
    name = f"{service.lower()}_endpoint"
    assert getattr(chosen(monkeypatch, {aws: "http://aws:1"}), name) == "http://aws:1"
    assert getattr(chosen(monkeypatch, {aws: "x", own: "http://own:1"}), name) == "http://own:1"
    with pytest.raises(WrongSettings, match=f"cannot use {aws}='x': it is no URL"):
        chosen(monkeypatch, {aws: "x"})
