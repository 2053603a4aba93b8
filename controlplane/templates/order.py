"""In which order the resources of a template are made: each after those that it refers to."""

import re
from collections.abc import Collection, Iterator, Mapping

from cachewright.controlplane.templates.template import Resource
from cachewright.controlplane.templates.values import Value, WrongTemplate, inner

_VARIABLE = re.compile(r"\$\{([^!{}.]+)(?:\.[^{}]*)?\}")


def order(resources: Mapping[str, Resource]) -> tuple[str, ...]:
    """Logical ids, in the order of the template as far as nothing else follows from references and DependsOn.
    WrongTemplate when some wait for each other.
    """
    done: list[str] = []
    for name in resources:
        _visit(name, resources, done, ())
    return tuple(done)


def _visit(name: str, resources: Mapping[str, Resource], done: list[str], above: tuple[str, ...]) -> None:
    if name in done:
        return
    if name in above:
        raise WrongTemplate(f"circular dependency between resources: {', '.join(sorted(set(above)))}")
    resource = resources[name]
    referred = references(resource.properties, resources)
    for other in (*resource.depends_on, *(other for other in resources if other in referred)):
        if other not in resources:
            raise WrongTemplate(f"{name} depends on {other}, which is not in the template")
        _visit(other, resources, done, (*above, name))
    done.append(name)


def references(value: Value, resources: Collection[str]) -> frozenset[str]:
    """The resources that a value refers to, under whatever condition."""
    return frozenset(name for part in inner(value) for name in _referred(part) if name in resources)


def _referred(value: Value) -> Iterator[str]:
    if not isinstance(value, dict) or len(value) != 1:
        return
    ((name, argument),) = value.items()
    first = argument[0] if isinstance(argument, list) and argument else argument
    if not isinstance(first, str):
        return
    if name == "Ref":
        yield first
    elif name == "Fn::GetAtt":
        yield first.partition(".")[0]
    elif name == "Fn::Sub":
        yield from (found.strip() for found in _VARIABLE.findall(first))
