"""Values in which every field of every kind of document is other than its default."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cachewright.controlplane.model.applied_updates import Applied
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion
from cachewright.controlplane.model.builds import Build, Builds
from cachewright.controlplane.model.cache import (
    Address,
    Cache,
    ClusterMode,
    Discovery,
    Key,
    Kind,
    Node,
    NodeStatus,
    Origin,
    Shard,
    ShardStatus,
    Spec,
    Status,
    Transit,
)
from cachewright.controlplane.model.cache_security_groups import CacheSecurityGroup, Ec2Group, Ingress
from cachewright.controlplane.model.durability import Durability
from cachewright.controlplane.model.global_replication_groups import (
    GlobalReplicationGroup,
    Membership,
    Place,
    Role,
)
from cachewright.controlplane.model.lifecycle import NodePhase, Phase
from cachewright.controlplane.model.log_delivery import (
    Delivery,
    DestinationType,
    LogConfiguration,
    LogFormat,
    LogType,
)
from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.model.pending import Change, Pending, Resize
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.reserved_nodes import Reservation
from cachewright.controlplane.model.reserved_offerings import Offering
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.seeds import Seed, SeedFile
from cachewright.controlplane.model.service_updates import Catalogue, ServiceUpdate, Severity, UpdateStatus
from cachewright.controlplane.model.snapshots import (
    Export,
    NodeSnapshot,
    Snapshot,
    SnapshotSource,
    SnapshotStatus,
    SourceSettings,
)
from cachewright.controlplane.model.subnet_groups import Subnet, SubnetGroup
from cachewright.controlplane.model.upstreams import Migration, Upstream
from cachewright.controlplane.model.usage_limits import Limit, UsageLimits
from cachewright.controlplane.model.users import Authentication, User, UserGroup
from cachewright.controlplane.model.versions import Engine

ACCOUNT, REGION = "000000000001", "us-east-1"
DAY = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SECRET = "arn:aws:secretsmanager:us-east-1:1:secret:mine-AbCdEf"
OBJECT = ObjectVersion(ObjectName("mine", "x.rdb"), 7, "tag")
FIRST, SECOND = Node("rg-001", "0001", "us-east-1a", 2), Node("rg-002", "0001", "us-east-1b", 1)
GONE = Node("rg-003", "0001", "us-east-1a", 1)

USER = User("app", "App", Engine.VALKEY, "on ~app:* +@read", Authentication.PASSWORD, ("0" * 64, "f" * 64))
USERS = UserGroup("mine", Engine.VALKEY, ("app", "other"), ("app",))

LOG = LogConfiguration(LogType.SLOW, DestinationType.FIREHOSE, "my-stream", LogFormat.JSON, DAY)
DELIVERY = Delivery(LOG, "why not")
SPEC = Spec(
    Engine.REDIS,
    "7.1.0",
    "cache.t3.micro",
    6380,
    "mine",
    (Shard("0001", (FIRST, SECOND), 3, 2, "rg-002.0001", "0-16383"),),
    automatic_failover=True,
    multi_az=True,
    transit=Transit.PREFERRED,
    cluster_mode=ClusterMode.ENABLED,
    parameters=(("timeout", "30"),),
    auth=Auth(("0" * 64, "f" * 64), required=True, modified_at=DAY),
    restricted=True,
    schedule=Schedule(
        "sun:23:00-mon:01:30", "05:00-06:00", 3, "rg-002", auto_minor_version_upgrade=False, daily_snapshot_time="05:00"
    ),
    pending=Pending(
        "cache.m5.large",
        Engine.VALKEY,
        "8.0.1",
        "next",
        "rg-002",
        automatic_failover=False,
        multi_az=False,
        resize=Resize(("us-east-1b",), ("0002",)),
        parameters=(("timeout", "60"),),
    ),
    change=Change(
        7,
        automatic_failover=True,
        transit="required",
        cluster_mode="compatible",
        moving=12,
        token="SETTING",
        joining=True,
        nodes=3,
        leaving=(("0003", "us-east-1c"),),
        quiet=True,
        users=("app",),
        members=True,
        more_replicas=True,
        user_group="before",
        migrated=True,
    ),
    origins=(Origin(Kind.CACHE_CLUSTER, "one", "beforehand"),),
    released=("rg-009.0001",),
    at_rest=True,
    durability=Durability.SYNC,
    user_group="mine",
    users=(USER,),
    logs=(LOG,),
    updates=(Applied("elc-20260301-001", DAY, by_system=True, stopped_at=DAY),),
    seed=Seed("0" * 32, "snap", (SeedFile("0001", "0002", 7, "f" * 64, "0-16383", OBJECT),)),
    network_type="dual_stack",
    ip_discovery="ipv6",
    limits=UsageLimits(Limit(10, 1), Limit(2000, 1000)),
    serverless=True,
    upstream=Upstream("10.0.3.1", 6379, "other", "eu-west-1", SECRET, True, "-----BEGIN CERTIFICATE-----"),  # noqa: FBT003
    migration=Migration(Upstream("10.0.3.1", 6379), automatic=True, stopped=True),
    datastore=Membership("ldgnf-world", Role.PRIMARY, Place("eu-west-1", "other")),
)
NODE = NodeStatus(
    Address("10.0.0.1", 6380),
    NodePhase.RECOVERING,
    4,
    "madeof",
    Transit.PREFERRED,
    login=True,
    answered=3,
    reboots=1,
    rebooting_from="start",
    created_at=DAY,
    build="redis 7.0.15",
    silent_since=DAY,
    busy_since=DAY,
    worked=7,
    tuned="tuned",
    parameters="values",
    static="static",
    joined=5,
    astray_since=DAY,
    volume="volume",
    spare="spare",
    logged=True,
    copied="start of start",
    image="sha256:1",
    update="elc-20260301-001",
    updating_since=DAY,
    updated_at=DAY,
    ahead="cachewright-i-warm-1",
    recyclable=True,
    host="h1",
    other_address="10.200.4.9",
    fenced=2,
    moving_to="h2",
)
STATUS = Status(
    Phase.MODIFYING,
    6,
    {FIRST.name: NODE},
    {
        "0001": ShardStatus(
            *(FIRST.name, SECOND.name, 2, 1, "0-16383", (FIRST, SECOND)),
            seeded=True,
            lost_since=DAY,
            upstream=Address("10.0.3.1", 6379),
            behind=True,
        ),
        "0002": ShardStatus(members=(GONE,)),
    },
    {"primary": Address("10.0.1.1", 6380)},
    "cache.t3.micro",
    "7.1.0",
    {"primary": (Address("10.0.0.1", 6380),)},
    Discovery(Address("10.0.2.1", 9000), 3, ("one.0001",), ("one.0001",), (Address("10.77.0.1", 16380),)),
    "boot",
    "why",
    ("note",),
    {"primary": "rg.example"},
    "told",
    unserved=True,
    since=DAY,
)
PRESENTATION = Presentation(
    "of a test",
    "arn:aws:sns:us-east-1:1:t",
    "active",
    "subnets",
    ("sg-1",),
    "cross-az",
    "Multiple",
    kms_key_id="key",
    data_tiering=True,
    durability="default",
    scale_config=(("nodes", 2),),
    subnet_ids=("subnet-1", "subnet-2"),
    connection_type="vpc",
    integrations=("dynamodb",),
    unbuilt=("IpDiscovery",),
)
CACHE = Cache(
    key=Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "rg"),
    incarnation="first",
    created_at=DAY,
    generation=1,
    deleting=False,
    spec=SPEC,
    status=STATUS,
    presentation=PRESENTATION,
)
GROUP = ParameterGroup("mine", "redis7", "of a test", (("timeout", "30"),), "ldgnf-world")
SUBNETS = SubnetGroup("subnets", "of a test", "vpc-1", (Subnet("subnet-1", "us-east-1a", ("ipv4",)),))
SNAPSHOT = Snapshot(
    "snap",
    "0" * 32,
    SnapshotStatus.FAILED,
    SnapshotSource.AUTOMATED,
    Kind.REPLICATION_GROUP,
    "rg",
    "first",
    DAY,
    SourceSettings(
        Engine.REDIS,
        "7.1.0",
        "cache.t3.micro",
        6380,
        "mine",
        "subnets",
        "vpc-1",
        "us-east-1a",
        DAY,
        "of a test",
        ClusterMode.ENABLED,
        automatic_failover=True,
        maintenance_window="sun:23:00-mon:01:30",
        snapshot_window="05:00-06:00",
        snapshot_retention_limit=3,
        topic_arn="arn:aws:sns:us-east-1:1:t",
        auto_minor_version_upgrade=False,
        data_tiering=True,
        durability="default",
        kms_key_id="key",
    ),
    (NodeSnapshot("rg-002", "0001", "0001", DAY, "0-16383", "us-east-1a", ("us-east-1b",), DAY, 7, "f" * 64),),
    cluster="rg-002",
    final=True,
    copied_from="1" * 32,
    failure="why",
    leaves=True,
    sealed=True,
    export=Export("mine", "out"),
)
SECURITY_GROUP = CacheSecurityGroup("mine", "of a test", (Ingress(Ec2Group("web", ACCOUNT), DAY, revoked=True),))
OFFERING = Offering("0" * 32, "cache.t3.micro", 31_536_000, "redis", "Partial Upfront", 35.5, 0.25, 0.004)
RESERVATION = Reservation("ri-1", OFFERING, 3, DAY)
BUILDS = Builds((Build("sha256:1", "redis", "7.0.15", DAY, ("7.1.0",), "sha256:0"),))
CATALOGUE = Catalogue(
    (
        ServiceUpdate(
            *("elc-20260301-001", "sha256:1", DAY, (Engine.REDIS,), "of a test", ("7.1.0",), Severity.LOW),
            automatic=True,
            status=UpdateStatus.EXPIRED,
            ended_at=DAY,
        ),
    )
)
DATASTORE = GlobalReplicationGroup("ldgnf-world", "of a test", Place(REGION, "rg"), (Place("eu-west-1", "other"),))
EVERY = (
    SPEC,
    STATUS,
    PRESENTATION,
    DATASTORE,
    GROUP,
    RESERVATION,
    SECURITY_GROUP,
    SNAPSHOT,
    SUBNETS,
    USER,
    USERS,
    DELIVERY,
    BUILDS,
    CATALOGUE,
)

# The fields that came with a form: what was written in an earlier one has their defaults.
CAME: Mapping[int, Mapping[type, tuple[str, ...]]] = {
    2: {
        Change: ("joining",),
        NodeStatus: ("joined", "astray_since", "busy_since", "worked"),
        ShardStatus: ("seeded",),
        Spec: ("seed",),
    },
    3: {
        Change: ("users", "members", "user_group"),
        NodeStatus: ("volume", "spare", "logged", "copied"),
        Spec: ("durability", "user_group", "users"),
        Subnet: ("network_types",),
    },
    4: {
        Change: ("more_replicas", "migrated"),
        Discovery: ("places",),
        NodeStatus: (
            *("image", "update", "updating_since", "updated_at", "ahead"),
            *("recyclable", "host", "other_address", "fenced", "moving_to"),
        ),
        ParameterGroup: ("datastore",),
        Presentation: ("subnet_ids", "connection_type", "integrations"),
        Schedule: ("daily_snapshot_time",),
        ShardStatus: ("lost_since", "upstream", "behind"),
        Spec: (
            "network_type",
            "ip_discovery",
            "logs",
            "updates",
            "upstream",
            "limits",
            "serverless",
            "datastore",
            "migration",
        ),
        Status: ("unserved", "since"),
    },
}


def as_of(form: int, value: Any) -> Any:
    """A value as it is read where it was written in that form."""
    if isinstance(value, tuple):
        return tuple(as_of(form, part) for part in value)
    if isinstance(value, Mapping):
        return {name: as_of(form, part) for name, part in value.items()}
    if not is_dataclass(value) or isinstance(value, type):
        return value
    later = {name for number, kinds in CAME.items() if number > form for name in kinds.get(type(value), ())}
    content = {
        field.name: _default(field) if field.name in later else as_of(form, getattr(value, field.name))
        for field in fields(value)
    }
    return replace(value, **content)


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
