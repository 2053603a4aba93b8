"""What single settings may be: each function takes a value and returns it as it is used, or raises ValueError."""

import json
import re
from ipaddress import ip_address
from pathlib import Path

from cachewright.controlplane.model.quotas import HIGHEST, QUOTAS

LONGEST_SUFFIX = 120  # characters, so that the longest name under it is one
LOWEST_PORT = 1150  # that ElastiCache allows for a cache
MOST_PORTS = 4096  # a container that publishes more takes minutes to start
DIALECTS = ("sqlite", "postgresql")

_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\.?")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]{1,16}){1,3}-[0-9]{1,2}")
_NUMBER = re.compile(r"[0-9]{1,6}")
_ZONE = re.compile(r"[a-z]")


def parts(value: object) -> object:
    """Several values, as JSON or with commas between them; whatever is no text is left as it is."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith(("[", "{", '"')):
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"it is no JSON: {error.msg.lower()}") from error
    return [part.strip() for part in value.split(",")]


def host(value: str) -> str:
    """An address or a host name to listen on."""
    if not _is_host(value):
        raise ValueError("it is neither an address nor a host name")
    return value


def directory(value: Path) -> Path:
    """A directory; `~` is the user's own."""
    try:
        return value.expanduser()
    except RuntimeError as error:
        raise ValueError("nobody knows whose home directory that is") from error


def database_url(value: str) -> str:
    """The URL of a database that the store can use; what stands behind the scheme is the store's affair."""
    scheme, separator, rest = value.partition("://")
    if value and (not separator or not rest or scheme.partition("+")[0] not in DIALECTS):
        raise ValueError(f"it is no URL of {' or '.join(DIALECTS)}")
    return value


def port_range(value: tuple[int, int]) -> tuple[int, int]:
    """The first and the last port of a range; the last one is the agent's own."""
    first, last = value
    if not LOWEST_PORT <= first < last <= 65535:
        raise ValueError(f"the first port must be at least {LOWEST_PORT} and below the last, that at most 65535")
    if last - first >= MOST_PORTS:
        raise ValueError(f"there may be {MOST_PORTS} ports at most")
    return value


def region(value: str) -> str:
    """A name that a region of AWS may have."""
    if not _REGION.fullmatch(value):
        raise ValueError("it is no region")
    return value


def domain(value: str) -> str:
    """What host names end in."""
    found = value.strip(".").lower()
    if len(found) > LONGEST_SUFFIX or not _DOMAIN.fullmatch(found):
        raise ValueError(f"it is no domain name of at most {LONGEST_SUFFIX} characters")
    return found


def zone_letters(value: tuple[str, ...]) -> tuple[str, ...]:
    """At least one letter, none twice."""
    if not value or len(set(value)) != len(value) or not all(map(_ZONE.fullmatch, value)):
        raise ValueError("it needs one lower-case letter for each zone, none twice")
    return value


def host_names(value: tuple[str, ...]) -> tuple[str, ...]:
    """Names or addresses, without ports."""
    for name in value:
        if not _is_host(name):
            raise ValueError(f"'{name}' is neither a host name nor an address, without a port")
    return value


def quotas(value: object) -> object:
    """Numbers by the names of quotas, as JSON or as `name=number` with commas between them."""
    found = parts(value)
    if isinstance(found, list):
        found = _named(found)
    if not isinstance(found, dict):
        raise ValueError("it needs the name of a quota with its number")
    for name, number in found.items():
        if name not in QUOTAS:
            raise ValueError(f"'{name}' is no quota; there are {', '.join(QUOTAS)}")
        if not _NUMBER.fullmatch(str(number)) or int(number) > HIGHEST:
            raise ValueError(f"'{number}' of {name} is no number from 0 to {HIGHEST}")
    return found


def _named(pairs: list[object]) -> dict[str, str]:
    named: dict[str, str] = {}
    for pair in map(str, pairs):
        name, separator, number = map(str.strip, pair.partition("="))
        if not separator:
            raise ValueError(f"'{pair}' is no quota with its number")
        if name in named:
            raise ValueError(f"{name} is given twice")
        named[name] = number
    return named


def _is_host(value: str) -> bool:
    """No name of a host ends in a number: it would be taken for an address."""
    named = _HOST.fullmatch(value.lower()) and not value.rstrip(".").rpartition(".")[2].isdigit()
    return bool(named) or _is_address(value)


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True
