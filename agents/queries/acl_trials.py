"""Whether engines take the rules of an access string: one that runs, or such that are started for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cachewright.agents.engines.start_trials import acl_command, acl_complaint
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.images import Image
from cachewright.agents.planning.labels import ROLE
from cachewright.agents.planning.links import reach
from cachewright.agents.queries.dry_run import witness
from cachewright.agents.queries.trials import once, refusal_of_all, token
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.fingerprints import LOGINS_FROM
from cachewright.controlplane.model.versions import VERSIONS, Engine, numbers

MEMORY = 64 * 1024**2  # bytes: it holds nothing


def acl_complaint_of(tools: Tools, cache: Cache, access: str) -> str:
    """What the engine of a cache says against these rules; empty when it takes them, or there is no node to ask."""
    name, driver = witness(cache), tools.drivers[cache.spec.engine]
    return driver.acl.try_acl(reach(cache.status, name), access) if name and driver.acl else ""


@dataclass(frozen=True, slots=True)
class AclTrials:
    """Remembers what it was told: an image is asked once about the same rules. Safe to share among threads."""

    token: Callable[[], str] = token  # two trials at the same time have containers of different names
    _verdicts: dict[tuple[str, str], str] = field(default_factory=dict)

    def complaint(self, tools: Tools, engine: Engine, access: str) -> str:
        """What the newest image at hand says, when every one of the engine refuses; else empty. Later or Never when the
        container engine is away.
        """
        rows = (row for row in reversed(VERSIONS) if row.engine is engine and numbers(row.version) >= LOGINS_FROM)
        families = dict.fromkeys(row.family for row in rows)
        images = (image for family in families for image in tools.images.at_hand(engine, family))
        return refusal_of_all(images, lambda image: self._said(tools, image, engine, access))

    def _said(self, tools: Tools, image: Image, engine: Engine, access: str) -> str:
        def ask() -> str:
            return acl_complaint(tools.runtime.run(self._blueprint(tools, image, engine, access)))

        return once(self._verdicts, (image.reference, access), ask)

    def _blueprint(self, tools: Tools, image: Image, engine: Engine, access: str) -> Blueprint:
        return Blueprint(
            name=f"cachewright-{tools.instance}-trial-{self.token()}",
            image=image.reference,
            command=acl_command(engine, access),
            address="",
            memory=MEMORY,
            labels={ROLE: "trial"},
        )
