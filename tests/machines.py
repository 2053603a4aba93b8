"""Three Docker hosts on this machine, in one Swarm, for tests; what makes them lies beside the repository."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from cachewright.controlplane.model.hosts import Host

NAMES = ("one", "two", "three")
_PROGRAM = Path("shared/multihost/hosts")
_NETWORKS, _LAN = Path("/run/netns"), Path("/sys/class/net/cwlan")  # what it makes of the kernel
_TYPED = 300.0  # seconds that a script may take at most
WHERE = "THREE_HOSTS"  # the directory of hosts that are up already, for who tries the same test again


def absent() -> str:
    """Why this machine cannot have them; empty: it can."""
    if os.geteuid() != 0:
        return "hosts need root"
    if not all(map(which, ("ip", "iptables", "dockerd", "nsenter"))):
        return "hosts need iproute2, iptables, nsenter and dockerd"
    return "" if _program() else f"there is no {_PROGRAM} beside the repository"


@dataclass(frozen=True, slots=True)
class Machines:
    """The hosts, numbered from 1 on."""

    directory: Path

    @property
    def hosts(self) -> tuple[Host, ...]:
        """As Cachewright is told of them: each in a zone of its own."""
        numbered = enumerate(zip(NAMES, "abc", strict=True), 1)
        return tuple(Host(name, f"tcp://10.77.0.{i}:2375", zone, f"10.77.0.{i}") for i, (name, zone) in numbered)

    def do(self, verb: str, number: int) -> None:
        """Put a host `off` or `on`, `cut` it off or `mend` it."""
        _run(verb, str(number), str(self.directory))

    def docker(self, number: int, *words: str) -> str:
        """What a Docker command answers on a host."""
        return _said("docker", "-H", f"unix://{self.directory}/{number}/docker.sock", *words)

    def inside(self, number: int, *words: str) -> str:
        """What a program says that runs on a host, in one of its networks."""
        return _said("nsenter", f"--net=/run/netns/cwh{number}", *words)

    def typed(self, number: int, script: str, directory: Path, variables: Mapping[str, str]) -> str:
        """What a script says that is typed on a host, whose engine is at the usual socket there."""
        self._own_socket(number)
        command = [*self._entering(number), f"--wd={directory}", "bash", "-ec", script]
        done = subprocess.run(command, env={**variables}, capture_output=True, text=True, timeout=_TYPED, check=False)
        assert done.returncode == 0, f"on host {number}:\n{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _own_socket(self, number: int) -> None:
        """Each engine has mounts of its own: put its socket where programs and containers look for it."""
        mine, usual = self.directory / str(number) / "docker.sock", "/run/docker.sock"
        script = f"[ {mine} -ef {usual} ] || mount --bind {mine} {usual}"
        _said(*self._entering(number), "sh", "-ec", script)

    def _entering(self, number: int) -> tuple[str, ...]:
        process = (self.directory / str(number) / "pid").read_text()
        return "nsenter", f"--target={process}", "--mount", "--net"

    def load(self, *images: str, number: int = 1) -> None:
        """Bring images of this machine's engine to a host; where it is the first, the others get them from there."""
        here = f"unix://{self.directory}/{number}/docker.sock"
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saved:
            subprocess.run(["docker", "-H", here, "load"], stdin=saved.stdout, check=True, capture_output=True)


@contextmanager
def machines() -> Iterator[Machines]:
    """Hosts that are up; taken down at the end, unless they were there before."""
    if known := os.environ.get(WHERE):
        yield Machines(Path(known))
        return
    with TemporaryDirectory(prefix="cachewright-hosts-", ignore_cleanup_errors=True) as directory:
        _tidy(directory)
        try:
            _run("up", str(len(NAMES)), directory)
            yield Machines(Path(directory))
        finally:
            _run("down", directory)
            _unplug()


def _tidy(directory: str) -> None:
    """The kernel keeps the networks of machines whose run was killed with everything that it had started."""
    left = [name for name in (f"cwh{number}" for number in range(1, len(NAMES) + 1)) if (_NETWORKS / name).exists()]
    if in_use := [name for name in left if _said("ip", "netns", "pids", name)]:
        raise RuntimeError(f"hosts of another run are up: {', '.join(in_use)}")
    if left or _LAN.exists():
        _run("down", directory)
        _unplug()


def _unplug() -> None:
    """A process that outlives its machine keeps the cable, and the next machine of that number cannot have one."""
    for number in range(1, len(NAMES) + 1):
        subprocess.run(["ip", "link", "del", f"cwv{number}"], check=False, capture_output=True)


def _program() -> Path | None:
    return next((path for above in Path(__file__).resolve().parents if (path := above / _PROGRAM).is_file()), None)


def _run(*words: str) -> None:
    _said(str(_program()), *words)


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()
    except subprocess.CalledProcessError as error:
        error.add_note(error.stderr)
        raise
