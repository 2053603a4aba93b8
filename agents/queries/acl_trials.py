"""Whether engines take the rules of an access string: one that runs, or such that are started for it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from cachewright.agents.engines.start_trials import acl_command, acl_complaint
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.images import Image
from cachewright.agents.planning.labels import ROLE
from cachewright.agents.planning.links import reach
from cachewright.agents.queries.dry_run import witness
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.fingerprints import LOGINS_FROM
from cachewright.controlplane.model.versions import VERSIONS, Engine, numbers

MEMORY = 64 * 1024**2  # bytes: it holds nothing
MOST = 1000  # verdicts that are remembered


def acl_complaint_of(tools: Tools, cache: Cache, access: str) -> str:
    """What the engine of a cache says against these rules; empty when it takes them, or there is no node to ask."""
    name, driver = witness(cache), tools.drivers[cache.spec.engine]
    return driver.acl.try_acl(reach(cache.status, name), access) if name and driver.acl else ""


def _token() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True)
class AclTrials:
    """Remembers what it was told: an image is asked once about the same rules. Safe to share among threads."""

    token: Callable[[], str] = _token  # two trials at the same time have containers of different names
    _verdicts: dict[tuple[str, str], str] = field(default_factory=dict)

    def complaint(self, tools: Tools, engine: Engine, access: str) -> str:
        """What the newest image at hand says, when every one of the engine refuses; else empty. Later or Never when the
        container engine is away.
        """
        rows = (row for row in reversed(VERSIONS) if row.engine is engine and numbers(row.version) >= LOGINS_FROM)
        families = dict.fromkeys(row.family for row in rows)
        verdicts = []
        for image in (image for family in families for image in tools.images.at_hand(engine, family)):
            verdicts.append(self._said(tools, image, engine, access))
            if not verdicts[-1]:
                return ""
        return next(iter(verdicts), "")

    def _said(self, tools: Tools, image: Image, engine: Engine, access: str) -> str:
        asked = (image.reference, access)
        if asked not in self._verdicts:
            if len(self._verdicts) >= MOST:
                self._verdicts.clear()
            self._verdicts[asked] = acl_complaint(tools.runtime.run(self._blueprint(tools, image, engine, access)))
        return self._verdicts[asked]

    def _blueprint(self, tools: Tools, image: Image, engine: Engine, access: str) -> Blueprint:
        return Blueprint(
            name=f"cachewright-{tools.instance}-trial-{self.token()}",
            image=image.reference,
            command=acl_command(engine, access),
            address="",
            memory=MEMORY,
            labels={ROLE: "trial"},
        )
