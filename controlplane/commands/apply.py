"""`cachewright apply`: caches as a team's own CloudFormation templates describe them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf

from rich.console import Console

from cachewright.controlplane.commands import plan_table
from cachewright.controlplane.commands.applying import Applying
from cachewright.controlplane.commands.aws import asking, elasticache
from cachewright.controlplane.commands.live import CannotApply, Live
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.commands.stack_records import StackRecords
from cachewright.controlplane.commands.template_files import Wanted, given_to, names, read
from cachewright.controlplane.commands.waiting import Wait
from cachewright.controlplane.templates import writing
from cachewright.controlplane.templates.actions import ENDING, NOTHING, Action, Step
from cachewright.controlplane.templates.deployment import Deployment, deployment
from cachewright.controlplane.templates.formats import Format
from cachewright.controlplane.templates.place import Place
from cachewright.controlplane.templates.plan import removals
from cachewright.controlplane.templates.stack import Made, Stack
from cachewright.controlplane.templates.steps import planned, references

Consent = Callable[[str], bool]
"""Asks the user a question."""
Outputs = dict[str, dict[str, str]]
"""What each stack tells."""


def apply(plane: ControlPlane, region: str, wanted: Wanted, console: Console, consent: Consent) -> Outputs:
    """Apply one template after the other, or show what would be done. The outputs, by stack. WrongTemplate, CannotApply
    or NoAnswer when one cannot be, Unfinished when it takes too long; those before it are applied.
    """
    templates = read(wanted)
    records, live = opened(plane, region, wanted.seconds)
    outputs: Outputs = {}
    imports: dict[str, str] = {}
    for name, source in templates.items():
        stacks = records.all()
        others = {other: stack for other, stack in stacks.items() if other != name}
        known = {key: value for other in others.values() for key, value in other.exports.items()}
        place = Place(name, records.account, records.region)
        deployed = deployment(source, place, given_to(wanted, source), {**known, **imports, **wanted.imports})
        applying = _applying(replace(live, others=others), records, stacks.get(name, Stack(name)), console)
        told_of = _one(deployed, applying, wanted, console, consent)
        outputs[name] = told_of
        if wanted.plan:
            imports |= _exports(deployed, applying)
    return outputs


def tell(outputs: Mapping[str, Mapping[str, str]], form: Format | None) -> None:
    """Print the outputs of stacks: for a program, or for people."""
    if form:
        print(writing.outputs(outputs, form))  # noqa: T201 - alone, so that it can be written into a file
        return
    for stack, told_of in outputs.items():
        for name, value in told_of.items():
            print(f"{stack}.{name} = {value}")  # noqa: T201


def delete(plane: ControlPlane, region: str, wanted: Wanted, console: Console, consent: Consent) -> Outputs:
    """Remove what was made of templates, the last one first, or show what would be removed; nothing is left to tell.
    CannotApply, NoAnswer.
    """
    records, live = opened(plane, region, wanted.seconds)
    stacks = records.all()
    for name in reversed(names(wanted)):
        if name not in stacks:
            console.print(f"There is no stack {name}.", highlight=False)
            continue
        applying = _applying(live, records, stacks[name], console)
        steps = removals(stacks[name], ())
        plan_table.show(steps, console)
        if not wanted.plan and _agreed(steps, wanted, consent):
            with asking(plane, f"remove {name}"):
                applying.delete()
    return {}


def _one(
    deployed: Deployment, applying: Applying, wanted: Wanted, console: Console, consent: Consent
) -> dict[str, str]:
    with asking(applying.live.plane, "plan"):
        steps, _ = planned(deployed, applying.stack, applying.live)
    for note in plan_table.notes(deployed):
        console.print(note, style="dim", highlight=False, markup=False, soft_wrap=True)
    if all(step.action in NOTHING for step in steps):
        console.print(f"{deployed.place.stack}: nothing to do.", highlight=False)
    else:
        plan_table.show(steps, console)
    if wanted.plan or not _agreed(steps, wanted, consent):
        return {}
    name = deployed.place.stack
    with asking(applying.live.plane, f"apply {name}"), console.status(f"apply {name} ..."):
        return applying.apply(deployed)


def _agreed(steps: Sequence[Step], wanted: Wanted, consent: Consent) -> bool:
    """Whether what would be gone may go."""
    ending = [step for step in steps if step.action in ENDING]
    if not ending or wanted.yes:
        return True
    if consent(f"{len(ending)} of these end what is there, with all that it holds. Go on?"):
        return True
    raise CannotApply("nothing was changed: what would be replaced or removed is asked for first; --yes goes on")


def _exports(deployed: Deployment, applying: Applying) -> dict[str, str]:
    """What other stacks could import if this one were applied."""
    with asking(applying.live.plane, "plan"):
        _, progress = planned(deployed, applying.stack, applying.live)
        return deployed.exports(references(deployed, progress, applying.live))


def _applying(live: Live, records: StackRecords, stack: Stack, console: Console) -> Applying:
    return Applying(live, records, stack, lambda action, made: _say(action, made, console))


def _say(action: Action, made: Made, console: Console) -> None:
    if action not in NOTHING:
        plan_table.done(action, made, console)


def opened(plane: ControlPlane, region: str, seconds: float = inf) -> tuple[StackRecords, Live]:
    """Stacks, and resources that are waited for so long. The account is known by the user that everybody has."""
    client = elasticache(plane, region)
    with asking(plane, "ask for the account"):
        arn: str = client.describe_users(UserId="default")["Users"][0]["ARN"]
    account = arn.split(":")[4]
    return StackRecords(plane, account, region), Live(Wait(plane, seconds), client)
