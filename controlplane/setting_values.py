"""What single settings may be: each function reads a value as somebody wrote it, in the environment or as an option,
and returns it as it is used, or raises ValueError in words for the user.
"""

import json
import math
import re
from collections.abc import Callable
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.quotas import HIGHEST, QUOTAS
from cachewright.controlplane.model.versions import EngineVersion, engine_named, requested_version

Word = TypeVar("Word", bound=StrEnum)

LONGEST_SUFFIX = 120  # characters, so that the longest name under it is one
LOWEST_PORT = 1150  # that ElastiCache allows for a cache
MOST_WARM = 100  # nodes of a version that run for nobody
MOST_PORTS = 4096  # a container that publishes more takes minutes to start
DIALECTS = ("sqlite", "postgresql")
SHORTEST, LONGEST = 0.01, 3600.0  # seconds between two looks

_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\.?")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]{1,16}){1,3}-[0-9]{1,2}")
_NUMBER = re.compile(r"[0-9]{1,6}")
_ZONE = re.compile(r"[a-z]")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_SWITCHES = {
    **dict.fromkeys(("on", "true", "yes", "t", "y", "1"), True),
    **dict.fromkeys(("off", "false", "no", "f", "n", "0"), False),
}


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within limits."""

    def read(text: str) -> int:
        value = int(text) if _WHOLE.fullmatch(text.strip()) else None
        if value is None or not least <= value <= most:
            raise ValueError(f"it is no whole number from {least} to {most}")
        return value

    return read


def seconds(text: str) -> float:
    """A span that is neither nothing nor endless."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not SHORTEST <= value <= LONGEST:
        raise ValueError(f"it is no number of seconds from {SHORTEST:g} to {LONGEST:g}")
    return value


def switch(text: str) -> bool:
    """On or off, in any of the usual words."""
    value = _SWITCHES.get(text.strip().lower())
    if value is None:
        raise ValueError("it is neither on nor off")
    return value


def one_of(kind: type[Word]) -> Callable[[str], Word]:
    """One of some words."""

    def read(text: str) -> Word:
        if text not in list(kind):
            raise ValueError(f"it is none of {', '.join(kind)}")
        return kind(text)

    return read


def _parsed(text: str) -> object:
    """Several values, as JSON or with commas between them."""
    if not text.lstrip().startswith(("[", "{", '"')):
        return [part.strip() for part in text.split(",")]
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error.msg.lower()}") from error


def _parts(text: str) -> list[str]:
    """A list of values."""
    found = _parsed(text)
    if not isinstance(found, list) or not all(isinstance(part, str | int) for part in found):
        raise ValueError("it is no list")
    return [str(part) for part in found]


def host(value: str) -> str:
    """An address or a host name to listen on."""
    if not _is_host(value):
        raise ValueError("it is neither an address nor a host name")
    return value


def path(value: str | Path) -> Path:
    """Of a file or a directory; `~` is the user's own."""
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise ValueError("nobody knows whose home directory that is") from error


def database_url(value: str) -> str:
    """The URL of a database that the store can use; what stands behind the scheme is the store's affair."""
    scheme, separator, rest = value.partition("://")
    if value and (not separator or not rest or scheme.partition("+")[0] not in DIALECTS):
        raise ValueError(f"it is no URL of {' or '.join(DIALECTS)}")
    return value


def url(value: str) -> str:
    """Where something is served over HTTP."""
    try:
        parsed = urlsplit(value)
        right = parsed.scheme in ("http", "https") and bool(parsed.hostname) and parsed.port != 0
    except ValueError:
        right = False
    if not right or value != value.strip():
        raise ValueError("it is no URL that begins with http:// or https://")
    return value


def port_range(value: str) -> tuple[int, int]:
    """The first and the last port of a range; the last one is the agent's own."""
    ports = [whole(0, 65535)(part) for part in _parts(value)]
    if len(ports) != 2:
        raise ValueError("it needs two ports, the first and the last")
    first, last = ports
    if not LOWEST_PORT <= first < last <= 65535:
        raise ValueError(f"the first port must be at least {LOWEST_PORT} and below the last, that at most 65535")
    if last - first >= MOST_PORTS:
        raise ValueError(f"there may be {MOST_PORTS} ports at most")
    return first, last


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


def zone_letters(value: str) -> tuple[str, ...]:
    """At least one letter, none twice."""
    letters = _parts(value)
    if not letters or len(set(letters)) != len(letters) or not all(map(_ZONE.fullmatch, letters)):
        raise ValueError("it needs one lower-case letter for each zone, none twice")
    return tuple(letters)


def host_names(value: str) -> tuple[str, ...]:
    """Names or addresses, without ports."""
    names = _parts(value)
    for name in names:
        if not _is_host(name):
            raise ValueError(f"'{name}' is neither a host name nor an address, without a port")
    return tuple(names)


def quotas(value: str) -> dict[str, int]:
    """Numbers by the names of quotas, as JSON or as `name=number` with commas between them."""
    found = _parsed(value)
    if isinstance(found, list):
        found = _named(found)
    if not isinstance(found, dict):
        raise ValueError("it needs the name of a quota with its number")
    for name, number in found.items():
        if name not in QUOTAS:
            raise ValueError(f"'{name}' is no quota; there are {', '.join(QUOTAS)}")
        if not _NUMBER.fullmatch(str(number)) or int(number) > HIGHEST:
            raise ValueError(f"'{number}' of {name} is no number from 0 to {HIGHEST}")
    return {name: int(number) for name, number in found.items()}


def warm(value: str) -> dict[EngineVersion, int]:
    """How many of each engine and version, as `redis:7.1=2` with commas between them."""
    found: dict[EngineVersion, int] = {}
    for word in _parts(value):
        release, separator, number = word.partition("=")
        engine, _, version = release.partition(":")
        if not separator or not _NUMBER.fullmatch(number) or int(number) > MOST_WARM:
            raise ValueError(f"'{word}' is no engine and version with a number up to {MOST_WARM}")
        try:
            row = requested_version(engine_named(engine), version or None)
        except Fault as fault:
            raise ValueError(fault.message) from fault
        found[row] = found.get(row, 0) + int(number)
    return {row: number for row, number in found.items() if number}


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
