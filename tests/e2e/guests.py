"""An application in a container on the network of the caches."""

from dataclasses import dataclass, field

from docker.models.containers import Container

from tests.e2e.sharded import Sharded

AUTHORITY = "/tmp/ca.pem"  # where the container has it


@dataclass(slots=True)
class Guest:
    """A container that runs redis-cli with the first node's own image, and comes to a group by its entrance."""

    group: Sharded
    _container: Container = field(init=False)

    def __post_init__(self) -> None:
        node = next(iter(self.group.cloud.containers().values()))
        (network,) = node.attrs["NetworkSettings"]["Networks"]
        authority = self.group.options.get("ssl_ca_certs")
        self._container = node.client.containers.run(
            node.image,
            entrypoint=["sleep", "infinity"],
            command=[],
            network=network,
            volumes={authority: {"bind": AUTHORITY, "mode": "ro"}} if authority else {},
            init=True,
            auto_remove=True,
            detach=True,
        )

    def run(self, *words: str) -> str:
        """What redis-cli says."""
        host, port = self.group.entrance
        token = self.group.options.get("password")
        guarded = ["--tls", "--cacert", AUTHORITY, "--no-auth-warning", "-a", token] if token else []
        ended = self._container.exec_run(["redis-cli", "-h", host, "-p", str(port), *guarded, *words])
        return str(ended.output.decode().strip())

    def close(self) -> None:
        """Remove the container."""
        self._container.remove(force=True)
