"""How whoever administers a gateway proves who it is."""

import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

from cachewright.agents.gateway.hosted import Administration


def proof(administration: Administration) -> ssl.SSLContext:
    """For connections to gateways, which prove the same: of whom both have a certificate is the only one that gives
    any, so that no name has to be compared.
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
