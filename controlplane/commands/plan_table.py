"""What would be done for a template, as a table."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console

from cachewright.controlplane.templates.actions import Action, Change, Step
from cachewright.controlplane.templates.deployment import Deployment
from cachewright.controlplane.templates.kinds import KINDS
from cachewright.controlplane.templates.requests import final_snapshot
from cachewright.controlplane.templates.stack import Made
from cachewright.controlplane.templates.template import OURS
from cachewright.controlplane.templates.update_parts import stays

_STYLES: Mapping[Action, str] = {
    Action.CREATE: "green",
    Action.ADOPT: "green",
    Action.UPDATE: "yellow",
    Action.REPLACE: "red",
    Action.REMOVE: "red",
    Action.RETAIN: "yellow",
    Action.KEEP: "dim",
    Action.LEAVE: "dim",
}
_WORD = 7  # columns of the longest action
_PAST: Mapping[Action, str] = {
    Action.CREATE: "created",
    Action.ADOPT: "adopted",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.REMOVE: "removed",
    Action.RETAIN: "left",
    Action.KEEP: "unchanged",
    Action.LEAVE: "unchanged",
}


def show(steps: Sequence[Step], console: Console) -> None:
    """A row for each resource, and below it what changes of it."""
    rows = [(step.made.logical, KINDS[step.made.type].short, step.made.id) for step in steps]
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for step, row in zip(steps, rows, strict=True):
        cells = "  ".join(word.ljust(width) for word, width in zip(row, wide, strict=True))
        _say(f"{step.action.ljust(_WORD)} {cells}".rstrip(), _STYLES[step.action], console)
        for line in _words(step):
            _say(f"{'':{_WORD}} {line}", "dim", console)


def notes(deployed: Deployment) -> Iterator[str]:
    """What is left alone, and what stands for it, in lines."""
    stand_ins = deployed.stand_ins
    for name, kind in deployed.left_alone.items():
        cause = ": not built as part of a stack" if kind.startswith(OURS) else ""
        instead = f"; {stand_ins[name]} stands for it" if name in stand_ins else ""
        yield f"left alone: {name} ({kind}){cause}{instead}"
    for name, value in stand_ins.items():
        if name not in deployed.left_alone:
            yield f"made up: the parameter {name} is {value}; give another with --parameter {name}=VALUE"


def done(action: Action, made: Made, console: Console) -> None:
    """Say what was done about a resource."""
    _say(f"{_PAST[action]} {made.logical} ({KINDS[made.type].short} {made.id})", _STYLES[action], console)


def _say(line: str, style: str, console: Console) -> None:
    console.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


def _words(step: Step) -> Iterator[str]:
    if step.why:
        yield step.why
    if step.action is Action.CREATE:
        yield from (f"{change.name}: {change.after}" for change in step.changes)
    if step.action in {Action.UPDATE, Action.REPLACE}:
        unsaid = stays(step) if step.action is Action.UPDATE else []
        yield from (
            f"{_change(change)}{' (stays as it is)' if change.name in unsaid else ''}" for change in step.changes
        )
    if step.action is Action.REMOVE and (snapshot := final_snapshot(step.made)):
        yield f"with the snapshot {snapshot}"


def _change(change: Change) -> str:
    before, after = ("-" if value is None else value for value in (change.before, change.after))
    return f"{change.name}: {before} -> {after}"
