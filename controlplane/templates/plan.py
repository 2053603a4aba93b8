"""What has to be done so that there is what a template says: compared with what was last applied."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cachewright.controlplane.templates.actions import Action, Change, Step, World
from cachewright.controlplane.templates.kinds import KINDS, Kind, Update
from cachewright.controlplane.templates.names import physical_name
from cachewright.controlplane.templates.properties import SECRETS, is_sealed, sealed, typed
from cachewright.controlplane.templates.stack import Made, Stack
from cachewright.controlplane.templates.template import Resource
from cachewright.controlplane.templates.values import HIDDEN, Properties, Value, WrongTemplate, mapping, shown

RETAINED = frozenset({"Retain", "RetainExceptOnCreate"})  # policies


def step(resource: Resource, logical: str, evaluated: Properties, stack: Stack, world: World) -> Step:
    """What is done about one resource of a template, whose properties come to `evaluated`. WrongTemplate when that
    cannot be.
    """
    kind = KINDS[resource.type]
    _check_policies(kind, resource)
    properties = typed(kind, logical, evaluated)
    old = stack.find(logical)
    if old is None:
        return _first(resource, logical, properties, stack, world)
    if old.type != kind.type:
        return _replacement(resource, old, properties, stack, ((), ["Type"]))
    again = Made(logical, kind.type, old.id, sealed(properties, logical), old.life, resource.deletion, asked=old.asked)
    if not world.exists(kind, old.id):
        made = _made(resource, logical, properties, stack.name, old.life)
        return Step(Action.CREATE, made, properties, old=old, why="" if old.asked else "it is not there any more")
    changes = _changes(kind, mapping(old.properties, logical), again.properties)
    if not changes:
        return Step(Action.KEEP, again, properties, old=old)
    if causes := [change.name for change in changes if _replaces(change.update, resource)]:
        return _replacement(resource, old, properties, stack, (changes, causes))
    return Step(Action.UPDATE, again, properties, changes, old)


def removals(stack: Stack, kept: Iterable[str]) -> list[Step]:
    """What is done about that which a stack has and its template has no more, or has replaced: who names somebody goes
    before them, and the last one first.
    """
    keep, types = set(kept), list(KINDS)
    going = [*reversed(stack.leaving), *(made for made in reversed(stack.made) if made.logical not in keep)]
    going.sort(key=lambda made: types.index(made.type))
    return [Step(Action.RETAIN if made.deletion in RETAINED else Action.REMOVE, made) for made in going]


def _check_policies(kind: Kind, resource: Resource) -> None:
    """WrongTemplate for a snapshot of what has none.

    Source: the CloudFormation user guide, "DeletionPolicy attribute".
    """
    if "Snapshot" in (resource.deletion, resource.replacement) and not kind.saved_by_policy:
        raise WrongTemplate(f"Template error: resource type {kind.type} does not support deletion policy Snapshot")


def _first(resource: Resource, logical: str, properties: Properties, stack: Stack, world: World) -> Step:
    kind = KINDS[resource.type]
    lives = [other.life for other in stack.leaving if other.logical == logical]
    made = _made(resource, logical, properties, stack.name, 1 + max(lives, default=0))
    if not kind.name or kind.name not in properties or not world.exists(kind, made.id):
        return Step(Action.CREATE, made, properties, _all_new(made.properties))
    if differing := _unlike(kind, properties, world.properties(kind, made.id)):
        raise WrongTemplate(f"{logical}: {kind.short} {made.id} is there already, with another {', '.join(differing)}")
    owner = world.stack_of(kind, made.id)
    return Step(Action.LEAVE if owner else Action.ADOPT, made, properties, why=f"of the stack {owner}" if owner else "")


def _made(resource: Resource, logical: str, properties: Properties, stack: str, life: int) -> Made:
    kind = KINDS[resource.type]
    given = properties.get(kind.name) if kind.name else None
    name = str(given).lower() if given else physical_name(stack, logical, life, kind.longest)
    if kind.type.endswith("SecurityGroupIngress"):
        name = "/".join(str(properties.get(key, "")) for key in kind.properties).rstrip("/")
    return Made(logical, kind.type, name, sealed(properties, logical), life, resource.deletion)


def _replacement(
    resource: Resource, old: Made, properties: Properties, stack: Stack, found: tuple[tuple[Change, ...], list[str]]
) -> Step:
    changes, causes = found
    made = _made(resource, old.logical, properties, stack.name, old.life + 1)
    if (made.type, made.id) == (old.type, old.id):
        raise WrongTemplate(
            f"{old.logical}: CloudFormation cannot update a stack when a custom-named resource requires replacing."
            f" Rename {old.id} and apply again (a new {', '.join(causes)} needs another {KINDS[old.type].short})"
        )
    leaving = replace(old, deletion=resource.replacement)
    return Step(Action.REPLACE, made, properties, changes, leaving, f"a new {', '.join(causes)} needs a new one")


def _replaces(update: Update, resource: Resource) -> bool:
    return update is Update.REPLACEMENT or (update is Update.RESHARDING and not resource.online)


def _changes(kind: Kind, before: Properties, after: Properties) -> tuple[Change, ...]:
    """Of what was applied and what is to be: both with secrets sealed."""
    names = [name for name in kind.properties if before.get(name) != after.get(name)]
    return tuple(
        Change(name, _shown(name, before), _shown(name, after), kind.properties[name]) for name in sorted(names)
    )


def _all_new(properties: Properties) -> tuple[Change, ...]:
    return tuple(Change(name, None, _shown(name, properties)) for name in sorted(properties))


def _shown(name: str, properties: Properties) -> str | None:
    return shown(_hidden(properties[name])) if name in properties else None


def _hidden(value: Value) -> Value:
    if is_sealed(value):
        return HIDDEN
    return {key: _hidden(part) for key, part in value.items()} if isinstance(value, dict) else value


def _unlike(kind: Kind, wanted: Properties, there: Mapping[str, Value]) -> list[str]:
    """The properties in which what is there is not what is wanted; secrets cannot be told, nor what is for its end."""
    told = {name: value for name, value in sorted(wanted.items()) if name not in (kind.name, kind.final)}
    return [name for name, value in told.items() if _plain(name, value) != _plain(name, there.get(name))]


def _plain(name: str, value: Value) -> Value:
    if name in SECRETS:
        return HIDDEN
    return {key: _plain(key, part) for key, part in value.items()} if isinstance(value, dict) else value
