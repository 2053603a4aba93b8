"""A gateway that is known not to answer is not asked: nobody waits for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cachewright.agents.gateway.gateway import Gateway, Names, Routes
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address


@dataclass(slots=True, eq=False)
class ProbedGateway:
    """Implements `Gateway`. After a probe that failed everything fails at once, until another one does not."""

    inner: Gateway
    _failure: str = ""

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:
        """See `Gateway`."""
        self._require_answer()
        self.inner.route(routes, sole)

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        self._require_answer()
        self.inner.unroute(*endpoints)

    def routes(self) -> Routes:
        """See `Gateway`."""
        self._require_answer()
        return self.inner.routes()

    def name(self, names: Names) -> None:
        """See `Gateway`."""
        self._require_answer()
        self.inner.name(names)

    def names(self) -> Names:
        """See `Gateway`."""
        self._require_answer()
        return self.inner.names()

    def is_lapsed(self) -> bool:
        """See `Gateway`."""
        return self.inner.is_lapsed()

    def resume(self) -> None:
        """See `Gateway`."""
        self.inner.resume()

    def probe(self) -> None:
        """See `Gateway`."""
        try:
            self.inner.probe()
        except Later as verdict:
            self._failure = verdict.reason
            raise
        self._failure = ""

    def _require_answer(self) -> None:
        if self._failure:
            raise Later(self._failure, 1.0)
