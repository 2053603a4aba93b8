"""The text of a template as a document: JSON, or YAML with CloudFormation's short forms."""

import json
import re
from collections.abc import Hashable
from typing import Any

import yaml

from cachewright.controlplane.templates.values import Properties, WrongTemplate, mapping

_UNCHANGED = frozenset({"Ref", "Condition"})  # short forms whose long form does not begin with Fn::
_NOT_READ = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge"})  # CloudFormation knows neither
_DECIMAL = "tag:yaml.org,2002:int"


def document(written: str, source: str) -> Properties:
    """What is written in a file; `source` names it in errors. WrongTemplate when it is neither JSON nor YAML."""
    try:
        if written.lstrip().startswith("{"):
            return mapping(json.loads(written, object_pairs_hook=_once), source)
        return mapping(yaml.load(written, _Loader), source)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise WrongTemplate(f"cannot read {source}: {' '.join(str(error).split())}") from error
    except ValueError as error:
        raise WrongTemplate(f"cannot read {source}: {error}") from error
    except RecursionError as error:
        raise WrongTemplate(f"cannot read {source}: it is nested too deeply") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)} is there twice")
    return found


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation reads it: no dates, no octal numbers (an account begins with 0), no aliases and no merges,
    and no key twice.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "CloudFormation takes no aliases", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node."""
        names: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key has to be a text", key.start_mark)
            if key.value in names:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value} is there twice", key.start_mark
                )
            names.add(key.value)
            key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


def _short_form(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            argument: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            argument = loader.construct_sequence(node, deep=True)
        case _:
            assert isinstance(node, yaml.MappingNode)
            argument = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(argument, str):
        argument = argument.split(".", 1)
    return {name if name in _UNCHANGED else f"Fn::{name}": argument}


def _resolvers() -> dict[str, list[tuple[str, Any]]]:
    decimal = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
    return {
        first: [(tag, decimal if tag == _DECIMAL else pattern) for tag, pattern in rules if tag not in _NOT_READ]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.yaml_implicit_resolvers = _resolvers()
_Loader.add_multi_constructor("!", _short_form)
