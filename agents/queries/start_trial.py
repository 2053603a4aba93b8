"""Whether the engines of a family start with some values of parameters, tried with images that are at hand."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cachewright.agents.engines.start_trials import command, complaint
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.images import Image
from cachewright.agents.planning.labels import ROLE
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.queries.trials import once, refusal_of_all, token
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.parameters import Values


@dataclass(frozen=True, slots=True)
class StartTrials:
    """Remembers what it was told: an image is asked once about the same values. Safe to share among threads."""

    token: Callable[[], str] = token  # two trials at the same time have containers of different names
    _verdicts: dict[tuple[str, Values], str] = field(default_factory=dict)

    def complaint(self, tools: Tools, spec: Spec) -> str:
        """What the first image says, when every image of the family at hand refuses; else empty. Later or Never when
        the container engine is away.
        """
        images = tools.images.at_hand(spec.engine, spec.release.family)
        return refusal_of_all(images, lambda image: self._refusal(tools, image, spec))

    def _refusal(self, tools: Tools, image: Image, spec: Spec) -> str:
        """What an image says against these values, and not against those of the family as well."""
        said = self._said(tools, image, spec)
        return said if said and said != self._said(tools, image, replace(spec, parameters=())) else ""

    def _said(self, tools: Tools, image: Image, spec: Spec) -> str:
        def ask() -> str:
            return complaint(spec.engine, tools.runtime.run(self._blueprint(tools, image, spec)))

        return once(self._verdicts, (image.reference, spec.parameters), ask)

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
