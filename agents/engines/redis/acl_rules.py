"""The logins that a node knows: the agent's own, and what the clients use. Passwords are given as SHA-256."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from cachewright.agents.engines.redis.restricted_commands import restrictions
from cachewright.agents.planning.links import Link
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.fingerprints import fingerprints_of

AGENT = "cachewright"
FENCED = "cachewright-fenced"  # a user that lets nobody in: it tells that writes are held back for a switchover
CHANNELS_FROM = (6, 2)  # the version that knows rules about channels
_UNSAID = frozenset({"&*", "sanitize-payload", "alldbs"})  # what some versions list of whom nothing is kept from


def everything(version: tuple[int, ...]) -> tuple[str, ...]:
    """The rules of a login that may do everything, for a Redis (or a Valkey's compatible Redis) of that version."""
    return ("~*", "&*", "+@all") if version >= CHANNELS_FROM else ("~*", "+@all")


@dataclass(frozen=True, slots=True)
class Credentials:
    """With what the agent enters nodes, and replicas enter encrypted ones."""

    password: str = field(repr=False)
    authority: Path  # the certificate that encrypted nodes' are checked against; it is there as soon as they are


@dataclass(frozen=True, slots=True)
class AclRules:
    """What clients may do."""

    auth: Auth
    restricted: bool  # not what AWS keeps for itself
    name: str  # the digest of all this, see Fingerprints.access


def acl_rules(spec: Spec) -> AclRules:
    """What the clients of a cache may do."""
    return AclRules(spec.auth, spec.restricted, fingerprints_of(spec).access)


def replication_settings(primary: Link, credentials: Credentials) -> Mapping[str, str]:
    """What an encrypted replica needs to know about the link to its primary: encrypted links end at encrypted ones."""
    if not primary.encrypted:
        return {"tls-replication": "no", "masteruser": "", "masterauth": ""}
    return {"tls-replication": "yes", "masteruser": AGENT, "masterauth": credentials.password}


def users(acl_rules: AclRules, version: tuple[int, ...]) -> Mapping[str, tuple[str, ...]]:
    """The rules of each login that clients have part in. One of them lets nobody in: its name tells which logins the
    node knows, so that whoever asks need not see them.
    """
    passwords = tuple(f"#{token}" for token in acl_rules.auth.tokens)
    entrance = passwords if acl_rules.auth.required else ("nopass",)
    refused = restrictions(version, hashes=not acl_rules.auth.tokens) if acl_rules.restricted else ()
    allowed = (*everything(version), *refused)
    return {"default": ("on", *entrance, *allowed), marker(acl_rules): ("off",)}


def rows(acl_rules: AclRules, password: str, version: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """The same as options of the engine, and the agent's own login: what it takes to enter cannot be read in it."""
    every = every_user(acl_rules, password, version).items()
    return tuple(("user", name, "reset", *rules) for name, rules in every)


def every_user(acl_rules: AclRules, password: str, version: tuple[int, ...]) -> Mapping[str, tuple[str, ...]]:
    """The rules of each login that is Cachewright's business."""
    own = ("on", f"#{sha256(password.encode()).hexdigest()}", *everything(version))
    return {**users(acl_rules, version), AGENT: own}


def are_known(acl_rules: AclRules, password: str, lines: Iterable[str | bytes]) -> bool:
    """Whether an engine knows these logins, by what it lists. How it lists commands that are kept from clients
    depends on its version: this is for rules that keep none.
    """
    listed = (line.decode() if isinstance(line, bytes) else line for line in lines)
    found = {name: frozenset(rules) - _UNSAID for _, name, *rules in (line.split() for line in listed)}
    wanted = every_user(replace(acl_rules, restricted=False), password, CHANNELS_FROM)
    return all(
        name in found and (name == marker(acl_rules) or found[name] == frozenset(rules) - _UNSAID)
        for name, rules in wanted.items()
    )


def marker(acl_rules: AclRules) -> str:
    """The name of the user that tells which logins a node knows."""
    return f"{AGENT}:{acl_rules.name}"


def fenced(names: Iterable[str | bytes]) -> bool:
    """Whether a node says by the names of its users that it holds writes back for a switchover."""
    return any(name in (FENCED, FENCED.encode()) for name in names)


def marked(names: Iterable[str | bytes]) -> str:
    """Which logins a node knows, from the names of its users; empty when it does not say."""
    for name in names:
        text = name.decode() if isinstance(name, bytes) else name
        if text.startswith(f"{AGENT}:"):
            return text.partition(":")[2]
    return ""
