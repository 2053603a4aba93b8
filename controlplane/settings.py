"""What can be chosen from outside: `CACHEWRIGHT_*` in the environment, or options of the command."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from cachewright.controlplane import setting_values as values
from cachewright.controlplane.model.hostnames import SUFFIX, Naming

PREFIX = "CACHEWRIGHT_"
LONGEST = 3600.0  # seconds between two looks, at most

Seconds = Annotated[float, Field(ge=0.01, le=LONGEST, allow_inf_nan=False, examples=["3.0"])]
Parts = (NoDecode, BeforeValidator(values.parts))


class EndpointMode(StrEnum):
    """Where endpoints listen: on addresses of their own, or on ports of 127.0.0.1."""

    DIRECT = "direct"
    PUBLISHED = "published"


class RuntimeKind(StrEnum):
    """What runs the nodes: the Docker engine, or a pretend one in memory."""

    DOCKER = "docker"
    MEMORY = "memory"


class Settings(BaseSettings):
    """Everything that can be chosen, with its default. An empty variable is no choice.

    The examples are right values as one writes them in the environment; who chose a wrong one is shown them.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    host: Annotated[str, AfterValidator(values.host), Field(examples=["127.0.0.1"])] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, examples=["4568"])] = 4568
    data_dir: Annotated[Path, AfterValidator(values.directory), Field(examples=["~/.cachewright"])] = (
        Path.home() / ".cachewright"
    )
    # empty: SQLite in the data directory
    database_url: Annotated[
        str,
        AfterValidator(values.database_url),
        Field(examples=["postgresql+psycopg://user:password@localhost/cachewright"]),
    ] = ""
    endpoints: Annotated[EndpointMode, Field(examples=["direct"])] = EndpointMode.DIRECT
    # first and last port that published endpoints may have
    published_ports: Annotated[
        tuple[int, int], *Parts, AfterValidator(values.port_range), Field(examples=["16379,16442"])
    ] = (16379, 16442)
    runtime: Annotated[RuntimeKind, Field(examples=["docker"])] = RuntimeKind.DOCKER
    # of requests that name none
    region: Annotated[str, AfterValidator(values.region), Field(examples=["us-east-1"])] = "us-east-1"
    # whether endpoints are told as host names, not as IP addresses
    hostnames: Annotated[bool, Field(examples=["on"])] = False
    # that host names end in
    host_suffix: Annotated[str, AfterValidator(values.domain), Field(examples=[SUFFIX])] = SUFFIX
    # of 127.0.0.1, where host names are answered for as well; 0: nowhere
    dns_port: Annotated[int, Field(ge=0, le=65535, examples=["4553"])] = 0
    # whether clients of caches made from now on are refused the commands that AWS refuses
    restricted_commands: Annotated[bool, Field(examples=["off"])] = True
    # letters of the zones of every region
    zones: Annotated[tuple[str, ...], *Parts, AfterValidator(values.zone_letters), Field(examples=["a,b,c"])] = (
        "a",
        "b",
        "c",
    )
    # Host headers to answer besides addresses that the API listens on and localhost
    allowed_hosts: Annotated[
        tuple[str, ...], *Parts, AfterValidator(values.host_names), Field(examples=["cachewright,api.example.test"])
    ] = ()
    # how much there may be of what AWS limits, by the names of the table in the model
    quotas: Annotated[
        Mapping[str, int],
        NoDecode,
        BeforeValidator(values.quotas),
        Field(examples=["parameter-groups=5,nodes-per-region=10"]),
    ] = {}
    poll_interval: Seconds = 5.0  # between two looks that nothing asked for
    probe_interval: Seconds = 0.5  # between two pings of a node
    patience: Seconds = 3.0  # of silence after which a running node counts as dead

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'cachewright.db'}"

    @property
    def naming(self) -> Naming:
        """How endpoints are called."""
        return Naming(self.host_suffix, self.hostnames)
