"""How long nodes may take to answer, and how it is told that one has not."""

from cachewright.agents.browsing.places import Place
from cachewright.controlplane.model.browsing import Silent

SECONDS = 3.0  # that a request may take in all


def silent(place: Place, error: OSError) -> Silent:
    """Why there is no answer, in words."""
    if isinstance(error, TimeoutError):
        return Silent(f"{place.name} does not answer in time")
    return Silent(f"{place.name} at {place.address} does not answer: {error.strerror or error}")
