"""The logins that a node knows: the agent's own, and what the clients use. Passwords are given as SHA-256."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from cachewright.agents.engines.redis.restricted_commands import kept_besides, restrictions
from cachewright.agents.planning.links import Link
from cachewright.controlplane.model.access_strings import commands_in, is_selector, rules_of
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.users import DEFAULT, Authentication, User

AGENT = "cachewright"
FENCED = "cachewright-fenced"  # a user that lets nobody in: it tells that writes are held back for a switchover
CHANNELS_FROM = (6, 2)  # the version that knows rules about channels
BETWEEN = "="  # the digest of logins and who they are, in the name of the user that tells it
_SHORT = 8  # hexadecimal digits that tell users apart
_ALL_CHANNELS = frozenset({"allchannels", "&*"})
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
    user_group: str = ""  # whose users may enter; empty: whoever knows a token, if there are tokens
    users: tuple[User, ...] = ()
    serverless: bool = False  # nor what it keeps for itself at serverless caches


def acl_rules(spec: Spec) -> AclRules:
    """What the clients of a cache may do."""
    digest, group = fingerprints_of(spec).access, spec.user_group
    return AclRules(spec.auth, spec.restricted, digest, group, spec.users, spec.serverless)


def replication_settings(primary: Link, credentials: Credentials) -> Mapping[str, str]:
    """What an encrypted replica needs to know about the link to its primary: encrypted links end at encrypted ones."""
    if not primary.encrypted:
        return {"tls-replication": "no", "masteruser": "", "masterauth": ""}
    return {"tls-replication": "yes", "masteruser": AGENT, "masterauth": credentials.password}


def users(acl_rules: AclRules, version: tuple[int, ...]) -> Mapping[str, tuple[str, ...]]:
    """The rules of each login that clients have part in. One of them lets nobody in: its name tells which logins the
    node knows, so that whoever asks need not see them.
    """
    told = _of_users(acl_rules, version) if acl_rules.user_group else _of_tokens(acl_rules, version)
    return {**told, marker(acl_rules): ("off",)}


def _of_tokens(acl_rules: AclRules, version: tuple[int, ...]) -> Mapping[str, tuple[str, ...]]:
    passwords = tuple(f"#{token}" for token in acl_rules.auth.tokens)
    entrance = passwords if acl_rules.auth.required else ("nopass",)
    allowed = everything(version)
    refused = _refused(acl_rules, version, allowed, hashes=not passwords)
    return {DEFAULT: ("on", *entrance, *allowed, *refused)}


def _of_users(acl_rules: AclRules, version: tuple[int, ...]) -> Mapping[str, tuple[str, ...]]:
    hashes = not any(user.passwords for user in acl_rules.users)
    return {DEFAULT: ("off",)} | {
        user.name: (*entrance(user), *_allowed(user, acl_rules, version, hashes=hashes)) for user in acl_rules.users
    }


def entrance(user: User) -> tuple[str, ...]:
    """With what a user enters. Those of type `iam` have passwords of the moment."""
    return ("nopass",) if user.authentication is Authentication.NO_PASSWORD else tuple(f"#{p}" for p in user.passwords)


def _refused(acl_rules: AclRules, version: tuple[int, ...], rules: Sequence[str], *, hashes: bool) -> tuple[str, ...]:
    """What takes away what AWS keeps for itself, to come after these rules."""
    if not acl_rules.restricted:
        return ()
    besides = kept_besides(version) if acl_rules.serverless else ()
    return (*restrictions(version, rules, hashes=hashes), *besides)


def _allowed(user: User, acl_rules: AclRules, version: tuple[int, ...], *, hashes: bool) -> Iterator[str]:
    """The rules of an access string, and after them what is taken away whatever it says: of each selector as well,
    which grants by itself.
    """
    rules = [rule for rule in rules_of(user.access) if version >= CHANNELS_FROM or rule not in _ALL_CHANNELS]
    for rule in rules:
        if acl_rules.restricted and is_selector(rule):
            within = commands_in(rule)
            yield " ".join((*within, *_refused(acl_rules, version, within, hashes=hashes))).join("()")
        else:
            yield rule
    if user.id == DEFAULT and version >= CHANNELS_FROM:
        yield "allchannels"  # which the engines' own user of that name has without being given them
    yield from _refused(acl_rules, version, rules, hashes=hashes)


def rows(acl_rules: AclRules, password: str, version: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """The same as options of the engine, and the agent's own login: what it takes to enter cannot be read in it."""
    every = every_user(acl_rules, password, version).items()
    return tuple(("user", name, "reset", *(word for rule in rules for word in rule.split())) for name, rules in every)


def every_user(acl_rules: AclRules, password: str, version: tuple[int, ...]) -> Mapping[str, tuple[str, ...]]:
    """The rules of each login that is Cachewright's business."""
    own = ("on", f"#{_digest(password)}", *everything(version))
    return {**users(acl_rules, version), AGENT: own}


def are_known(acl_rules: AclRules, password: str, lines: Iterable[str | bytes]) -> bool:
    """Whether an engine knows these logins, by what it lists. How it lists commands that are kept from clients
    depends on its version: this is for rules that keep none. It lists an access string in other words than were given:
    of users it is compared who there is, and with what they enter.
    """
    listed = (line.decode() if isinstance(line, bytes) else line for line in lines)
    found = {name: frozenset(rules) - _UNSAID for _, name, *rules in (line.split() for line in listed)}
    if acl_rules.user_group:
        own = {AGENT: (f"#{_digest(password)}",), **{user.name: entrance(user) for user in acl_rules.users}}
        return marker(acl_rules) in found and all(frozenset(own[name]) <= found.get(name, frozenset()) for name in own)
    wanted = every_user(replace(acl_rules, restricted=False), password, CHANNELS_FROM)
    return all(
        name in found and (name == marker(acl_rules) or found[name] == frozenset(rules) - _UNSAID)
        for name, rules in wanted.items()
    )


def marker(acl_rules: AclRules) -> str:
    """The name of the user that tells which logins a node knows, and who is behind the name of each."""
    who = "".join(identity for _, identity in sorted(identities(acl_rules).items()))
    return f"{AGENT}:{acl_rules.name}{BETWEEN}{who}" if who else f"{AGENT}:{acl_rules.name}"


def identities(acl_rules: AclRules) -> Mapping[str, str]:
    """Who is behind each name that clients may enter by, in short. Two users may have the same name, one after the
    other; without a user group there is one login, and it is nobody's.
    """
    if not acl_rules.user_group:
        return {DEFAULT: ""}
    nobody = {DEFAULT: ""} | {user.name: user.id for user in acl_rules.users}
    return {name: _digest(user)[:_SHORT] for name, user in nobody.items()}


def identities_in(names: Sequence[str]) -> Mapping[str, str]:
    """The same, of what a node knows now, from the names of its users; none where it does not say."""
    told = next((name for name in names if name.startswith(f"{AGENT}:")), "")
    who = told.partition(BETWEEN)[2]
    if not who:
        return {DEFAULT: ""} if told else {}
    others = sorted(name for name in names if not name.startswith(AGENT))
    if len(who) != _SHORT * len(others):
        return {}
    return {name: who[place * _SHORT : (place + 1) * _SHORT] for place, name in enumerate(others)}


def leaving(acl_rules: AclRules, wanted: Collection[str], known: Sequence[str]) -> list[str]:
    """The users that a node shall know no more. Those that clients have made are their own business where there is no
    user group.
    """
    before = any(name.startswith(f"{AGENT}:") and BETWEEN in name for name in known)
    whole = bool(acl_rules.user_group) or before
    ours = [name for name in known if whole or name.startswith(f"{AGENT}:")]
    return [name for name in ours if name not in (*wanted, FENCED)]


def replaced(acl_rules: AclRules, known: Sequence[str]) -> list[str]:
    """The names by which somebody else enters from now on: whoever has entered by them has to go.

    Source: the ElastiCache user guide: connections of a user that leaves a group end; those of one that is modified
    stay.
    """
    before, after = identities_in(known), identities(acl_rules)
    return [name for name, who in after.items() if before.get(name, who) != who]


def fenced(names: Iterable[str | bytes]) -> bool:
    """Whether a node says by the names of its users that it holds writes back for a switchover."""
    return any(name in (FENCED, FENCED.encode()) for name in names)


def marked(names: Iterable[str | bytes]) -> str:
    """Which logins a node knows, from the names of its users; empty when it does not say."""
    for name in names:
        text = name.decode() if isinstance(name, bytes) else name
        if text.startswith(f"{AGENT}:"):
            return text.partition(":")[2].partition(BETWEEN)[0]
    return ""


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
