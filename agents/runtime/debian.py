"""Images out of distribution packages, for machines without a container registry.

Versions as of 2026. Packages are only unpacked, no maintainer script runs, so that an image takes seconds and
needs no privileges beyond a user namespace.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cachewright.agents.planning.verdicts import Later, Never

PUBLIC_MIRROR = "http://deb.debian.org/debian"
_PATIENCE = 600.0  # seconds for one build
_NOT_NEEDED = ("/usr/share/*", "/usr/lib/*/perl*")


@dataclass(frozen=True, slots=True)
class Distribution:
    """Where Debian has an engine of a parameter group family."""

    engine: str
    family: str
    version: str  # major.minor that the suite has
    suite: str
    packages: tuple[str, ...]
    backports: bool = False

    @property
    def source(self) -> str:
        """What an image's label says of its origin."""
        return f"debian {self.suite}{'-backports' if self.backports else ''}"


DISTRIBUTIONS: tuple[Distribution, ...] = (
    Distribution("redis", "redis7", "7.0", "bookworm", ("redis-server",)),
    Distribution("redis", "redis6.x", "6.0", "bullseye", ("redis-server",)),
    Distribution("valkey", "valkey8", "8.1", "trixie", ("valkey-server",)),
    Distribution("valkey", "valkey8", "8.0", "bookworm", ("valkey-server",), backports=True),
    Distribution("valkey", "valkey9", "9.1", "sid", ("valkey-server",)),
    Distribution("memcached", "memcached1.6", "1.6", "bookworm", ("memcached", "dash")),
    Distribution("directory", "directory", "3.11", "bookworm", ("python3",)),
    Distribution("gateway", "gateway", "2.6", "bookworm", ("haproxy", "iproute2", "nftables", "dash")),
    Distribution("nftables", "nftables", "1.0", "bookworm", ("nftables", "iproute2", "python3")),
)


def distribution(engine: str, version: str, family: str) -> Distribution | None:
    """The one that has this very minor version, else the family's first; None when Debian has none of the family."""
    rows = [row for row in DISTRIBUTIONS if (row.engine, row.family) == (engine, family)]
    return next((row for row in rows if minor(row.version) == minor(version)), rows[0] if rows else None)


def minor(version: str) -> tuple[str, ...]:
    """Major and minor of a version: `7.0.15` and `7.0` are alike."""
    return tuple(version.split(".")[:2])


def unpack(row: Distribution, target: Path, mirror: str) -> None:
    """Write the distribution's root file system as a tar; Never without mmdebstrap, Later when the mirror fails."""
    try:
        done = subprocess.run(  # noqa: S603 - arguments from the table above
            command(row, target, mirror), capture_output=True, text=True, check=False, timeout=_PATIENCE
        )
    except FileNotFoundError:
        raise Never("mmdebstrap is not installed") from None
    except subprocess.TimeoutExpired:
        raise Later(f"{mirror} is too slow", 60.0) from None
    if done.returncode:
        raise Later(f"mmdebstrap: {_first_error(done.stderr)}", 30.0)


def command(row: Distribution, target: Path, mirror: str) -> list[str]:
    """mmdebstrap's arguments. `base-files` brings the /lib64 link of merged-/usr suites, /tmp and /run."""
    suites = [row.suite, f"{row.suite}-backports"] if row.backports else [row.suite]
    return [
        "mmdebstrap",
        "--variant=extract",
        f"--include={','.join((*row.packages, 'base-files'))}",
        '--aptopt=Acquire::Check-Valid-Until "false"',  # a frozen mirror is fine; signatures are checked all the same
        *(f"--dpkgopt=path-exclude={path}" for path in _NOT_NEEDED),
        row.suite,
        str(target),
        *(f"deb {mirror} {suite} main" for suite in suites),
    ]


def dockerfile(row: Distribution) -> str:
    """The same as a Dockerfile, for machines that have a registry but no mmdebstrap."""
    target = f"-t {row.suite}-backports" if row.backports else ""
    lines = [f"FROM debian:{row.suite}-slim"]
    if row.backports:
        source = f"deb {PUBLIC_MIRROR} {row.suite}-backports main"
        lines.append(f"RUN echo '{source}' > /etc/apt/sources.list.d/backports.list")
    install = f"apt-get install -y --no-install-recommends {target} {' '.join(row.packages)}"
    lines.append(f"RUN apt-get update && {install} && rm -rf /var/lib/apt/lists/*")
    return "\n".join(lines)


def mirror_of_this_machine() -> str:
    """The Debian mirror that apt uses here; the public one when this is no Debian."""
    try:
        release = Path("/etc/os-release").read_text()
        listing = subprocess.run(
            ("apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"),  # noqa: S607 - wherever it is
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return PUBLIC_MIRROR
    return mirror(release.splitlines(), listing.splitlines())


def mirror(os_release: Sequence[str], targets: Sequence[str]) -> str:
    """The mirror of the running suite, from /etc/os-release and lines of "release component uri"."""
    facts = dict(line.split("=", 1) for line in os_release if "=" in line)
    if facts.get("ID") != "debian":
        return PUBLIC_MIRROR
    wanted = [facts.get("VERSION_CODENAME", ""), "main"]
    found = (line.split() for line in targets)
    return next((row[2].rstrip("/") for row in found if row[:2] == wanted), PUBLIC_MIRROR)


def _first_error(log: str) -> str:
    return next((line.removeprefix("E: ") for line in log.splitlines() if line.startswith("E: ")), "it failed")
