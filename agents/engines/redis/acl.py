"""Logins of a running node."""

from dataclasses import dataclass, replace
from typing import Any

from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from cachewright.agents.engines.redis import info
from cachewright.agents.engines.redis.acl_rules import AGENT, AclRules, are_known, every_user, marked
from cachewright.agents.engines.redis.connections import LOOK_TIMEOUT, Connections, later
from cachewright.agents.planning.links import Reach


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

    def _apply(self, node: Reach, acl_rules: AclRules) -> None:
        client = self.connections.client(node)
        transaction = client.pipeline(transaction=True)
        password = self.connections.credentials.password
        for user, rules in every_user(acl_rules, password, info.own_version(client)).items():
            transaction.execute_command("ACL", "SETUSER", user, "reset", *rules)
        if (old := marked(client.execute_command("ACL", "USERS"))) != acl_rules.name:
            transaction.execute_command("ACL", "DELUSER", f"{AGENT}:{old}")
        transaction.execute()

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
