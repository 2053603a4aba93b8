"""What `cachewright doctor` asks of each host that was told: whether it answers, and whether all are alike."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cachewright.agents.planning.host_leases import LEAST_PATIENCE
from cachewright.agents.planning.labels import INSTANCE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.connection import Engine
from cachewright.controlplane import own_key
from cachewright.controlplane.commands import hosts as command
from cachewright.controlplane.commands.checks import Finding, Mark
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, url_of
from cachewright.controlplane.model.hosts import Host, HostSeen, ip_of
from cachewright.controlplane.settings import Settings

ANSWER = 5.0  # seconds that a host has
SLIGHTLY, FAR = 1.0, 60.0  # seconds by which clocks may differ, and by which certificates and logs make no sense
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a host's engine says of itself."""

    version: str
    architecture: str
    offset: float  # seconds by which its clock is ahead of this machine's
    swarm: str  # names the Swarm that it is a member of; empty: of none
    manages: bool = False  # it is a manager of that
    installations: frozenset[str] = frozenset()  # that have a network there


def findings(settings: Settings) -> Iterator[Finding]:
    """A finding for each host, and one for all of them, where there are hosts. Nobody waits for one after the other."""
    hosts = told(settings)
    if not hosts:
        return
    with ThreadPoolExecutor(len(hosts)) as pool:
        answers = dict(zip(hosts, pool.map(_asked, (host.engine for host in hosts.values())), strict=True))
    known = {name: facts for name, facts in answers.items() if isinstance(facts, Facts)}
    for name, facts in answers.items():
        yield of_a_host(name, facts, known)
    yield from of_all(known)
    if settings.hostnames:
        yield from of_names({name: host.address for name, host in hosts.items()})
    if (least := LEAST_PATIENCE.total_seconds()) > settings.patience:
        words = f"a patience of {settings.patience:g} s is too little: a host that is cut off may serve too long"
        yield Finding("hosts", Mark.BAD, words, f"CACHEWRIGHT_PATIENCE={least:g} or more")


def told(settings: Settings) -> Mapping[str, Host | HostSeen]:
    """The hosts by name: of the settings, and of a control plane that answers."""
    hosts: dict[str, Host | HostSeen] = {host.name: host for host in settings.hosts}
    try:
        seen = command.every(ControlPlane(url_of(settings), own_key.signing(settings), ANSWER))
    except NoAnswer:
        return hosts
    return hosts | {host.name: host for host in seen}


def of_a_host(name: str, facts: Facts | str, known: Mapping[str, Facts]) -> Finding:
    """How a host is beside the others; `facts` is why it does not answer, if it does not."""
    subject = f"host {name}"
    if isinstance(facts, str):
        return Finding(subject, Mark.BAD, facts, f"start it, or: cachewright host drain {name}")
    words = f"Docker {facts.version}, {facts.architecture}"
    if odd := _odd_one([one.architecture for one in known.values()], facts.architecture):
        remedy = "images are of one architecture: take hosts of the same"
        return Finding(subject, Mark.BAD, f"{words}; the others are {odd}", remedy)
    if not facts.swarm:
        return Finding(subject, Mark.BAD, f"{words}; it is in no Swarm", "docker swarm join, as one of the others says")
    if odd := _odd_one([one.swarm for one in known.values()], facts.swarm):
        return Finding(subject, Mark.BAD, f"{words}; the others are in Swarm {odd}", "have it leave, and join theirs")
    if abs(facts.offset) >= SLIGHTLY:
        mark = Mark.BAD if abs(facts.offset) >= FAR else Mark.DOUBTFUL
        return Finding(subject, mark, f"{words}; its clock is {_ahead(facts.offset)}", "run an NTP client there")
    if odd := _odd_one([one.version for one in known.values()], facts.version):
        return Finding(subject, Mark.DOUBTFUL, f"{words}; the others have {odd}", "update it")
    return Finding(subject, Mark.GOOD, words)


def of_all(known: Mapping[str, Facts]) -> Iterator[Finding]:
    """What only all together tell."""
    if known and any(facts.swarm for facts in known.values()) and not any(facts.manages for facts in known.values()):
        yield Finding("hosts", Mark.BAD, "none of them is a manager of the Swarm", "tell of one: cachewright host add")
    if len(others := frozenset[str]().union(*(facts.installations for facts in known.values()))) > 1:
        words = f"{len(others)} installations have a network on this Swarm: {', '.join(sorted(others))}"
        yield Finding(
            "hosts", Mark.DOUBTFUL, words, "each needs ports and memory of its own; `cachewright down` ends one"
        )


def of_names(addresses: Mapping[str, str]) -> Iterator[Finding]:
    """To which hosts host names cannot lead."""
    for name in (name for name, address in addresses.items() if not ip_of(address)):
        words = f"host names lead to IP addresses, and it was told with the address {addresses[name]}"
        yield Finding(f"host {name}", Mark.BAD, words, "tell of it with an IP address, or CACHEWRIGHT_HOSTNAMES=off")


def facts_of(info: Mapping[str, Any], networks: Sequence[Mapping[str, Any]], now: datetime) -> Facts:
    """The same, out of what Docker answers; `now` is when it was asked, by this machine's clock."""
    swarm: Mapping[str, Any] = info.get("Swarm") or {}
    member = swarm.get("LocalNodeState") == ACTIVE
    peers = sorted(str(peer.get("NodeID")) for peer in swarm.get("RemoteManagers") or ())
    cluster = (swarm.get("Cluster") or {}).get("ID") or ",".join(peers)
    labels = (network.get("Labels") or {} for network in networks)
    return Facts(
        str(info.get("ServerVersion", "")),
        str(info.get("Architecture", "")),
        (_moment(str(info.get("SystemTime", ""))) - now).total_seconds(),
        cluster if member else "",
        bool(swarm.get("ControlAvailable")),
        frozenset(str(one[INSTANCE]) for one in labels if INSTANCE in one),
    )


def _asked(url: str) -> Facts | str:
    try:
        with Engine(url, ANSWER).asked("reach the engine", look=True) as client:
            before = datetime.now(UTC)
            info = client.info()
            middle = before + (datetime.now(UTC) - before) / 2
            return facts_of(info, client.networks(filters={"label": INSTANCE, "driver": "overlay"}), middle)
    except (Later, Never) as verdict:
        return verdict.reason


def _moment(text: str) -> datetime:
    """Docker tells nanoseconds."""
    whole, _, rest = text.partition(".")
    zone = rest.lstrip("0123456789")
    fraction = rest[: len(rest) - len(zone)][:6].ljust(6, "0")
    return datetime.fromisoformat(f"{whole}.{fraction}{zone}" if rest else text)


def _odd_one(every: Sequence[str], own: str) -> str:
    """What most are, if this one is something else."""
    usual = max(sorted(set(every)), key=every.count)
    return "" if own == usual else usual


def _ahead(offset: float) -> str:
    return f"{abs(offset):.1f} s {'ahead of' if offset > 0 else 'behind'} this machine's"
