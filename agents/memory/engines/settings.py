"""Logins and parameter values of running nodes, on a pretend machine."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cachewright.agents.engines.redis.acl_rules import AclRules, marked, users
from cachewright.agents.engines.redis.directives import Configuration
from cachewright.agents.memory.engines.nodes import SHUT_OUT, PretendNodes, later, logins
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.access_strings import rules_of

_NEW = (7, 0)  # the version of pretend engines
PASSWORDS = "passwords of "  # begins the setting of a user
CONNECTIONS = "connections of "  # begins the setting of a user that has their ages, in seconds
LOGINS = "logins"  # the setting that says that somebody has changed the rules of a login


def told(process: Process) -> str:
    """All that a client may have told it of logins and parameters."""
    said = (*sorted(process.configuration.items()), process.settings.get("access"), process.settings.get(LOGINS))
    return str(said)


@dataclass(frozen=True, slots=True)
class PretendAcl:
    """The facet Acl."""

    nodes: PretendNodes

    def apply_acl(self, node: Reach, acl_rules: AclRules) -> None:
        """Remember which logins are known."""
        with later(f"cannot change the logins of {node}"):
            settings = self._entered(node, acl_rules).settings
            settings.pop(SHUT_OUT, None)
            settings["access"] = acl_rules.name
            settings["users"] = _told(acl_rules)
            settings.pop(LOGINS, None)
            for name in [name for name in settings if name.startswith(PASSWORDS)]:
                del settings[name]

    def hint_acl(self, node: Reach, acl_rules: AclRules, ids: Collection[str]) -> None:  # noqa: ARG002 - it is told all
        """Remember what users may do."""
        with later(f"cannot change the logins of {node}"):
            self.nodes.process(node).settings["users"] = _told(acl_rules)

    def has_acl(self, node: Reach, acl_rules: AclRules) -> bool:
        """Whether they are as they were told."""
        try:
            process = self.nodes.process(node)
        except ConnectionError:
            return False
        known = process.settings.get("access", marked(logins(process)))
        return known == acl_rules.name and LOGINS not in process.settings

    def try_acl(self, node: Reach, access: str) -> str:  # noqa: ARG002 - every process is alike
        """What the machine says against a rule."""
        return next(filter(None, (self.nodes.machine.objection("user", rule) for rule in rules_of(access))), "")

    def passwords(self, node: Reach, user: str) -> frozenset[str] | None:
        """What it was told since it started, or was told its logins anew."""
        with later(f"cannot read what {node} knows of {user}"):
            return frozenset(self.nodes.process(node).settings.get(PASSWORDS + user, "").split())

    def change_passwords(self, node: Reach, user: str, added: Sequence[str], removed: Sequence[str]) -> None:
        """Remember them."""
        known = self.passwords(node, user) or frozenset()
        if set(removed) - known:
            raise Later(f"cannot tell {node} the passwords of {user}: it has not all of those that are to go")
        with later(f"cannot tell {node} the passwords of {user}"):
            self.nodes.process(node).settings[PASSWORDS + user] = " ".join(sorted(known - set(removed) | set(added)))

    def end_connections(self, node: Reach, user: str, age: int) -> None:
        """Forget those that are so old."""
        with later(f"cannot end connections of {user} at {node}"):
            settings = self.nodes.process(node).settings
        ages = settings.get(CONNECTIONS + user, "").split()
        settings[CONNECTIONS + user] = " ".join(each for each in ages if int(each) < age)

    def shuts_out(self, node: Reach) -> bool:
        """Whether the agent's login is gone."""
        try:
            return SHUT_OUT in self.nodes.process(replace(node, login=False)).settings
        except ConnectionError:
            return False

    def _entered(self, node: Reach, acl_rules: AclRules) -> Process:
        """The process, with the agent's login or, if that is gone, with one that takes no token."""
        try:
            return self.nodes.process(node)
        except ConnectionError:
            if acl_rules.auth.required:
                raise
            return self.nodes.process(replace(node, login=False))


def _told(acl_rules: AclRules) -> str:
    every = users(replace(acl_rules, restricted=False), _NEW)
    return "; ".join(" ".join((name, *rules)) for name, rules in every.items())


@dataclass(frozen=True, slots=True)
class PretendParameters:
    """The facet Parameters."""

    nodes: PretendNodes

    def apply_parameters(self, node: Reach, wanted: Configuration) -> None:
        """Remember the values, unless the machine objects to one."""
        with later(f"cannot configure {node}"):
            process = self.nodes.process(node)
        if complaint := self._complaint(wanted):
            raise Later(f"cannot configure {node}: {complaint}")
        process.configuration.update(wanted.directives)

    def hint_parameters(self, node: Reach, wanted: Configuration) -> None:
        """The same: nothing here takes time."""
        self.apply_parameters(node, wanted)

    def has_parameters(self, node: Reach, wanted: Configuration) -> bool:
        """Whether the process has these values."""
        try:
            process = self.nodes.process(node)
        except ConnectionError:
            return False
        return wanted.directives.items() <= process.configuration.items()

    def try_parameters(self, node: Reach, wanted: Configuration) -> str:  # noqa: ARG002 - every process is alike
        """What the machine says against a value."""
        return self._complaint(wanted)

    def _complaint(self, wanted: Configuration) -> str:
        said = (self.nodes.machine.objection(name, value) for name, value in wanted.directives.items())
        return next(filter(None, said), "")
