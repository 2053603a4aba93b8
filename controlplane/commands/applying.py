"""Carries out what has to be done for a template, one resource after the other; what was done is written down."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from cachewright.controlplane.commands.aws import asking
from cachewright.controlplane.commands.live import CannotApply, Live
from cachewright.controlplane.commands.stack_records import StackRecords
from cachewright.controlplane.templates.actions import Action, Step
from cachewright.controlplane.templates.deployment import Deployment
from cachewright.controlplane.templates.kinds import KINDS, PARAMETER_GROUP
from cachewright.controlplane.templates.plan import removals
from cachewright.controlplane.templates.references import References
from cachewright.controlplane.templates.requests import Request, creation, deletion, final_snapshot
from cachewright.controlplane.templates.stack import Made, Stack
from cachewright.controlplane.templates.steps import Progress, next_step, references
from cachewright.controlplane.templates.updates import modification, tag_changes
from cachewright.controlplane.templates.values import Properties

Say = Callable[[Action, Made], None]


@dataclass(slots=True)
class Applying:
    """One stack while it is applied. CannotApply and WrongTemplate end it; what was done until then stays, and is
    remembered.
    """

    live: Live
    records: StackRecords
    stack: Stack
    say: Say
    progress: Progress = field(default_factory=Progress)

    def apply(self, deployed: Deployment) -> dict[str, str]:
        """Make everything as the template says, wait until it is, and remove what has left. The outputs."""
        for logical in deployed.logical_ids:
            self._await(deployed, logical)
            found = next_step(deployed, logical, self.stack, self.progress, self.live)
            self._perform(found)
            self.progress = self.progress.after(found, there=not KINDS[found.made.type].lives)
        for made in self.progress.made.values():
            self._wait(made)
        self.progress = replace(self.progress, coming=frozenset())
        self._remove(removals(self.stack, deployed.logical_ids))
        resources = references(deployed, self.progress, self.live)
        self._remember_exports(deployed, resources)
        with asking(self.live.plane, "read the outputs"):
            return deployed.outputs(resources)

    def delete(self) -> None:
        """Remove everything, the last one first."""
        self._remove(removals(self.stack, ()))
        self._remember(replace(self.stack, exports={}))

    def _await(self, deployed: Deployment, logical: str) -> None:
        """What a resource refers to is there before it is asked for."""
        for name in sorted(deployed.needs(logical) & self.progress.coming):
            self._wait(self.progress.made[name])
            self.progress = replace(self.progress, coming=self.progress.coming - {name})

    def _wait(self, made: Made) -> None:
        with asking(self.live.plane, f"wait for {made.logical}"):
            self.live.wait(made)

    def _perform(self, found: Step) -> None:
        with asking(self.live.plane, f"{found.action} {found.made.logical} ({found.made.id})"):
            match found.action:
                case Action.CREATE | Action.REPLACE:
                    self._create(found)
                case Action.UPDATE:
                    self._update(found)
        done = replace(found.made, asked=False)
        if found.action is not Action.LEAVE and self.stack.find(done.logical) != done:
            self._remember(self.stack.with_made(done))
        self.say(found.action, found.made)

    def _create(self, found: Step) -> None:
        """Written down before it is asked for, so that it is known whatever happens in between."""
        requests = creation(found.made, found.properties)
        before = self.stack
        if found.action is Action.REPLACE and found.old:
            before = replace(before, leaving=(*before.leaving, found.old))
        asked = replace(found.made, asked=True, properties=_without_values(found.made))
        self._remember(before.with_made(asked))
        try:
            self.live.send(requests[0])
        except (ClientError, ParamValidationError):
            self._remember(self._as_before(found))
            raise
        for request in requests[1:]:
            self.live.send(request)

    def _as_before(self, found: Step) -> Stack:
        """The stack when a creation was refused: what was to be replaced is still there."""
        if found.action is Action.REPLACE and found.old:
            rest = tuple(made for made in self.stack.leaving if made != found.old)
            return replace(self.stack, leaving=rest).with_made(found.old)
        return self.stack.without(found.made)

    def _update(self, found: Step) -> None:
        self.live.wait(found.made)
        for request in modification(found, self.live.standing(found.made)):
            self.live.send(request)
            self.live.wait(found.made)
        before = found.old.properties if found.old else {}
        removed, added = tag_changes(before, found.properties)
        named: dict[str, Any] = {"ResourceName": self.live.arn(found.made)} if removed or added else {}
        if removed:
            self.live.send(Request("RemoveTagsFromResource", named | {"TagKeys": removed}))
        if added:
            self.live.send(Request("AddTagsToResource", named | {"Tags": added}))

    def _remove(self, steps: list[Step]) -> None:
        going: list[Made] = []
        for found in steps:
            if found.action is Action.REMOVE:
                if not KINDS[found.made.type].final:
                    self._see_off(going)
                self._delete(found.made)
                going.append(found.made)
            else:
                self._remember(self.stack.without(found.made))
            self.say(found.action, found.made)
        self._see_off(going)

    def _delete(self, made: Made) -> None:
        with asking(self.live.plane, f"remove {made.logical} ({made.id})"):
            if self.live.exists(KINDS[made.type], made.id):
                with suppress(CannotApply):  # what is not there for good can be removed nevertheless
                    self.live.wait(made)
                taken = self.live.snapshots() if final_snapshot(made) else ()
                self.live.send(deletion(made, made.properties, final_snapshot(made, taken)))

    def _see_off(self, going: list[Made]) -> None:
        """Wait until some are gone, and forget them."""
        for made in going:
            with asking(self.live.plane, f"remove {made.logical} ({made.id})"):
                self.live.wait_gone(made)
            self._remember(self.stack.without(made))
        going.clear()

    def _remember(self, stack: Stack) -> None:
        if stack != self.stack:
            self.records.write(stack)
        self.stack = stack

    def _remember_exports(self, deployed: Deployment, resources: References) -> None:
        with asking(self.live.plane, "read the outputs"):
            self._remember(replace(self.stack, exports=deployed.exports(resources)))


def _without_values(made: Made) -> Properties:
    """What a first request makes: parameters of a parameter group are set by another one."""
    of_group = made.type == PARAMETER_GROUP.type
    return {name: value for name, value in made.properties.items() if not (of_group and name == "Properties")}
