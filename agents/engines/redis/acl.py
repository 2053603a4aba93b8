"""Logins of a running node."""

from dataclasses import dataclass

from cachewright.agents.engines.redis import info
from cachewright.agents.engines.redis.acl_rules import AGENT, AclRules, marked, users
from cachewright.agents.engines.redis.connections import Connections, later
from cachewright.agents.planning.links import Reach


@dataclass(frozen=True, slots=True)
class RedisAcl:
    """The facet Acl of Redis and Valkey."""

    connections: Connections

    def apply_acl(self, node: Reach, acl_rules: AclRules) -> None:
        """ACL SETUSER for the clients' login, and the name of it all."""
        with later(f"cannot change the logins of {node}"):
            client = self.connections.client(node)
            transaction = client.pipeline(transaction=True)
            for user, rules in users(acl_rules, info.own_version(client)).items():
                transaction.execute_command("ACL", "SETUSER", user, "reset", *rules)
            if (old := marked(client.execute_command("ACL", "USERS"))) != acl_rules.name:
                transaction.execute_command("ACL", "DELUSER", f"{AGENT}:{old}")
            transaction.execute()
