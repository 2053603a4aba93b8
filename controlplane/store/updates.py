"""What service updates follow from: the builds that an agent has seen, and the catalogue."""

from dataclasses import dataclass

from cachewright.controlplane.model.builds import Builds
from cachewright.controlplane.model.service_updates import Catalogue
from cachewright.controlplane.store.documents import from_json, to_json
from cachewright.controlplane.store.facts import Facts

BUILDS, CATALOGUE = "builds", "service-updates"


@dataclass(frozen=True, slots=True)
class Updates:
    """Both as one transaction sees them. They belong to the installation, as its images do."""

    facts: Facts

    def builds(self) -> Builds:
        """The builds that were at hand when an agent looked last. Unreadable when they are."""
        document = self.facts.read(BUILDS)
        return from_json(Builds, document) if document else Builds()

    def catalogue(self) -> Catalogue:
        """All service updates. Unreadable when they are."""
        document = self.facts.read(CATALOGUE)
        return from_json(Catalogue, document) if document else Catalogue()

    def write_builds(self, builds: Builds) -> None:
        """Other builds are at hand."""
        self.facts.write(BUILDS, to_json(builds))

    def write_catalogue(self, catalogue: Catalogue) -> None:
        """Other updates are offered."""
        self.facts.write(CATALOGUE, to_json(catalogue))
