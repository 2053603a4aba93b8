"""The floor of clusters: the docker command, and redis-cli by hand."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.docker import GLANCE, PORT, Model, ask, docker
from benchmarks.following import start
from benchmarks.waiting import CannotMeasure, until

SLOTS = 16384
_CLUSTERED = ("--cluster-enabled", "yes", "--cluster-config-file", "/tmp/nodes.conf")


def clustered(copied: Model) -> Model:
    """The same container, as a node of a cluster that nobody has formed yet."""
    return replace(copied, arguments=(*copied.arguments, *_CLUSTERED))


def form(copied: Model, names: Sequence[str], replicas: int) -> None:
    """Start copies, all at once, and make them one cluster with so many replicas for each primary."""
    start(copied, dict(enumerate(names)))
    hosts = [copied.address(number) for number in range(len(names))]
    places = [f"{host}:{PORT}" for host in hosts]
    cluster(names[0], "create", *places, "--cluster-replicas", str(replicas), "--cluster-yes")
    await_agreement(hosts, len(hosts))


def enlarge(copied: Model, names: Sequence[str], before: int) -> None:
    """Start those of the copies that come after the first ones, and add them: a primary without slots, its replicas."""
    start(copied, {number: names[number] for number in range(before, len(names))})
    hosts = [copied.address(number) for number in range(len(names))]
    known = f"{hosts[0]}:{PORT}"
    for number in range(before, len(names)):
        role = () if number == before else ("--cluster-slave", "--cluster-master-id", identity(hosts[before]))
        cluster(names[0], "add-node", f"{hosts[number]}:{PORT}", known, *role)
        await_agreement(hosts[: number + 1], number + 1)


def spread(copied: Model, names: Sequence[str]) -> None:
    """Equal shares for all primaries, those without slots too."""
    cluster(names[0], "rebalance", f"{copied.address(0)}:{PORT}", "--cluster-use-empty-masters")


def await_agreement(hosts: Sequence[str], nodes: int) -> None:
    """Until each one serves, knows so many nodes, and all slots are dealt out."""
    wanted = (b"cluster_state:ok", b"cluster_slots_ok:%d" % SLOTS, b"cluster_known_nodes:%d\r" % nodes)
    until(lambda: all(_says(host, wanted) for host in hosts), f"{nodes} nodes of a cluster", GLANCE)


def identity(host: str) -> str:
    """Who a node is in its cluster."""
    return ask(host, PORT, "CLUSTER MYID").splitlines()[1].decode()


def cluster(name: str, verb: str, *words: str) -> str:
    """What `redis-cli --cluster` says in a container; CannotMeasure when it fails, also when only its words tell."""
    said = docker("exec", name, "redis-cli", "--cluster", verb, *words)
    if "[ERR]" in said:
        raise CannotMeasure(f"cannot {verb} a cluster: {said[said.index('[ERR]') :].splitlines()[0]}")
    return said


def _says(host: str, wanted: Sequence[bytes]) -> bool:
    said = ask(host, PORT, "CLUSTER INFO")
    return all(line in said for line in wanted)
