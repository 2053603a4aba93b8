"""What can be chosen from outside: `CACHEWRIGHT_*` in the environment, or options of the command."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from cachewright.controlplane.model.hostnames import SUFFIX, Naming

LONGEST_SUFFIX = 120  # characters, so that the longest name under it is one
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


class EndpointMode(StrEnum):
    """Where endpoints listen: on addresses of their own, or on ports of 127.0.0.1."""

    DIRECT = "direct"
    PUBLISHED = "published"


class RuntimeKind(StrEnum):
    """What runs the nodes: the Docker engine, or a pretend one in memory."""

    DOCKER = "docker"
    MEMORY = "memory"


def _domain(suffix: str) -> str:
    domain = suffix.strip(".").lower()
    if len(domain) > LONGEST_SUFFIX or not _DOMAIN.fullmatch(domain):
        raise ValueError(f"'{suffix}' is no domain name of at most {LONGEST_SUFFIX} characters")
    return domain


class Settings(BaseSettings):
    """Everything that can be chosen, with its default."""

    model_config = SettingsConfigDict(env_prefix="CACHEWRIGHT_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(4568, ge=0, le=65535)
    data_dir: Path = Path.home() / ".cachewright"
    database_url: str = ""  # empty: SQLite in the data directory
    endpoints: EndpointMode = EndpointMode.DIRECT
    published_ports: tuple[int, int] = (16379, 16442)  # first and last port that published endpoints may have
    runtime: RuntimeKind = RuntimeKind.DOCKER
    region: str = "us-east-1"  # of requests that name none
    hostnames: bool = False  # endpoints are told as host names, not as IP addresses
    host_suffix: Annotated[str, AfterValidator(_domain)] = SUFFIX  # that host names end in
    dns_port: int = Field(0, ge=0, le=65535)  # of 127.0.0.1, where host names are answered for as well; 0: nowhere
    restricted_commands: bool = True  # clients of caches made from now on are refused the commands that AWS refuses
    zones: tuple[str, ...] = ("a", "b", "c")  # letters of the zones of every region
    allowed_hosts: tuple[str, ...] = ()  # Host headers to answer besides IP addresses and localhost
    poll_interval: float = Field(5.0, gt=0)  # seconds between two looks that nothing asked for
    probe_interval: float = Field(0.5, gt=0)  # seconds between two pings of a node
    patience: float = Field(3.0, gt=0)  # seconds of silence after which a running node counts as dead

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'cachewright.db'}"

    @property
    def naming(self) -> Naming:
        """How endpoints are called."""
        return Naming(self.host_suffix, self.hostnames)
