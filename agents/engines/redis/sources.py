"""A Redis or Valkey of the user's that a cache is to follow, asked as replicas reach it."""

import re
import ssl
from collections.abc import Mapping
from socket import gaierror
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as Silent
from redis.retry import Retry

from cachewright.agents.engines.redis import info
from cachewright.agents.engines.source_access import OPEN, SourceAccess
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.migration import Source

_DATABASE = re.compile(r"db[0-9]+")  # that has keys, in INFO
TIMEOUT = 1.5  # seconds for a connection, and for each answer

# What is told of refusals, by words of the engines in them.
_REFUSALS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("DENIED", "protected mode"), "it is in protected mode, which `CONFIG SET protected-mode no` ends"),
    (("WRONGPASS", "invalid username-password", "invalid password"), "it does not take the login in the secret"),
    (("Authentication required", "NOAUTH"), "it asks for a password (AUTH), and migration has none"),
    (("without any password", "no password is set"), "it asks for no password, and the secret has one"),
    (("CERTIFICATE_VERIFY_FAILED",), "its certificate is signed by nobody that is trusted, see SourceTlsCertificate"),
    (("WRONG_VERSION_NUMBER", "record layer"), "it does not speak TLS there"),
    (("CERTIFICATE_REQUIRED", "certificate required"), "it asks clients for certificates (tls-auth-clients)"),
    (("LOADING", "loading the dataset"), "it is loading its data"),
    (("NOPERM", "no permissions", "unknown command"), "it refuses commands that migration needs: INFO, CONFIG GET"),
    (("refused",), "nobody listens there"),
)


def ask(address: Address, access: SourceAccess = OPEN) -> Source:
    """What it says of itself; Later with the reason in words, within seconds, when it does not."""
    try:
        client = _connected(address, access)
    except (OSError, ValueError) as error:
        raise Later("SourceTlsCertificate is no certificate in PEM") from error
    try:
        facts: Any = client.execute_command("INFO")
        databases: Any = client.config_get("databases")
        return _source(facts, databases)
    except (RedisError, OSError) as error:
        raise Later(_words(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Later("it does not answer as Redis does") from error
    finally:
        client.close()


def _connected(address: Address, access: SourceAccess) -> Redis:
    """Whether a certificate is of that very host is not looked at, as by replicas; AWS calls that `verify-ca`."""
    tls: dict[str, Any] = {}
    if access.encrypted:
        ssl.create_default_context(cadata=access.authorities)  # says what is wrong before anybody is asked
        tls = {"ssl": True, "ssl_ca_data": access.authorities, "ssl_check_hostname": False}
    return Redis(
        host=address.host,
        port=address.port,
        protocol=2,
        username=access.username or None,
        password=access.password or None,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        driver_info=None,
        **tls,
    )


def _source(facts: Mapping[str, Any], databases: Mapping[str, str]) -> Source:
    return Source(
        info.build(facts),
        used=int(facts["used_memory"]),
        databases=int(databases["databases"]),
        clustered=bool(facts["cluster_enabled"]),
        loading=bool(facts["loading"]),
        beyond=any(_DATABASE.fullmatch(name) and name != "db0" for name in facts),
        offset=info.replication(facts).offset,
    )


def _words(error: Exception) -> str:
    cause = error.__context__ or error
    if isinstance(error, Silent | TimeoutError) or isinstance(cause, TimeoutError):
        return f"it does not answer within {TIMEOUT} s"
    if isinstance(cause, gaierror):
        return "nobody knows an address of that name"
    said = str(error)
    return next((told for words, told in _REFUSALS if any(word in said for word in words)), "it does not answer")
