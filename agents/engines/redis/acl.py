"""Logins of a running node."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

from cachewright.agents.engines.redis import info
from cachewright.agents.engines.redis.acl_rules import AGENT, AclRules, are_known, every_user, leaving, replaced, users
from cachewright.agents.engines.redis.connections import LOOK_TIMEOUT, Connections, later
from cachewright.agents.planning.links import Reach
from cachewright.controlplane.model.access_strings import rules_of

PIECE = 100  # passwords that are told at a time, in which nobody else is served
TRIED = f"{AGENT}-trial"  # a user that lets nobody in


@dataclass(frozen=True, slots=True)
class RedisAcl:
    """The facet Acl of Redis and Valkey."""

    connections: Connections

    def apply_acl(self, node: Reach, acl_rules: AclRules) -> None:
        """ACL SETUSER for the clients' login and the agent's, and the name of it all."""
        with later(f"cannot change the logins of {node}"):
            try:
                self._apply(node, acl_rules)
            except (AuthenticationError, NoPermissionError):
                self._apply(replace(node, login=False), acl_rules)

    def hint_acl(self, node: Reach, acl_rules: AclRules, ids: Collection[str]) -> None:
        """ACL SETUSER for these; others wait behind a node that hangs, so not for long."""
        with later(f"cannot change the logins of {node}"):
            client = self.connections.client(node, LOOK_TIMEOUT)
            wanted, names = users(acl_rules, info.own_version(client)), {u.name for u in acl_rules.users if u.id in ids}
            transaction = client.pipeline(transaction=True)
            for name in names:
                transaction.execute_command("ACL", "SETUSER", name, "reset", *wanted[name])
            transaction.execute()

    def _apply(self, node: Reach, acl_rules: AclRules) -> None:
        client = self.connections.client(node)
        transaction = client.pipeline(transaction=True)
        password = self.connections.credentials.password
        wanted = every_user(acl_rules, password, info.own_version(client))
        for user, rules in wanted.items():
            transaction.execute_command("ACL", "SETUSER", user, "reset", *rules)
        known = [name.decode() for name in _names(client)]
        if gone := leaving(acl_rules, wanted, known):
            transaction.execute_command("ACL", "DELUSER", *gone)
        for user in replaced(acl_rules, known):  # whoever was deleted is disconnected by the engine
            transaction.execute_command("CLIENT", "KILL", "USER", user)
        transaction.execute()

    def try_acl(self, node: Reach, access: str) -> str:
        """ACL SETUSER for a user that is off, and is gone again."""
        transaction = self.connections.client(node, LOOK_TIMEOUT).pipeline(transaction=True)
        transaction.execute_command("ACL", "SETUSER", TRIED, "reset", *rules_of(access))
        transaction.execute_command("ACL", "DELUSER", TRIED)
        try:
            said, _ = transaction.execute(raise_on_error=False)
        except (RedisError, OSError):
            return ""
        return str(said) if isinstance(said, ResponseError) else ""

    def passwords(self, node: Reach, user: str) -> frozenset[str] | None:
        """ACL GETUSER."""
        with later(f"cannot read what {node} knows of {user}"):
            told: Any = self.connections.client(node).acl_getuser(user)
        return None if told is None else frozenset(one.lstrip("#") for one in map(_text, told["passwords"]))

    def change_passwords(self, node: Reach, user: str, added: Sequence[str], removed: Sequence[str]) -> None:
        """ACL SETUSER, a piece at a time: an engine looks through all passwords for each that it is given."""
        words = (*(f"!{one}" for one in removed), *(f"#{one}" for one in reversed(added)))
        with later(f"cannot tell {node} the passwords of {user}"):
            client = self.connections.client(node)
            for begin in range(0, len(words), PIECE):
                client.execute_command("ACL", "SETUSER", user, *words[begin : begin + PIECE])

    def end_connections(self, node: Reach, user: str, age: int) -> None:
        """CLIENT KILL; MAXAGE, which does it at once, came with Redis 7.4 and Valkey 8."""
        with later(f"cannot end connections of {user} at {node}"):
            client = self.connections.client(node)
            every: Any = client.client_list()
            for one in every:
                if one["user"] == user and int(one["age"]) >= age:
                    client.execute_command("CLIENT", "KILL", "ID", one["id"])

    def shuts_out(self, node: Reach) -> bool:
        """What becomes of INFO, of which every look consists."""
        try:
            self.connections.client(node, LOOK_TIMEOUT).execute_command("INFO", "server")
        except (AuthenticationError, NoPermissionError):
            return True
        except (RedisError, OSError):
            return False
        return False

    def has_acl(self, node: Reach, acl_rules: AclRules) -> bool:
        """ACL LIST."""
        try:
            lines: Any = self.connections.client(node, LOOK_TIMEOUT).execute_command("ACL", "LIST")
        except (RedisError, OSError):
            return False
        return are_known(acl_rules, self.connections.credentials.password, lines)


def _text(word: str | bytes) -> str:
    return word.decode() if isinstance(word, bytes) else word


def _names(client: Redis) -> list[bytes]:
    names: list[bytes] = client.execute_command("ACL", "USERS")
    return names
