"""Logins, parameter values and scripts of running nodes."""

from typing import assert_never

from cachewright.agents.engines.driver import having
from cachewright.agents.engines.redis.acl_rules import acl_rules
from cachewright.agents.engines.redis.directives import of_the_group
from cachewright.agents.planning.actions import ApplyAcl, ApplyParameters, Interrupt, OfSettings
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.observe import configuration


def carry_out(acting: Acting, action: OfSettings) -> None:
    """Do it."""
    driver, spec = acting.driver, acting.cache.spec
    match action:
        case ApplyAcl(node):
            having(driver.acl, spec.engine, "logins").apply_acl(acting.reach(node), acl_rules(spec))
        case ApplyParameters(node):
            wanted = configuration(spec, acting.status.nodes[node], acting.tools.machine)
            having(driver.parameters, spec.engine, "parameters").apply_parameters(acting.reach(node), wanted)
        case Interrupt(node):
            driver.interrupt(acting.reach(node))
        case _:
            assert_never(action)


def hint_users(acting: Acting, node: str) -> None:
    """Tell a node at once what users may do from now on; ApplyAcl sees to all the rest."""
    spec = acting.cache.spec
    having(acting.driver.acl, spec.engine, "logins").hint_acl(acting.reach(node), acl_rules(spec), spec.change.users)


def hint_parameters(acting: Acting, node: str) -> None:
    """Tell a node at once what its parameter group sets; ApplyParameters sees to all the rest."""
    spec, build = acting.cache.spec, acting.status.nodes[node].build
    wanted = of_the_group(spec, size_of(spec, acting.tools.machine), build)
    if wanted.directives:
        having(acting.driver.parameters, spec.engine, "parameters").hint_parameters(acting.reach(node), wanted)
