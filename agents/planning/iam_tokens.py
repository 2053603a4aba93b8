"""Tokens of users of type `iam`: presigned requests, which are the same whoever signs one in a second. Pure.

Source: the ElastiCache user guide, "Authenticating with IAM".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cachewright.controlplane.model.access_keys import AccessKey, Role
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.sigv4 import (
    ALGORITHM,
    MOMENT,
    Scope,
    Signed,
    digest,
    encoded,
    signature,
    string_to_sign,
)
from cachewright.controlplane.model.users import Authentication

LIFETIME = 900  # seconds for which AWS takes a token
CONNECTION = 12 * 3600  # seconds after which AWS ends a connection that a token has opened
BATCH = 10  # seconds after which the engines are told others; a token is taken for so much longer at most
AHEAD = 120  # seconds of tokens that are not made yet: while nobody tells the engines, and for clocks that are ahead

_SERVICE = "elasticache"
_HASHED, _SIGNATURE, _TOKEN = "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token"
_ASKED = ("Action", "User")
_SIGNED = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires")
_ORDERS = (  # in which signers write the parameters
    (*_ASKED, *_SIGNED, _HASHED, _TOKEN, _SIGNATURE),  # botocore's, and Rust's
    (*_ASKED, *_SIGNED, _TOKEN, _HASHED, _SIGNATURE),  # Go's: by name, and the signature last
    (*_ASKED, *_SIGNED, _TOKEN, _SIGNATURE, _HASHED),  # JavaScript's: by name
    (*_ASKED, _TOKEN, _SIGNED[0], _SIGNED[2], _HASHED, _SIGNED[3], _SIGNED[1], _SIGNATURE),  # Java's
)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a token lets in to, and as whom. The name of the cache is its host in the request."""

    cache: str
    user: str
    region: str
    account: str


def entrances(cache: Cache) -> list[Entrance]:
    """The users of type `iam` of a cache."""
    key = cache.key
    users = (user.name for user in cache.spec.users if user.authentication is Authentication.IAM)
    return [Entrance(key.id, user, key.region, key.account) for user in users]


def window(now: datetime) -> range:
    """The seconds whose tokens are taken now, and until the next batch."""
    begin = int(now.timestamp()) // BATCH * BATCH
    return range(begin - LIFETIME, begin + BATCH + AHEAD)


def ends_connections(seconds: range) -> bool:
    """Whether connections are to be looked through as well: once a minute."""
    return seconds.start // BATCH % (60 // BATCH) == 0


def hashes(entrance: Entrance, keys: Iterable[AccessKey], seconds: Iterable[int]) -> dict[str, None]:
    """SHA-256 of the tokens made in these seconds, in order, by the keys of the account that may do more than read."""
    able = [key for key in keys if key.account == entrance.account and key.role is Role.WRITER]
    made = ((key, second) for second in seconds for key in able)
    return {digest(token.encode()): None for key, second in made for token in tokens(entrance, key, second)}


def tokens(entrance: Entrance, key: AccessKey, second: int) -> list[str]:
    """The token that a key makes in a second since 1970, in every order of its parameters."""
    moment = datetime.fromtimestamp(second, UTC).strftime(MOMENT)
    scope = Scope(moment[:8], entrance.region, _SERVICE)
    query = {"Action": "connect", "User": entrance.user, "X-Amz-Algorithm": ALGORITHM, _HASHED: "host"}
    query |= {"X-Amz-Credential": f"{key.id}/{scope}", "X-Amz-Date": moment, "X-Amz-Expires": str(LIFETIME)}
    if key.session_token:
        query[_TOKEN] = key.session_token
    request = Signed("GET", "/", tuple(query.items()), (("host", entrance.cache),))
    query[_SIGNATURE] = signature(key.secret, scope, string_to_sign(moment, scope, request.canonical))
    written = {name: f"{name}={encoded(value)}" for name, value in query.items()}
    orders = ("&".join(written[name] for name in order if name in written) for order in _ORDERS)
    return [f"{entrance.cache}/?{text}" for text in dict.fromkeys(orders)]
