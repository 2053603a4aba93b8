"""A template with everything that it was given: which resources it is about, and what their properties come to."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.controlplane.templates.conditions import Conditions
from cachewright.controlplane.templates.functions import evaluated
from cachewright.controlplane.templates.kinds import DEFAULTS, KINDS
from cachewright.controlplane.templates.order import order, references
from cachewright.controlplane.templates.parameters import made_up, values_of
from cachewright.controlplane.templates.place import Place
from cachewright.controlplane.templates.references import StandIns
from cachewright.controlplane.templates.scope import Resources, Scope
from cachewright.controlplane.templates.template import Output, Template
from cachewright.controlplane.templates.values import Properties, Value, WrongTemplate, mapping, shown

_RESOLVE = "{{resolve:"  # begins what CloudFormation would fetch from a store of secrets or parameters
_END = "}}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One template in one place. `imports` stand for exports of other stacks, for resources that are left alone
    (`Topic`, or `Topic.TopicName`), and for what `{{resolve:...}}` would fetch.
    """

    template: Template
    place: Place
    given: Mapping[str, str]
    imports: Mapping[str, str]
    names: Mapping[str, Value]  # parameters and pseudo parameters

    def holds(self, condition: str) -> bool:
        """Whether a condition does; the one without a name always."""
        return not condition or Conditions(self.template.conditions, self.names, self.template.mappings).hold(condition)

    @property
    def logical_ids(self) -> tuple[str, ...]:
        """The resources that are acted on, each after those that it refers to."""
        return tuple(name for name in order(self.template.resources) if self._acted_on(name))

    @property
    def left_alone(self) -> dict[str, str]:
        """The types of the others, by logical id."""
        every = self.template.resources.items()
        return {name: part.type for name, part in every if not self._acted_on(name) and self.holds(part.condition)}

    @property
    def stand_ins(self) -> dict[str, str]:
        """What stands for that which is left alone and referred to by something that is acted on, and for parameters
        that nobody gave.
        """
        used = references([self.template.resources[name].properties for name in self.logical_ids], self.left_alone)
        told = {name: shown(self.names[name]) for name in made_up(self.template.parameters, self.given)}
        return told | {name: self.stand_in.ref(name) for name in sorted(used)}

    @property
    def stand_in(self) -> StandIns:
        """What references to that which is left alone come to."""
        return StandIns(self.template, self.place, self.imports)

    def needs(self, logical: str) -> frozenset[str]:
        """The resources that have to be there before one is asked for."""
        resource = self.template.resources[logical]
        named = references(resource.properties, self.template.resources) | frozenset(resource.depends_on)
        return frozenset(name for name in named if self._acted_on(name))

    def properties(self, logical: str, resources: Resources) -> Properties:
        """What the properties of a resource come to. WrongTemplate when they come to nothing."""
        resource = self.template.resources[logical]
        usual: Properties = {name: {"Ref": pseudo} for name, pseudo in DEFAULTS.get(resource.type, {}).items()}
        try:
            found = evaluated(usual | resource.properties, self._scope(resources))
            return {name: self._fetched(value) for name, value in mapping(found, "Properties").items()}
        except WrongTemplate as reason:
            raise WrongTemplate(f"{logical}: {reason}") from reason

    def outputs(self, resources: Resources) -> dict[str, str]:
        """What is told about the stack, but for that which is about resources that are left alone."""
        return {
            name: self._told(name, part.value, resources)
            for name, part in self._told_outputs().items()
            if not references(part.value, self.left_alone)
        }

    def exports(self, resources: Resources) -> dict[str, str]:
        """What other stacks may import, by its name there."""
        exported = {name: part for name, part in self._told_outputs().items() if part.export is not None}
        return {
            self._told(name, part.export, resources): self._told(name, part.value, resources)
            for name, part in exported.items()
        }

    def _told_outputs(self) -> dict[str, Output]:
        return {name: part for name, part in self.template.outputs.items() if self.holds(part.condition)}

    def _told(self, name: str, value: Value, resources: Resources) -> str:
        try:
            result = evaluated(value, self._scope(resources))
            return result if isinstance(result, str) else shown(result)
        except WrongTemplate as reason:
            raise WrongTemplate(f"the output {name}: {reason}") from reason

    def _acted_on(self, logical: str) -> bool:
        resource = self.template.resources[logical]
        return resource.type in KINDS and self.holds(resource.condition)

    def _scope(self, resources: Resources) -> Scope:
        return Scope(self.names, self.template.mappings, self.holds, self.imports, resources)

    def _fetched(self, value: Value) -> Value:
        """A value without `{{resolve:...}}`; nobody but the user knows what it would fetch."""
        if isinstance(value, list):
            return [self._fetched(part) for part in value]
        if isinstance(value, dict):
            return {name: self._fetched(part) for name, part in value.items()}
        if not isinstance(value, str) or _RESOLVE not in value:
            return value
        before, _, rest = value.partition(_RESOLVE)
        name, _, after = rest.partition(_END)
        if name not in self.imports:
            raise WrongTemplate(f"nobody knows {_RESOLVE}{name}{_END} here: give it with --import '{name}=VALUE'")
        return f"{before}{self.imports[name]}{self._fetched(after)}"


def deployment(template: Template, place: Place, given: Mapping[str, str], imports: Mapping[str, str]) -> Deployment:
    """A template with what it was given. WrongTemplate when that is not what it takes."""
    names = place.names | values_of(template.parameters, given, place.stack)
    return Deployment(template, place, given, imports, names)
