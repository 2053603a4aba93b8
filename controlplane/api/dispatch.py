"""Every operation that is built, and how one is answered. The rows of the table stand with their nouns."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cachewright.controlplane.api import allowed_node_types, engine_versions, events, tags
from cachewright.controlplane.api.cache_clusters import operations as cache_clusters
from cachewright.controlplane.api.cache_security_groups import operations as cache_security_groups
from cachewright.controlplane.api.common.context import Answer, Caller, Context, Params
from cachewright.controlplane.api.common.operation import Operation
from cachewright.controlplane.api.global_replication_groups import operations as global_replication_groups
from cachewright.controlplane.api.parameter_groups import operations as parameter_groups
from cachewright.controlplane.api.replication_groups import operations as replication_groups
from cachewright.controlplane.api.reserved_nodes import operations as reserved_nodes
from cachewright.controlplane.api.serverless_caches import operations as serverless_caches
from cachewright.controlplane.api.serverless_snapshots import operations as serverless_snapshots
from cachewright.controlplane.api.service_updates import operations as service_updates
from cachewright.controlplane.api.snapshots import operations as snapshots
from cachewright.controlplane.api.subnet_groups import operations as subnet_groups
from cachewright.controlplane.api.tagging import operations as tagging
from cachewright.controlplane.api.user_groups import operations as user_groups
from cachewright.controlplane.api.users import operations as users
from cachewright.controlplane.model.faults import Fault, not_built
from cachewright.controlplane.model.hosts import letters
from cachewright.controlplane.model.questions import Answers, Engines, NoEngines, Unanswered
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.model.windows import Randomness
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.failures import Unusable, tell
from cachewright.controlplane.store.transaction import Transaction

OPERATIONS: Mapping[str, Operation] = {
    **allowed_node_types.OPERATIONS,
    **cache_clusters.OPERATIONS,
    **cache_security_groups.OPERATIONS,
    **engine_versions.OPERATIONS,
    **events.OPERATIONS,
    **global_replication_groups.OPERATIONS,
    **parameter_groups.OPERATIONS,
    **replication_groups.OPERATIONS,
    **reserved_nodes.OPERATIONS,
    **serverless_caches.OPERATIONS,
    **serverless_snapshots.OPERATIONS,
    **service_updates.OPERATIONS,
    **snapshots.OPERATIONS,
    **subnet_groups.OPERATIONS,
    **tags.OPERATIONS,
    **user_groups.OPERATIONS,
    **users.OPERATIONS,
}


QUESTIONS = 20  # that are put for one request, and
ASKING = timedelta(seconds=10)  # for how long: what nobody has answered by then counts as nothing said


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Answers operations out of the store. Engines are asked between two transactions, never in one."""

    store: Store
    zone_letters: tuple[str, ...]
    clock: Callable[[], datetime]  # the moment, with its zone
    random: Randomness
    engines: Engines = field(default_factory=NoEngines)
    restricted: bool = True
    quotas: Quotas = field(default_factory=Quotas)
    hosted: bool = False  # whether zones are those that have a host at that moment

    def __call__(self, operation: str, params: Params, caller: Caller) -> Answer:
        """The answer to an operation. Fault when it is refused; then nothing was written."""
        row = OPERATIONS.get(operation) or tagging.OPERATIONS.get(operation)
        if row is None:
            raise not_built(operation)
        answers, until = Answers(), self.clock() + ASKING
        for _ in range(QUESTIONS):
            try:
                return self._run(row, params, caller, answers)
            except Unanswered as missing:
                answers = answers.learned(missing.question, missing.question.put(self.engines))
            if self.clock() > until:
                break
        return self._run(row, params, caller, replace(answers, final=True))

    def _run(self, row: Operation, params: Params, caller: Caller, answers: Answers) -> Answer:
        """One try; Unanswered when it needs to know more, and then nothing was written. What cannot be read is not
        said to be absent: nobody shall make it once more. While the database takes nothing, clients are to try again.
        """
        try:
            with self._transaction(row) as transaction:
                return row.handler(self._context(transaction, caller, answers), params)
        except Unreadable as error:
            raise Fault("InternalFailure", str(error)) from error
        except Unusable as error:
            tell(error)
            raise Fault("ServiceUnavailable", str(error)) from error

    def _context(self, transaction: Transaction, caller: Caller, answers: Answers) -> Context:
        zones = letters(transaction.hosts.all()) if self.hosted else ()
        return Context(
            transaction,
            caller,
            self.clock(),
            self.random,
            zones or self.zone_letters,
            answers,
            restricted=self.restricted,
            quotas=self.quotas,
        )

    def _transaction(self, row: Operation) -> AbstractContextManager[Transaction]:
        return self.store.write() if row.writes else self.store.read()
