"""Through the gateway, against the node's own address; for information."""

from collections.abc import Callable, Iterator

from benchmarks.docker import PORT, Model, address_of, docker, model
from benchmarks.figures import Row, alternated
from benchmarks.process import plane
from benchmarks.waiting import CannotMeasure

REQUESTS = {1: 20_000, 50: 100_000}  # by the number of clients
GROUP = "bench-gateway"
NODE = f"{GROUP}-001.0001"


def passing(rounds: int) -> Iterator[Row]:
    """redis-benchmark, run in a container on the same network."""
    with plane() as served:
        served.create_group(GROUP)
        node = model(NODE)
        places = served.primary_endpoint(GROUP), (address_of(NODE), PORT)
        for clients in REQUESTS:
            ours, floor = alternated(rounds, *(_load(node, place, clients) for place in places))
            name = f"SET through the primary endpoint, {clients} client{'s' * (clients > 1)}"
            yield Row(name, "requests/s", ours, floor, "the node's own address")


def _load(node: Model, place: tuple[str, int], clients: int) -> Callable[[], float]:
    host, port = place
    inside = ("--rm", f"--network={node.network}", "--entrypoint=redis-benchmark", node.image)
    load = ("-h", host, "-p", str(port), "-t", "set", "-n", str(REQUESTS[clients]), "-c", str(clients), "--csv")
    return lambda: _rate(docker("run", *inside, *load))


def _rate(said: str) -> float:
    """Requests per second, from what redis-benchmark says of SET."""
    for line in said.splitlines():
        name, rate = line.replace('"', "").split(",")[:2]
        if name == "SET":
            return float(rate)
    raise CannotMeasure("cannot read what redis-benchmark says")
