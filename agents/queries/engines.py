"""The engines that run, and services of the user's, as far as the API may ask them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TypeVar

from cachewright.agents.buckets.buckets import Buckets, Refused
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.queries.acl_trials import AclTrials, acl_complaint_of
from cachewright.agents.queries.dry_run import complaint
from cachewright.agents.queries.migration import checked, unsynced
from cachewright.agents.queries.start_trial import StartTrials
from cachewright.agents.queries.usage import measured
from cachewright.agents.queries.vpcs import Ec2, NoEc2
from cachewright.agents.sealing.keys import Kms, NoKms, Seal
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Refusal
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.migration import SourceCheck
from cachewright.controlplane.model.upstreams import Upstream
from cachewright.controlplane.model.usage import Usage
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.model.vpcs import SecurityGroups, Silent, Subnets

LIMIT = 5.0  # seconds for an answer
TRIAL = 20.0  # seconds for one that containers have to run for: several, on a machine that does much else
AT_ONCE = 16  # questions under way; they wait for engines and not for processors

T = TypeVar("T")

_SILENT = Silent("EC2 does not answer")


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ask")


@dataclass(frozen=True, slots=True)
class LiveEngines:
    """Implements `Engines`, in threads of its own: whoever asks waits no longer than `limit` seconds, or `trial` where
    containers are run, and takes no thread from those that mend.
    """

    tools: Callable[[], Tools]  # raises Later or Never while the container engine is away
    buckets: Buckets
    limit: float = LIMIT
    trial: float = TRIAL
    kms: Kms = field(default_factory=NoKms)
    ec2: Ec2 = field(default_factory=NoEc2)
    _pool: ThreadPoolExecutor = field(default_factory=_threads)
    _trials: StartTrials = field(default_factory=StartTrials)
    _acl_trials: AclTrials = field(default_factory=AclTrials)

    def dry_run(self, cache: Cache, values: Mapping[str, str]) -> str:
        """See `Engines`."""
        asked = self._pool.submit(lambda: complaint(self.tools(), cache, values))
        return self._answers({"": asked}).get("", "")

    def start_trial(self, spec: Spec) -> str:
        """See `Engines`. What one image has said to some values it says again."""
        asked = self._pool.submit(lambda: self._trials.complaint(self.tools(), spec))
        return self._answers({"": asked}, self.trial).get("", "")

    def acl_dry_run(self, cache: Cache, access: str) -> str:
        """See `Engines`."""
        asked = self._pool.submit(lambda: acl_complaint_of(self.tools(), cache, access))
        return self._answers({"": asked}).get("", "")

    def acl_trial(self, engine: Engine, access: str) -> str:
        """See `Engines`. What one image has said to some rules it says again."""
        asked = self._pool.submit(lambda: self._acl_trials.complaint(self.tools(), engine, access))
        return self._answers({"": asked}, self.trial).get("", "")

    def usage(self, cache: Cache) -> Mapping[str, Usage]:
        """See `Engines`; all nodes are asked at the same time."""

        def asked(name: str) -> Future[Usage | None]:
            return self._pool.submit(lambda: measured(self.tools(), cache, name))

        answers = self._answers({name: asked(name) for name in cache.status.nodes})
        return {name: usage for name, usage in answers.items() if usage}

    def kms_key(self, key: str, region: str) -> str:
        """See `Engines`. A key is made and forgotten: whoever may do that may encrypt."""
        asked = self._pool.submit(_refusal, self.kms, Seal(key, region))
        return self._answers({"": asked}).get("", f"cannot use the key {key}: the KMS does not answer")

    def objects(self, names: Sequence[ObjectName]) -> Mapping[ObjectName, ObjectVersion | Refusal]:
        """See `Engines`; all of them are asked for at the same time."""
        asked = {str(name): self._pool.submit(_looked, self.buckets, name) for name in names}
        answers = self._answers(asked)
        return {name: answers[str(name)] for name in names if str(name) in answers}

    def source(self, cache: Cache, source: Upstream) -> SourceCheck:
        """See `Engines`."""
        asked = self._pool.submit(lambda: checked(self.tools(), cache, source))
        return self._answers({"": asked}).get("", SourceCheck(source.host, "the agent does not answer"))

    def unsynced(self, cache: Cache) -> str:
        """See `Engines`."""
        asked = self._pool.submit(lambda: unsynced(self.tools(), cache))
        return self._answers({"": asked}).get("", "the agent does not answer")

    def subnets(self, names: Sequence[str], region: str) -> Subnets:
        """See `Engines`."""
        asked = self._pool.submit(self.ec2.subnets, names, region)
        return self._answers({"": asked}).get("", _SILENT)

    def security_groups(self, names: Sequence[str], region: str) -> SecurityGroups:
        """See `Engines`."""
        asked = self._pool.submit(self.ec2.security_groups, names, region)
        return self._answers({"": asked}).get("", _SILENT)

    def close(self) -> None:
        """Put no question any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answers(self, asked: Mapping[str, Future[T]], limit: float | None = None) -> Mapping[str, T]:
        """The answers that came in time. One that comes later is nobody's; what was not begun by then never is."""
        done, late = wait(asked.values(), self.limit if limit is None else limit)
        for question in late:
            question.cancel()
        return {name: each.result() for name, each in asked.items() if each in done and not _unknown(each)}


def _refusal(kms: Kms, seal: Seal) -> str:
    try:
        kms.new_key(seal)
    except (Later, Never) as verdict:
        return verdict.reason
    return ""


def _looked(buckets: Buckets, name: ObjectName) -> ObjectVersion | Refusal:
    try:
        return buckets.look(name)
    except Refused as refused:
        return refused.refusal


def _unknown(asked: Future[T]) -> bool:
    return isinstance(asked.exception(), Later | Never)
