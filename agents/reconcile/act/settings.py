"""Logins, parameter values and scripts of running nodes, and what some are told that they are to hold."""

from contextlib import closing
from typing import assert_never

from cachewright.agents.engines.driver import having
from cachewright.agents.engines.redis.acl_rules import acl_rules
from cachewright.agents.engines.redis.directives import of_the_group
from cachewright.agents.planning.actions import ApplyAcl, ApplyParameters, Fill, Interrupt, OfSettings
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.observe import configuration
from cachewright.agents.reconcile.seed_files import pieces
from cachewright.controlplane.model.seeds import SeedFile


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
        case Fill(node, file):
            _fill(acting, node, file)
        case _:
            assert_never(action)


def _fill(acting: Acting, node: str, file: SeedFile) -> None:
    seed = acting.cache.spec.seed
    if seed is None:
        raise Never(f"cannot load what {node} is to hold: its cache begins with nothing")
    contents = having(acting.driver.contents, acting.cache.spec.engine, "contents")
    with closing(pieces(acting.tools, seed, file)) as found:
        contents.fill(acting.reach(node), found)


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
