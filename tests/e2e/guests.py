"""An application in a container on the network of the caches."""

from tests.e2e.sharded import Sharded

AUTHORITY = "/tmp/ca.pem"  # where the container has it


def said_inside(group: Sharded, *words: str) -> str:
    """What redis-cli says in a container of its own that comes to a group by its entrance."""
    node = next(iter(group.cloud.containers().values()))
    (network,) = node.attrs["NetworkSettings"]["Networks"]
    (host, port), options = group.entrance, group.options
    authority, token = options.get("ssl_ca_certs"), options.get("password")
    guarded = ["--tls", "--cacert", AUTHORITY, "--no-auth-warning", "-a", token] if token else []
    said: bytes = node.client.containers.run(
        node.image,
        entrypoint=["redis-cli"],
        command=["-h", host, "-p", str(port), *guarded, *words],
        network=network,
        volumes={authority: {"bind": AUTHORITY, "mode": "ro"}} if authority else {},
        remove=True,
    )
    return said.decode().strip()
