"""All that has to be done for a template, one step after the other. Pure: the world is looked at, and not changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from cachewright.controlplane.templates.actions import Action, Step, World
from cachewright.controlplane.templates.deployment import Deployment
from cachewright.controlplane.templates.kinds import Kind
from cachewright.controlplane.templates.plan import removals, step
from cachewright.controlplane.templates.references import References
from cachewright.controlplane.templates.stack import Made, Stack
from cachewright.controlplane.templates.values import Properties

COMING = frozenset({Action.CREATE, Action.REPLACE})  # after which there is something new


class Looks(World, Protocol):
    """What there is, with what Fn::GetAtt knows."""

    def attributes(self, kind: Kind, identifier: str) -> Properties:
        """Those of a resource that exists."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a template is: what there is or will be of it, and what of that is not there yet."""

    made: Mapping[str, Made] = field(default_factory=dict)
    coming: frozenset[str] = frozenset()

    def after(self, done: Step, *, there: bool) -> "Progress":
        """After a step, whose resource is there or is going to be."""
        logical = done.made.logical
        coming = self.coming - {logical} if there else self.coming | {logical}
        return replace(self, made={**self.made, logical: done.made}, coming=coming)


def references(deployed: Deployment, progress: Progress, looks: Looks) -> References:
    """What references come to so far."""
    return References(deployed.stand_in, deployed.holds, progress.made, progress.coming, looks.attributes)


def next_step(deployed: Deployment, logical: str, stack: Stack, progress: Progress, looks: Looks) -> Step:
    """What is done about one resource; WrongTemplate when that cannot be."""
    properties = deployed.properties(logical, references(deployed, progress, looks))
    return step(deployed.template.resources[logical], logical, properties, stack, looks)


def planned(deployed: Deployment, stack: Stack, looks: Looks) -> tuple[tuple[Step, ...], Progress]:
    """Every step, and how far the template is then. WrongTemplate when one of them cannot be."""
    progress, steps = Progress(), []
    for logical in deployed.logical_ids:
        found = next_step(deployed, logical, stack, progress, looks)
        steps.append(found)
        progress = progress.after(found, there=found.action not in COMING)
    return (*steps, *removals(stack, deployed.logical_ids)), progress
