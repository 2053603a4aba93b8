"""What keeps web pages out: any page that a browser shows may send requests to a server on this machine.

Browsers tell whose page sent a request, but for one: a plain GET (an image, a link) to an address that is neither
encrypted nor loopback comes without `Origin` and `Sec-Fetch-Site`. So what changes anything has to be signed as well.
"""

import re
from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(:[0-9]{1,5})?")
_FRIENDLY = (None, b"none", b"same-origin")


def refusal(headers: Mapping[bytes, bytes], scheme: str, allowed_hosts: Collection[str], reached: str) -> str | None:
    """Why a request is not answered, or None.

    Its `Host` must be localhost or loopback, the address that it `reached` us at, or an allowed name or address: a name
    that an attacker rebinds to this machine is none of them, nor is an address that only leads here, such as 0.0.0.0.
    What a browser tells of the page that sent it must say that it is our own.
    """
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if not _is_ours(host, allowed_hosts, reached):
        return f"The Host header '{host}' is none of this server; see CACHEWRIGHT_ALLOWED_HOSTS."
    if headers.get(b"sec-fetch-site") not in _FRIENDLY:
        return "Requests from pages of other sites are not answered."
    origin = headers.get(b"origin")
    if origin is not None and origin.decode("latin-1").lower() != f"{scheme}://{host}":
        return "Requests from pages of other origins are not answered."
    return None


def is_signed(headers: Mapping[str, str], fields: Mapping[str, str]) -> bool:
    """Whether a request comes from a program: every AWS client signs what it sends, with any credentials. No page can
    set the header `Authorization` for another origin; a presigned request is an address that a page can make up, but
    not without the browser calling itself one.
    """
    presigned = "X-Amz-Credential" in fields and not headers.get("user-agent", "").startswith("Mozilla/")
    return "authorization" in headers or presigned


def _is_ours(host: str, allowed_hosts: Collection[str], reached: str) -> bool:
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match[1].strip("[]")
    local = name == "localhost" or name.endswith(".localhost")
    return local or name in allowed_hosts or _is_reached(name, reached)


def _is_reached(name: str, reached: str) -> bool:
    """Whether it is the address that was reached, or loopback, which is this machine and no other."""
    try:
        address = _plain(name)
        return address.is_loopback or (bool(reached) and address == _plain(reached))
    except ValueError:
        return False


def _plain(name: str) -> IPv4Address | IPv6Address:
    """An address, of IPv4 by itself and not within IPv6."""
    address = ip_address(name)
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
