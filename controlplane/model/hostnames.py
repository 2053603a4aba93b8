"""The host names of endpoints and nodes, in the forms that AWS gives them.

Source: the ElastiCache user guide, "Finding connection endpoints" and "Connecting to nodes enabled with in-transit
encryption". A cache has the names of both forms at any time, with encryption and without, so that one that was told
stays valid when encryption changes. A node that changes hands keeps its names as well.
"""

from base64 import b32encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from cachewright.controlplane.model.cache import Address, Cache, Kind, Transit
from cachewright.controlplane.model.names import SUFFIX, node_id
from cachewright.controlplane.model.versions import Engine

ONLY = node_id(1)  # the id of the one node of a Redis or Valkey cluster

# By endpoint: the form without encryption, and the one with it.
_OF_GROUPS: dict[str, tuple[str, str]] = {
    "primary": ("{id}.{token}.ng.0001", "master.{id}.{token}"),
    "reader": ("{id}-ro.{token}.ng.0001", "replica.{id}.{token}"),
    "configuration": ("{id}.{token}.clustercfg", "clustercfg.{id}.{token}"),
}
_OF_CLUSTERS: dict[str, tuple[str, str]] = {"configuration": ("{id}.{token}.cfg", "{id}.{token}.cfg")}
_SERVERLESS = ("{id}-{token}.serverless", "{id}-{token}.serverless")  # one name, at two ports
_ENDPOINTS = {
    Kind.REPLICATION_GROUP: _OF_GROUPS,
    Kind.CACHE_CLUSTER: _OF_CLUSTERS,
    Kind.SERVERLESS_CACHE: {"primary": _SERVERLESS, "reader": _SERVERLESS},
}

_DIRECTIONS = {"northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw"}
_IRREGULAR = {"cn-northwest-1": "cnw1"}


@dataclass(frozen=True, slots=True)
class Naming:
    """How endpoints are called: under which suffix, and whether callers are told so or told IP addresses."""

    suffix: str = SUFFIX
    on: bool = False

    def names(self, cache: Cache, part: str) -> tuple[str, ...]:
        """The host names of an endpoint (`primary`, `reader`, `configuration`) or node; callers are told the first."""
        place = f"{region_code(cache.key.region)}.{self.suffix}"
        return tuple(dict.fromkeys(f"{name}.{place}" for name in _names(cache, part)))

    def hosts(self, cache: Cache) -> dict[str, str]:
        """The host name that callers are told, by endpoint or node; none while names are off."""
        return {part: self.names(cache, part)[0] for part in _parts(cache)} if self.on else {}

    def records(self, cache: Cache) -> dict[str, str]:
        """The address behind every host name of a cache; none while names are off."""
        if not self.on:
            return {}
        return {
            name: cache.status.shown_address(part).host for part in _parts(cache) for name in self.names(cache, part)
        }

    def led(self, cache: Cache) -> dict[Address, tuple[str, ...]]:
        """The host names by which encrypted clients are led to each endpoint, at a port that all share. One that two
        endpoints have is the first one's, as that of a serverless cache. None while names are off.
        """
        endpoints = cache.status.endpoints if self.on and cache.spec.transit is not Transit.OFF else {}
        found: dict[Address, tuple[str, ...]] = {}
        taken = set[str]()
        for part, address in endpoints.items():
            found[address] = tuple(name for name in self.names(cache, part) if name not in taken)
            taken.update(found[address])
        return found

    def announced(self, cache: Cache, node: str) -> str:
        """The host name that a node of an encrypted cluster gives itself in CLUSTER SLOTS and redirections, as on AWS
        (`cluster-preferred-endpoint-type` is `tls-dynamic`). Empty: it goes by its address.

        Redis can do that since version 7, Valkey always could.
        """
        encrypted = cache.spec.clustered and cache.spec.transit is not Transit.OFF
        able = cache.spec.engine is Engine.VALKEY or int(cache.spec.version.partition(".")[0]) >= 7
        return self.names(cache, node)[0] if self.on and encrypted and able else ""


def region_code(region: str) -> str:
    """A region in short, as AWS has it in host names: `use1` for us-east-1, `apne1` for ap-northeast-1."""
    area, *words, number = region.split("-")
    code = "".join(_DIRECTIONS.get(word, word[0]) for word in words)
    return _IRREGULAR.get(region, f"{area}{code}{number}")


def token(account: str, region: str, name: str) -> str:
    """The six characters that tell resources of the same name apart; always the same for the same resource."""
    return b32encode(sha256(f"{account}/{region}/{name}".encode()).digest())[:6].decode().lower()


def _parts(cache: Cache) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*cache.status.nodes, *cache.status.endpoints)))


def _names(cache: Cache, part: str) -> Iterator[str]:
    encrypted = cache.spec.transit is not Transit.OFF
    plain, secure = _of_node(cache, part) if "." in part else _of_endpoint(cache, part)
    yield from (*secure, *plain) if encrypted else (*plain, *secure)


def _of_endpoint(cache: Cache, endpoint: str) -> tuple[Iterable[str], Iterable[str]]:
    own = token(cache.key.account, cache.key.region, cache.key.id)
    plain, secure = (form.format(id=cache.key.id, token=own) for form in _ENDPOINTS[cache.key.kind][endpoint])
    return (plain,), (secure,)


def _of_node(cache: Cache, node: str) -> tuple[Iterable[str], Iterable[str]]:
    return _plain(cache, node), _secure(cache, node)


def _plain(cache: Cache, node: str) -> Iterator[str]:
    """A node by the resource that it belongs to, by those that it belonged to, and as it would be called alone."""
    cluster, _, number = node.rpartition(".")
    for owner in (cache.key.id, *(origin.id for origin in cache.spec.origins), cluster):
        yield f"{cluster}.{token(cache.key.account, cache.key.region, owner)}.{number}"


def _secure(cache: Cache, node: str) -> Iterator[str]:
    """A node by the groups that it belongs or belonged to."""
    cluster, _, number = node.rpartition(".")
    member = cluster if number == ONLY else f"{cluster}-{number}"
    owners = ((cache.key.kind, cache.key.id), *((origin.kind, origin.id) for origin in cache.spec.origins))
    for kind, owner in owners:
        if kind is Kind.REPLICATION_GROUP:
            yield f"{member}.{owner}.{token(cache.key.account, cache.key.region, owner)}"
