"""What can be chosen from outside: `CACHEWRIGHT_*` in the environment, or options of the command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cachewright.controlplane import credentials, host_file
from cachewright.controlplane import setting_values as values
from cachewright.controlplane.model.access_keys import AccessKey
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.membership import Role
from cachewright.controlplane.model.names import SUFFIX
from cachewright.controlplane.model.pace import AS_IT_IS, Pace, pace_of
from cachewright.controlplane.model.versions import EngineVersion

if TYPE_CHECKING:
    from cachewright.controlplane.model.hostnames import Naming

PREFIX = "CACHEWRIGHT_"
_HOST = '[{"name": "h1", "engine": "ssh://me@10.0.0.1", "zone": "a", "address": "10.0.0.1"}]'


class EndpointMode(StrEnum):
    """Where endpoints listen: on addresses of their own, or on ports of 127.0.0.1."""

    DIRECT = "direct"
    PUBLISHED = "published"


class RuntimeKind(StrEnum):
    """What runs the nodes: the Docker engine, or a pretend one in memory."""

    DOCKER = "docker"
    MEMORY = "memory"


def _setting(default: object, read: Callable[[str], object], example: str, also: str = "") -> Any:  # noqa: ANN401 - of a field
    """Also: another variable, which counts where our own is not set."""
    return field(default_factory=lambda: default, metadata={"read": read, "example": example, "also": also})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be chosen, with its default.

    The examples are right values as one writes them in the environment; who chose a wrong one is shown them.
    """

    host: str = _setting("127.0.0.1", values.host, "127.0.0.1")
    port: int = _setting(4568, values.whole(0, 65535), "4568")
    data_dir: Path = _setting(Path.home() / ".cachewright", values.path, "~/.cachewright")  # noqa: RUF009
    # what this process does: everything, or a part of it beside others at one PostgreSQL
    role: Role = _setting(Role.BOTH, values.one_of(Role), "agent")  # noqa: RUF009
    # where files of snapshots, buckets, notifications and logs are; empty: in the data directory
    files_dir: Path | str = _setting("", values.path, "/srv/cachewright")  # noqa: RUF009
    # empty: SQLite in the data directory
    database_url: str = _setting("", values.database_url, "postgresql+psycopg://user:password@localhost/cachewright")
    endpoints: EndpointMode = _setting(EndpointMode.DIRECT, values.one_of(EndpointMode), "direct")  # noqa: RUF009
    # first and last port that published endpoints may have
    published_ports: tuple[int, int] = _setting((16379, 16442), values.port_range, "16379,16442")
    runtime: RuntimeKind = _setting(RuntimeKind.DOCKER, values.one_of(RuntimeKind), "docker")  # noqa: RUF009
    # of requests that name none
    region: str = _setting("us-east-1", values.region, "us-east-1")
    # who may call; empty: everybody on this machine
    credentials: Mapping[str, AccessKey] = _setting({}, credentials.keys, "AKIDEXAMPLE:its-secret:123456789012")
    # whether to listen beyond this machine without any
    insecure: bool = _setting(False, values.switch, "on")  # noqa: FBT003 - a default
    # the certificate of the API and its key; empty: it is served without TLS
    tls_certificate: Path | str = _setting("", values.path, "/etc/cachewright/server.pem")  # noqa: RUF009
    # whether endpoints are told as host names, not as IP addresses
    hostnames: bool = _setting(False, values.switch, "on")  # noqa: FBT003 - a default
    # that host names end in
    host_suffix: str = _setting(SUFFIX, values.domain, SUFFIX)
    # of 127.0.0.1, where host names are answered for as well; 0: nowhere
    dns_port: int = _setting(0, values.whole(0, 65535), "4553")
    # whether clients of caches made from now on are refused the commands that AWS refuses
    restricted_commands: bool = _setting(True, values.switch, "off")  # noqa: FBT003 - a default
    # whether nodes that come from now on keep what they hold through all that AWS loses it by
    keep_data: bool = _setting(False, values.switch, "on")  # noqa: FBT003 - a default
    # whether the network is made with IPv6, which every container then has: it starts 0.08 s later
    ipv6: bool = _setting(False, values.switch, "on")  # noqa: FBT003 - a default
    # how long things take at least: as they are, or as at AWS
    pace: Pace = _setting(AS_IT_IS, pace_of, "aws")  # noqa: RUF009
    # how many nodes of which engine and version are started before anybody asks for them
    warm: Mapping[EngineVersion, int] = _setting({}, values.warm, "redis:7.1=2,memcached:1.6.22=1")
    # letters of the zones of every region
    zones: tuple[str, ...] = _setting(("a", "b", "c"), values.zone_letters, "a,b,c")
    # the machines that run nodes, or a file of them; empty: the engine that the Docker command finds runs all
    hosts: tuple[Host, ...] = _setting((), host_file.hosts, _HOST)
    # Host headers to answer besides addresses that the API listens on and localhost
    allowed_hosts: tuple[str, ...] = _setting((), values.host_names, "cachewright,api.example.test")
    # how much there may be of what AWS limits, by the names of the table in the model
    quotas: Mapping[str, int] = _setting({}, values.quotas, "parameter-groups=5,nodes-per-region=10")
    # the KMS that KmsKeyId is about; empty: there is none
    kms_endpoint: str = _setting("", values.url, "http://127.0.0.1:4566", also="AWS_ENDPOINT_URL_KMS")
    # where buckets are; empty: in folders of the data directory
    s3_endpoint: str = _setting("", values.url, "http://127.0.0.1:9000", also="AWS_ENDPOINT_URL_S3")
    # the Secrets Manager that knows logins of sources of migrations; empty: they are in files of the data directory
    secrets_manager_endpoint: str = _setting(
        "", values.url, "http://127.0.0.1:4566", also="AWS_ENDPOINT_URL_SECRETS_MANAGER"
    )
    # where notifications are published; empty: in a file of the data directory
    sns_endpoint: str = _setting("", values.url, "http://127.0.0.1:4566", also="AWS_ENDPOINT_URL_SNS")
    # where CloudWatch Logs and Firehose take logs; empty: in files of the data directory
    logs_endpoint: str = _setting("", values.url, "http://127.0.0.1:4566", also="AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")
    firehose_endpoint: str = _setting("", values.url, "http://127.0.0.1:4566", also="AWS_ENDPOINT_URL_FIREHOSE")
    # where metrics are put each minute; empty: nowhere
    cloudwatch_endpoint: str = _setting("", values.url, "http://127.0.0.1:4566", also="AWS_ENDPOINT_URL_CLOUDWATCH")
    # the EC2 that knows subnets and security groups; empty: every one that is well formed is taken
    ec2_endpoint: str = _setting("", values.url, "http://127.0.0.1:4566", also="AWS_ENDPOINT_URL_EC2")
    # whether two service updates are offered that change nothing
    example_updates: bool = _setting(False, values.switch, "on")  # noqa: FBT003 - a default
    poll_interval: float = _setting(5.0, values.seconds, "3.0")  # between two looks that nothing asked for
    probe_interval: float = _setting(0.5, values.seconds, "3.0")  # between two pings of a node
    patience: float = _setting(3.0, values.seconds, "3.0")  # of silence after which a running node counts as dead

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'cachewright.db'}"

    @property
    def files(self) -> Path:
        """The directory of what several agents have in common, where there are several."""
        return Path(self.files_dir) if self.files_dir else self.data_dir

    @property
    def naming(self) -> "Naming":
        """How endpoints are called."""
        from cachewright.controlplane.model.hostnames import Naming  # noqa: PLC0415 - what only asks needs none

        return Naming(self.host_suffix, self.hostnames)
