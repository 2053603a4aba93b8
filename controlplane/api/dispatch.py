"""Every operation that is built, and how one is answered. The rows of the table stand with their nouns."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from cachewright.controlplane.api import allowed_node_types, engine_versions, events, tags
from cachewright.controlplane.api.cache_clusters import operations as cache_clusters
from cachewright.controlplane.api.common.context import Answer, Caller, Context, DryRun, Params, no_dry_run
from cachewright.controlplane.api.common.operation import Operation
from cachewright.controlplane.api.parameter_groups import operations as parameter_groups
from cachewright.controlplane.api.replication_groups import operations as replication_groups
from cachewright.controlplane.model.faults import not_built
from cachewright.controlplane.model.usage import UsageReader, no_usage
from cachewright.controlplane.model.windows import Randomness
from cachewright.controlplane.store.database import Store, Transaction

OPERATIONS: Mapping[str, Operation] = {
    **allowed_node_types.OPERATIONS,
    **cache_clusters.OPERATIONS,
    **engine_versions.OPERATIONS,
    **events.OPERATIONS,
    **parameter_groups.OPERATIONS,
    **replication_groups.OPERATIONS,
    **tags.OPERATIONS,
}


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Answers operations out of the store; it never waits for the world."""

    store: Store
    zone_letters: tuple[str, ...]
    clock: Callable[[], datetime]  # the moment, with its zone
    random: Randomness
    dry_run: DryRun = no_dry_run
    usage_of: UsageReader = no_usage
    restricted: bool = True

    def __call__(self, operation: str, params: Params, caller: Caller) -> Answer:
        """The answer to an operation. Fault when it is refused; then nothing was written."""
        row = OPERATIONS.get(operation)
        if row is None:
            raise not_built(operation)
        with self._transaction(row) as transaction:
            return row.handler(self._context(transaction, caller), params)

    def _context(self, transaction: Transaction, caller: Caller) -> Context:
        moment, tools = self.clock(), (self.dry_run, self.usage_of)
        return Context(transaction, caller, moment, self.random, self.zone_letters, *tools, self.restricted)

    def _transaction(self, row: Operation) -> AbstractContextManager[Transaction]:
        return self.store.write() if row.writes else self.store.read()
