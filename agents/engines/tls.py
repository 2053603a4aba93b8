"""The files of an encrypted node: its certificate, its key, and the logins. Nothing of it is in the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cachewright.agents.engines.redis.acl_rules import Credentials, acl_rules, replication_settings, rows
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.links import SHADOW_PORT, Link
from cachewright.controlplane.model.cache import Spec, Transit
from cachewright.controlplane.model.versions import Engine

AUTHORITY = "ca.pem"  # the file of the data directory against which certificates are checked
HOME = "/cachewright"
CONFIGURATION = f"{HOME}/engine.conf"
SOURCE_AUTHORITIES = f"{HOME}/source-ca.crt"  # of who may have signed the certificate of a source of the user's
_CERTIFICATE, _KEY, NODE_AUTHORITY = f"{HOME}/node.crt", f"{HOME}/node.key", f"{HOME}/ca.crt"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a node proves with who it is; PEM."""

    certificate: bytes
    key: bytes = field(repr=False)
    authority: bytes


def files(
    spec: Spec, identity: Identity, credentials: Credentials, link: Link, version: tuple[int, ...]
) -> tuple[File, ...]:
    """What is copied into an encrypted node before it starts; `link`: how it reaches whom it follows, now or one day.
    Memcached has no logins, and no configuration file.
    """
    proof = (
        File(_CERTIFICATE, identity.certificate),
        File(_KEY, identity.key),
        File(NODE_AUTHORITY, identity.authority),
    )
    if spec.engine is Engine.MEMCACHED:
        return proof
    words = [" ".join(map(_quoted, row)) for row in rows(acl_rules(spec), credentials.password, version)]
    settings = replication_settings(link, credentials)
    words += [f"{name} {value}" for name, value in settings.items() if value]
    return (File(CONFIGURATION, "\n".join([*words, ""]).encode()), *proof)


def flags(spec: Spec) -> tuple[str, ...]:
    """The part of Memcached's command line that makes a node take encrypted connections, and no others."""
    return ("-Z", "-o", f"ssl_chain_cert={_CERTIFICATE},ssl_key={_KEY}") if spec.transit is not Transit.OFF else ()


def options(spec: Spec, port: int) -> Mapping[str, tuple[str | int, ...]]:
    """The part of the command line that makes a node take encrypted connections on that port."""
    if spec.transit is Transit.OFF:
        return {}
    ports = {"tls-port": (SHADOW_PORT,)} if spec.transit is Transit.PREFERRED else {"port": (0,), "tls-port": (port,)}
    return {
        **ports,
        "tls-cert-file": (_CERTIFICATE,),
        "tls-key-file": (_KEY,),
        "tls-ca-cert-file": (NODE_AUTHORITY,),
        "tls-auth-clients": ("no",),
    }


def _quoted(word: str) -> str:
    """A word as the engines' configuration files have it: quotation marks and backslashes mean something there."""
    if not {'"', "'", "\\"} & set(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
