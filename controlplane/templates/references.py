"""What `Ref` and `Fn::GetAtt` come to at a moment."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from cachewright.controlplane.templates.kinds import KINDS, Kind
from cachewright.controlplane.templates.place import Place
from cachewright.controlplane.templates.stack import Made
from cachewright.controlplane.templates.standins import stand_in
from cachewright.controlplane.templates.template import Template
from cachewright.controlplane.templates.values import Properties, Value, WrongTemplate

Look = Callable[[Kind, str], Properties]
"""The attributes of a resource that exists."""


@dataclass(frozen=True, slots=True)
class StandIns:
    """What references to resources come to that are left alone: what was given for them, or something made up."""

    template: Template
    place: Place
    imports: Mapping[str, str]

    def ref(self, logical: str) -> str:
        """In place of its id."""
        return self.attribute(logical, "")

    def attribute(self, logical: str, name: str) -> str:
        """In place of one of its attributes."""
        called = f"{logical}.{name}" if name else logical
        if called in self.imports:
            return self.imports[called]
        where = {"stack": self.place.stack, "account": self.place.account, "region": self.place.region}
        return stand_in(self.template.resources[logical].type, where, logical, name)


@dataclass(frozen=True, slots=True)
class References:
    """What all references come to: `made` is what there is or will be, `coming` what of it is not there yet."""

    stand_ins: StandIns
    holds: Callable[[str], bool]
    made: Mapping[str, Made]
    coming: Collection[str]
    look: Look

    def ref(self, logical: str) -> Value:
        """See Resources."""
        return self.made[logical].id if self._ours(logical) else self.stand_ins.ref(logical)

    def attribute(self, logical: str, name: str) -> Value:
        """See Resources."""
        if not self._ours(logical):
            return self.stand_ins.attribute(logical, name)
        made = self.made[logical]
        kind = KINDS[made.type]
        if name not in kind.attributes:
            raise WrongTemplate(f"{kind.type} has no attribute {name}")
        if logical in self.coming:
            return f"<{logical}.{name}>"
        found = self.look(kind, made.id)
        if name not in found:
            raise WrongTemplate(f"{logical} has no {name}: a {kind.short} of its kind has none")
        return found[name]

    def _ours(self, logical: str) -> bool:
        resource = self.stand_ins.template.resources.get(logical)
        if resource is None:
            raise WrongTemplate(f"there is no parameter and no resource {logical}")
        if resource.condition and not self.holds(resource.condition):
            raise WrongTemplate(f"{logical} is referred to, and its condition {resource.condition} does not hold")
        return resource.type in KINDS
