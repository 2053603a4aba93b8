"""An installation that somebody has deployed as docs/many-machines.md says, command by command."""

import os
import shutil
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import boto3
import docker
from botocore.config import Config

from docs.sections import ROOT
from tests.e2e.hosts.images import stand_ins
from tests.e2e.hosts.page import Reader, blocks
from tests.e2e.plane import environment
from tests.e2e.waiting import until
from tests.machines import Machines, machines
from tests.project.checkout import copied

EVERY = (1, 2, 3)
LONG = 180.0  # seconds in which three hosts on two processors deploy
PAGE = blocks((ROOT / "docs" / "many-machines.md").read_text())
NODES = ("cachewright/valkey:", "cachewright/gateway")
# there is no registry, and who looks for one is told so at once
_NO_NAMES = ("iptables", "-I", "OUTPUT", "-p", "udp", "--dport", "53", "-j", "REJECT")
REDIS_CLI = """#!{python}
import sys
import redis

_, _, host, *words = sys.argv
print(redis.Redis(host=host, decode_responses=True).execute_command(*words))
"""


@dataclass(frozen=True, slots=True)
class Site:
    """An installation that was deployed as the page says."""

    machines: Machines
    reader: Reader

    @property
    def secrets(self) -> Path:
        """The files that were made for it."""
        return self.reader.checkout / "compose" / "secrets"

    @property
    def keys(self) -> dict[str, str]:
        """The access key of the team, in boto3's words."""
        parser = ConfigParser()
        parser.read(self.secrets / "access-keys")
        return dict(parser["default"])

    def api(self, number: int) -> Any:
        """A client of the API on a host, that has what a member of the team is given, and tries more than once."""
        return boto3.client(
            "elasticache",
            endpoint_url=f"https://10.77.0.{number}:4568",
            verify=str(self.secrets / "ca.pem"),
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 8, "mode": "standard"}),
            **self.keys,
        )

    def running(self, number: int, service: str, *more: str) -> list[str]:
        """The containers of a service on a host, of which `more` is true as well, in the words of Docker's filters."""
        wanted = (f"label=com.docker.swarm.service.name=cachewright_{service}", *more)
        return self.machines.docker(number, "ps", "-q", *(f"--filter={one}" for one in wanted)).split()

    def control_plane(self) -> list[str]:
        """The containers that answer, and those that work, on all hosts."""
        return [one for number in EVERY for service in ("api", "agent") for one in self.running(number, service)]

    def healthy(self, service: str, tasks: int) -> bool:
        """Whether so many tasks of a service serve."""
        return sum(len(self.running(number, service, "health=healthy")) for number in EVERY) == tasks


@contextmanager
def deployed(machine: docker.DockerClient, home: Path) -> Iterator[Site]:
    """Bare machines on which somebody has followed the page; in the end as well, and nothing is left then."""
    with ExitStack() as stack:
        names = stack.enter_context(stand_ins(machine, home))
        made = stack.enter_context(machines())
        for number in EVERY:
            made.docker(number, "swarm", "leave", "--force")
            made.inside(number, *_NO_NAMES)
            made.load(*names, number=number)
        made.load(*(tag for image in machine.images.list() for tag in image.tags if tag.startswith(NODES)))
        site = Site(made, Reader(made, _checkout(home / "checkout"), _variables(home)))
        try:
            _deploy(site)
            yield site
            _end(site)
        finally:
            _leave(made)


def _checkout(home: Path) -> Path:
    copied(home)
    shutil.copytree(ROOT / "compose", home / "compose", ignore=shutil.ignore_patterns("secrets"))
    return home


def _variables(home: Path) -> dict[str, str]:
    programs = home / "bin"
    programs.mkdir()
    if shutil.which("redis-cli") is None:
        (programs / "redis-cli").write_text(REDIS_CLI.format(python=sys.executable))
        (programs / "redis-cli").chmod(0o755)
    path = f"{Path(sys.executable).parent}:{programs}:{os.environ['PATH']}"
    few = {"CACHEWRIGHT_PUBLISHED_PORTS": "16379,16394"}  # each is two processes on each host
    return {**environment(), "PATH": path, "HOME": str(home), **few}


def _deploy(site: Site) -> None:
    first, others = PAGE["One Swarm"]
    site.reader.types(first)
    site.reader.variables["TOKEN"] = site.machines.docker(1, "swarm", "join-token", "--quiet", "manager")
    site.reader.types(others)
    for section in ("The image", "Secrets", "Deploy"):
        for block in PAGE[section]:
            site.reader.types(block)
    until("PostgreSQL serves", lambda: site.healthy("postgresql", 1), LONG)
    until("the API is served everywhere", lambda: site.healthy("api", 3), LONG)
    until("there are agents", lambda: site.healthy("agent", 2), LONG)


def _end(site: Site) -> None:
    down, rest, volumes = PAGE["The end"]
    site.reader.types(down)
    state = ("service", "ps", "cachewright_down", "--format", "{{.CurrentState}}")
    until("everything is down", lambda: "Complete" in site.machines.docker(1, *state), LONG)
    site.reader.types(rest)
    until("no container is left", lambda: not any(site.machines.docker(number, "ps", "-aq") for number in EVERY), LONG)
    site.reader.types(volumes)
    kept = [site.machines.docker(number, "volume", "ls", "-q", "--filter", "name=cachewright") for number in EVERY]
    assert kept == ["", "", ""]


def _leave(made: Machines) -> None:
    """What failed before the end goes with the Swarm."""
    for number in EVERY:
        with suppress(CalledProcessError):
            made.docker(number, "swarm", "leave", "--force")
