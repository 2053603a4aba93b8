"""What keeps web pages out: any page that a browser shows may send requests to a server on this machine."""

import re
from collections.abc import Collection, Mapping
from ipaddress import ip_address

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(:[0-9]{1,5})?")
_FRIENDLY = (None, b"none", b"same-origin")


def refusal(headers: Mapping[bytes, bytes], scheme: str, allowed_hosts: Collection[str]) -> str | None:
    """Why a request is not answered, or None.

    Its `Host` must be an IP address, localhost or an allowed name (a name that an attacker rebinds to this machine
    is none of them), and what a browser tells of the page that sent it must say that it is our own.
    """
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if not _is_ours(host, allowed_hosts):
        return f"The Host header '{host}' is none of this server; see CACHEWRIGHT_ALLOWED_HOSTS."
    if headers.get(b"sec-fetch-site") not in _FRIENDLY:
        return "Requests from pages of other sites are not answered."
    origin = headers.get(b"origin")
    if origin is not None and origin.decode("latin-1").lower() != f"{scheme}://{host}":
        return "Requests from pages of other origins are not answered."
    return None


def _is_ours(host: str, allowed_hosts: Collection[str]) -> bool:
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match[1]
    return name == "localhost" or name.endswith(".localhost") or name in allowed_hosts or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
