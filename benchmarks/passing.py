"""Through the gateway, against the node's own address."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.docker import PORT, Model, address_of, docker, model
from benchmarks.figures import Row, Summary
from benchmarks.process import plane
from benchmarks.waiting import CannotMeasure

GROUP = "bench-gateway"
NODE = f"{GROUP}-001.0001"
FLOOR = "the node's own address"
# A command may take as long as at 0.85 x the rate; and the slowest hundredth.
RATE, TAIL = 1 / 0.85, 1.3


@dataclass(frozen=True, slots=True)
class Load:
    """What redis-benchmark does, and whether it is judged."""

    clients: int
    pipeline: int
    requests: int
    judged: bool = True

    @property
    def name(self) -> str:
        """In words."""
        pipeline = f", pipeline {self.pipeline}" if self.pipeline > 1 else ""
        return f"SET through the primary endpoint, {self.clients} client{'s' * (self.clients > 1)}{pipeline}"


LOADS = (Load(1, 1, 20_000, judged=False), Load(50, 1, 100_000), Load(50, 16, 600_000))


def passing(rounds: int) -> Iterator[Row]:
    """redis-benchmark, run in a container on the same network: time for each command, and its 99th percentile."""
    with plane() as served:
        served.create_group(GROUP)
        node = model(NODE)
        places = served.primary_endpoint(GROUP), (address_of(NODE), PORT)
        for load in LOADS:
            measured = [[taken(node, place, load) for place in places] for _ in range(rounds + 1)][1:]
            for column, (what, unit, bar) in enumerate((("", "us/command", RATE), (", p99", "ms", TAIL))):
                ours, floor = (Summary(tuple(row[side][column] for row in measured)) for side in range(2))
                yield Row(f"{load.name}{what}", unit, ours, floor, FLOOR, bar if load.judged else None)


def taken(node: Model, place: tuple[str, int], load: Load, encryption: tuple[str, ...] = ()) -> tuple[float, float]:
    """Microseconds for each command, and milliseconds at the 99th percentile."""
    host, port = place
    inside = ("--rm", f"--network={node.network}", "--entrypoint=redis-benchmark", node.image)
    size = ("-n", str(load.requests), "-c", str(load.clients), "-P", str(load.pipeline))
    return _said(docker("run", *inside, "-h", host, "-p", str(port), "-t", "set", *size, *encryption, "--csv"))


def _said(table: str) -> tuple[float, float]:
    """Microseconds for each command and milliseconds at the 99th percentile, of what redis-benchmark says of SET."""
    for line in table.splitlines():
        name, rate, *latencies = line.replace('"', "").split(",")
        if name == "SET":  # latencies: average, least, p50, p95, p99, most
            return 1e6 / float(rate), float(latencies[4])
    raise CannotMeasure("cannot read what redis-benchmark says")
