"""What can be chosen from outside: `CACHEWRIGHT_*` in the environment, or options of the command."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EndpointMode(StrEnum):
    """Where endpoints listen: on addresses of their own, or on ports of 127.0.0.1."""

    DIRECT = "direct"
    PUBLISHED = "published"


class RuntimeKind(StrEnum):
    """What runs the nodes: the Docker engine, or a pretend one in memory."""

    DOCKER = "docker"
    MEMORY = "memory"


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
    zones: tuple[str, ...] = ("a", "b", "c")  # letters of the zones of every region
    allowed_hosts: tuple[str, ...] = ()  # Host headers to answer besides IP addresses and localhost
    poll_interval: float = Field(5.0, gt=0)  # seconds between two looks that nothing asked for
    probe_interval: float = Field(0.5, gt=0)  # seconds between two pings of a node
    patience: float = Field(3.0, gt=0)  # seconds of silence after which a running node counts as dead

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'cachewright.db'}"
