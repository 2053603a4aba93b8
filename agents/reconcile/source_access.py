"""What a source of a migration is entered with, as the request for the migration named it."""

import ssl
from functools import cache

from cachewright.agents.engines.source_access import SourceAccess
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.source_logins.logins import SourceLogin
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.secret_arns import parsed
from cachewright.controlplane.model.upstreams import Upstream

_NOBODY = SourceLogin("", "")


def access_to(tools: Tools, source: Upstream) -> SourceAccess:
    """With the login of its secret as that is now. Later or Never when that cannot be read."""
    secret = parsed(source.secret)
    login = tools.source_logins.login(secret) if secret else _NOBODY
    authorities = _authorities(source.certificate) if source.encrypted else ""
    return SourceAccess(login.username, login.password, source.encrypted, authorities)


def _authorities(certificate: str) -> str:
    """The certificate that was given, else all that this machine trusts."""
    if not (found := certificate or _trusted()):
        raise Never("cannot check the certificate of the source: this machine trusts nobody; give SourceTlsCertificate")
    return found


@cache
def _trusted() -> str:
    every = ssl.create_default_context().get_ca_certs(binary_form=True)
    return "".join(map(ssl.DER_cert_to_PEM_cert, every))
