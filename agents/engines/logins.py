"""The logins that a guarded node knows: the agent's own, and what the clients use. Passwords are given as SHA-256."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from agents.planning.links import Link
from controlplane.model.cache import Auth

AGENT = "cachewright"
CHANNELS_FROM = (6, 2)  # the version that knows rules about channels


def everything(version: tuple[int, ...]) -> tuple[str, ...]:
    """The rules of a login that may do everything, for a Redis (or a Valkey's compatible Redis) of that version."""
    return ("~*", "&*", "+@all") if version >= CHANNELS_FROM else ("~*", "+@all")


@dataclass(frozen=True, slots=True)
class Credentials:
    """With what the agent, and replicas, enter guarded nodes."""

    password: str = field(repr=False)
    authority: Path  # the certificate that their certificates are checked against


def replication_settings(primary: Link, credentials: Credentials) -> Mapping[str, str]:
    """What a guarded replica needs to know about the link to its primary: encrypted ones end at a guarded primary."""
    if not primary.encrypted:
        return {"tls-replication": "no", "masteruser": "", "masterauth": ""}
    return {"tls-replication": "yes", "masteruser": AGENT, "masterauth": credentials.password}


def users(auth: Auth, access: str, version: tuple[int, ...]) -> Mapping[str, tuple[str, ...]]:
    """The rules of each login that clients have part in. One of them lets nobody in: its name tells which logins the
    node knows, so that whoever asks need not see them.
    """
    passwords = tuple(f"#{token}" for token in auth.tokens)
    entrance = passwords if auth.required else ("nopass",)
    return {"default": ("on", *entrance, *everything(version)), f"{AGENT}:{access}": ("off",)}


def lines(auth: Auth, access: str, password: str, version: tuple[int, ...]) -> tuple[str, ...]:
    """The same as lines of a configuration file, and the agent's own login."""
    own = ("on", f"#{sha256(password.encode()).hexdigest()}", *everything(version))
    every = {**users(auth, access, version), AGENT: own}
    return tuple(f"user {name} reset {' '.join(rules)}" for name, rules in every.items())


def marked(names: Iterable[str | bytes]) -> str:
    """Which logins a node knows, from the names of its users; empty when it does not say."""
    for name in names:
        text = name.decode() if isinstance(name, bytes) else name
        if text.startswith(f"{AGENT}:"):
            return text.partition(":")[2]
    return ""
