"""How whoever administers what runs on several hosts proves who it is, and is answered by nobody else.

Whoever reaches a host reaches the ports by which its gateway and its directory are told, so these take nobody without a
certificate of the installation.
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True, slots=True)
class Administration:
    """What a gateway or a directory, and whoever administers it, prove with who they are; PEM."""

    certificate: bytes
    key: bytes = field(repr=False)
    authority: bytes  # who else has a certificate of it may administer


def proof(administration: Administration) -> ssl.SSLContext:
    """For connections to what is administered, which proves the same: of whom both have a certificate is the only one
    that gives any, so that no name has to be compared.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=administration.authority.decode())
    with TemporaryDirectory(prefix="cachewright-") as directory:  # Python reads them from files only
        path = Path(directory, "administration.pem")
        path.touch(mode=0o600)
        path.write_bytes(administration.certificate + administration.key)
        context.load_cert_chain(path)
    return context
