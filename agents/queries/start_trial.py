"""Whether the engines of a parameter group's family start with its values, tried with images that are at hand."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from cachewright.agents.engines.start_trials import command, complaint
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.labels import ROLE
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.runtime.images import Image
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.model.parameters import Values
from cachewright.controlplane.model.versions import VERSIONS

NODE_TYPE = "cache.m5.large"  # large enough for every value that some node type can have
MOST = 1000  # verdicts that are remembered


def _token() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True)
class StartTrials:
    """Remembers what it was told: an image is asked once about the same values. Safe to share among threads."""

    token: Callable[[], str] = _token  # two trials at the same time have containers of different names
    _verdicts: dict[tuple[str, Values], str] = field(default_factory=dict)

    def complaint(self, tools: Tools, group: ParameterGroup) -> str:
        """What the first image says, when every image of the family at hand refuses; else empty. Later or Never when
        the container engine is away.
        """
        spec = _spec(group)
        verdicts = []
        for image in tools.images.at_hand(spec.engine, group.family):
            verdicts.append(self._said(tools, image, spec))
            if not verdicts[-1]:
                return ""
        return next(iter(verdicts), "")

    def _said(self, tools: Tools, image: Image, spec: Spec) -> str:
        asked = (image.reference, spec.parameters)
        if asked not in self._verdicts:
            if len(self._verdicts) >= MOST:
                self._verdicts.clear()
            self._verdicts[asked] = complaint(spec.engine, tools.runtime.run(self._blueprint(tools, image, spec)))
        return self._verdicts[asked]

    def _blueprint(self, tools: Tools, image: Image, spec: Spec) -> Blueprint:
        size = size_of(spec, tools.machine)
        return Blueprint(
            name=f"cachewright-{tools.instance}-trial-{self.token()}",
            image=image.reference,
            command=command(spec, size, image.build),
            address="",
            memory=size.container,
            labels={ROLE: "trial"},
        )


def _spec(group: ParameterGroup) -> Spec:
    """A cache that uses the group, of the newest version that can."""
    newest = [row for row in VERSIONS if row.family == group.family][-1]
    return Spec(newest.engine, newest.described, NODE_TYPE, 0, group.name, (), parameters=group.deviations)
