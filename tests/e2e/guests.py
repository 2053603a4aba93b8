"""An application in a container on the network of the caches."""

from docker.models.containers import Container

from tests.e2e.cloud import Place
from tests.e2e.encrypted import Options
from tests.e2e.sharded import Sharded

AUTHORITY = "/tmp/ca.pem"  # where the container has it


def said_inside(group: Sharded, *words: str) -> str:
    """What the engine's command line says in a container of its own that comes to a group by its entrance."""
    return said_beside(next(iter(group.cloud.containers().values())), group.entrance, group.options, *words)


def said_beside(node: Container, where: Place, options: Options, *words: str) -> str:
    """The same in a container that has the image and the network of a node."""
    (network,) = node.attrs["NetworkSettings"]["Networks"]
    (host, port), authority = where, options.get("ssl_ca_certs")
    tls = ["--tls", "--cacert", AUTHORITY] if authority else []
    user = ["--user", options["username"]] if "username" in options else []
    password = ["--no-auth-warning", "--pass", options["password"]] if "password" in options else []
    said: bytes = node.client.containers.run(
        node.image,
        entrypoint=[f"{node.image.labels['cachewright.engine']}-cli"],
        command=["-h", host, "-p", str(port), *tls, *user, *password, *words],
        network=network,
        volumes={authority: {"bind": AUTHORITY, "mode": "ro"}} if authority else {},
        remove=True,
    )
    return said.decode().strip()
