"""How an operation is answered."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cachewright.controlplane.api.catalogue import OPERATIONS, TAGGING
from cachewright.controlplane.api.common.context import Answer, Caller, Context, Params
from cachewright.controlplane.api.common.operation import Operation
from cachewright.controlplane.model.faults import Fault, not_built
from cachewright.controlplane.model.hosts import letters
from cachewright.controlplane.model.questions import Answers, Engines, NoEngines, Unanswered
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.model.windows import Randomness
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.failures import Unusable, tell
from cachewright.controlplane.store.transaction import Transaction

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
        row = OPERATIONS.get(operation) or TAGGING.get(operation)
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
