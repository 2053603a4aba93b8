"""What `cachewright doctor` asks of the container engine: it proves by doing."""

import os
import re
import shutil
from collections.abc import Sequence
from urllib.request import urlopen

from cachewright.agents.planning.sizing import OVERHEAD, SHARE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.debian import mirror_of_this_machine
from cachewright.agents.runtime.images import STANDARD
from cachewright.agents.runtime.local_images import Shelf
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.commands.checks import Finding, Mark
from cachewright.controlplane.model.node_types import NODE_TYPES
from cachewright.controlplane.model.versions import EngineVersion

OLDEST_ENGINE = (20, 10)
QUESTION = 5.0  # seconds that a registry or a mirror has for an answer
MIRRORED = "bookworm"  # a suite that every mirror has
GIB = 1024**3


def reachable(runtime: Runtime) -> Finding:
    """Whether the container engine answers, and is new enough."""
    subject = "container engine"
    try:
        version = runtime.version()
    except (Later, Never) as verdict:
        return Finding(subject, Mark.BAD, verdict.reason, _way_in(verdict.reason))
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if numbers < OLDEST_ENGINE:
        return Finding(subject, Mark.DOUBTFUL, f"{version} is old", "update to Docker 20.10 or newer")
    return Finding(subject, Mark.GOOD, version)


def memory(runtime: Runtime) -> Finding:
    """Which node types get all their memory on the engine's machine."""
    machine = runtime.capacity()
    carried = machine // SHARE - OVERHEAD
    whole = [row for row in NODE_TYPES if row.maxmemory * 3 // 4 <= carried]
    words = f"{machine / GIB:.1f} GiB; a node may use {carried / GIB:.1f} GiB"
    if not whole:
        return Finding("memory", Mark.DOUBTFUL, f"{words}, less than any node type offers", "give Docker more memory")
    return Finding("memory", Mark.GOOD, f"{words}: enough for {len(whole)} of {len(NODE_TYPES)} node types")


def images(shelf: Shelf) -> Finding:
    """Whether the images of the standard set are there, or on which way they would come."""
    missing = [row for row in STANDARD if not shelf.stocked(row.engine, row.family)]
    gateway = bool(shelf.stocked("gateway", "gateway"))
    forwarder = bool(shelf.stocked("nftables", "nftables"))  # without it HAProxy serves
    others = {"the gateway": gateway, "the gateway in the kernel": forwarder}
    names = [
        *(name for name, there in others.items() if not there),
        *(f"{row.engine} {row.version}" for row in missing),
    ]
    if not names:
        return Finding("images", Mark.GOOD, "the standard set is there")
    words = f"not there yet: {', '.join(names)}"
    if way := _way_to(missing):
        return Finding(
            "images", Mark.DOUBTFUL, f"{words}; {way}", "to have them before they are needed: cachewright images"
        )
    remedy = "give this machine a container registry, or mmdebstrap and a Debian mirror; then: cachewright images"
    return Finding("images", Mark.DOUBTFUL if gateway else Mark.BAD, f"{words}, and no way to get them", remedy)


def _way_to(missing: Sequence[EngineVersion]) -> str:
    if missing and _registry_has(missing[0].upstream):
        return "a registry answers"
    mirror = mirror_of_this_machine()
    if shutil.which("mmdebstrap") and _mirror_answers(mirror):
        return f"mmdebstrap can build them from {mirror}"
    return ""


def _registry_has(upstream: str) -> bool:
    try:
        with Engine(timeout=QUESTION).asked("ask a registry") as client:
            client.inspect_distribution(upstream)
    except (Later, Never):
        return False
    return True


def _mirror_answers(mirror: str) -> bool:
    try:
        urlopen(f"{mirror}/dists/{MIRRORED}/InRelease", timeout=QUESTION).close()  # noqa: S310 - apt's own setting
    except (OSError, ValueError):
        return False
    return True


def _way_in(reason: str) -> str:
    if "permission" in reason:
        return "sudo usermod -aG docker $USER, and log in again"
    if host := os.environ.get("DOCKER_HOST"):
        return f"DOCKER_HOST is {host}: start the engine there, or unset it"
    if not any(map(shutil.which, ("dockerd", "docker"))):
        return "install Docker: make setup (Debian), or https://docs.docker.com/engine/install"
    return "start it: sudo systemctl start docker, or make setup"
