"""What only engines and buckets can say, asked while no transaction is open: who takes time holds up nobody else.

An operation that misses an answer raises `Unanswered` and is rolled back; whoever runs it puts the question and runs it
again with the answer.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Refusal
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.migration import SourceCheck
from cachewright.controlplane.model.upstreams import Upstream
from cachewright.controlplane.model.usage import Usage
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.model.vpcs import SecurityGroups, Silent, Subnets

T = TypeVar("T")
Identity = tuple[Hashable, ...]

_UNASKED = "the agent does not answer"
_NO_EC2 = Silent("EC2 does not answer")
NO_KMS = "no KMS is configured: CACHEWRIGHT_KMS_ENDPOINT or AWS_ENDPOINT_URL_KMS names one"


class Engines(Protocol):
    """All that the API may ask of the agent. Every answer comes within seconds, whatever the engines do."""

    def dry_run(self, cache: Cache, values: Mapping[str, str]) -> str:
        """What the engine of a cache says against these values of parameters, in its own words; empty when it takes
        them, or when nobody answers.
        """

    def start_trial(self, spec: Spec) -> str:
        """What engines of a family say as they refuse to start with the parameters of a spec, in their own words; empty
        when one of those at hand starts, or none is at hand.
        """

    def acl_dry_run(self, cache: Cache, access: str) -> str:
        """What the engine of a cache says against the rules of an access string, in its own words; empty when it takes
        them, or when nobody answers.
        """

    def acl_trial(self, engine: Engine, access: str) -> str:
        """The same of engines at hand that are started for it; empty when one takes them, or none is at hand."""

    def usage(self, cache: Cache) -> Mapping[str, Usage]:
        """How full the nodes of a cache are, by name; those that do not answer are left out."""

    def kms_key(self, key: str, region: str) -> str:
        """Why nothing can be encrypted with a key of a KMS, in words; empty when it can."""

    def objects(self, names: Sequence[ObjectName]) -> Mapping[ObjectName, ObjectVersion | Refusal]:
        """What objects are now, or why they cannot be had; those of which nobody says anything are left out."""

    def source(self, cache: Cache, source: Upstream) -> SourceCheck:
        """Whether the data of a Redis or Valkey of the user's can be migrated into a cache, and where its nodes reach
        it.
        """

    def unsynced(self, cache: Cache) -> str:
        """Which node of a cache lacks something that its source has written by now, and why, in words; empty when none
        does.
        """

    def subnets(self, names: Sequence[str], region: str) -> Subnets:
        """Which of these subnets there are in a region, and what they are."""

    def security_groups(self, names: Sequence[str], region: str) -> SecurityGroups:
        """Which of these security groups there are in a region, and of which VPCs."""


class NoEngines:
    """Implements `Engines` where no engine is: nobody answers."""

    def dry_run(self, _cache: Cache, _values: Mapping[str, str]) -> str:
        """See `Engines`."""
        return ""

    def start_trial(self, _spec: Spec) -> str:
        """See `Engines`."""
        return ""

    def acl_dry_run(self, _cache: Cache, _access: str) -> str:
        """See `Engines`."""
        return ""

    def acl_trial(self, _engine: Engine, _access: str) -> str:
        """See `Engines`."""
        return ""

    def usage(self, _cache: Cache) -> Mapping[str, Usage]:
        """See `Engines`."""
        return {}

    def kms_key(self, key: str, _region: str) -> str:
        """See `Engines`."""
        return f"cannot use the key {key}: {NO_KMS}"

    def objects(self, _names: Sequence[ObjectName]) -> Mapping[ObjectName, ObjectVersion | Refusal]:
        """See `Engines`."""
        return {}

    def source(self, _cache: Cache, source: Upstream) -> SourceCheck:
        """See `Engines`."""
        return SourceCheck(source.host, _UNASKED)

    def unsynced(self, _cache: Cache) -> str:
        """See `Engines`."""
        return _UNASKED

    def subnets(self, _names: Sequence[str], _region: str) -> Subnets:
        """See `Engines`."""
        return None

    def security_groups(self, _names: Sequence[str], _region: str) -> SecurityGroups:
        """See `Engines`."""
        return None


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """One question about a cache as it is desired now. About a later spec of the same cache it is another question."""

    identity: Identity
    put: Callable[[Engines], T]
    unknown: T  # what is assumed when it is not put


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known by now; `final` when nothing more is asked."""

    known: Mapping[Identity, Any] = field(default_factory=dict)
    final: bool = False

    def to(self, question: Question[T]) -> T:
        """The answer to a question. Unanswered when it has to be put first."""
        if question.identity in self.known:
            answer: T = self.known[question.identity]
            return answer
        if self.final:
            return question.unknown
        raise Unanswered(question)

    def learned(self, question: Question[T], answer: T) -> "Answers":
        """The same, and the answer to one more question."""
        return replace(self, known={**self.known, question.identity: answer})


class Unanswered(Exception):  # noqa: N818 - the operation goes on once it is answered
    """An operation cannot go on before `question` is put."""

    def __init__(self, question: Question[Any]) -> None:
        super().__init__(question.identity)
        self.question = question


def dry_run(cache: Cache, values: Mapping[str, str]) -> Question[str]:
    """What does the engine say against these values? See `Engines.dry_run`."""
    return Question((*_spec(cache), *sorted(values.items())), lambda engines: engines.dry_run(cache, values), "")


def start_trial(spec: Spec) -> Question[str]:
    """Does an engine start with the parameters of a spec? See `Engines.start_trial`."""
    return Question(("start", spec.release, *spec.parameters), lambda engines: engines.start_trial(spec), "")


def acl_dry_run(cache: Cache, access: str) -> Question[str]:
    """What does the engine say against these rules? See `Engines.acl_dry_run`."""
    return Question((*_spec(cache), "acl", access), lambda engines: engines.acl_dry_run(cache, access), "")


def acl_trial(engine: Engine, access: str) -> Question[str]:
    """Does any engine take these rules? See `Engines.acl_trial`."""
    return Question(("acl", engine, access), lambda engines: engines.acl_trial(engine, access), "")


def usage(cache: Cache) -> Question[Mapping[str, Usage]]:
    """How full are the nodes? See `Engines.usage`."""
    return Question((*_spec(cache), "usage"), lambda engines: engines.usage(cache), {})


def kms_key(key: str, region: str) -> Question[str]:
    """Can something be encrypted with this key? See `Engines.kms_key`."""
    unknown = f"cannot use the key {key}: the KMS does not answer"
    return Question(("kms", key, region), lambda engines: engines.kms_key(key, region), unknown)


def objects(names: Sequence[ObjectName]) -> Question[Mapping[ObjectName, ObjectVersion | Refusal]]:
    """What are these objects? See `Engines.objects`."""
    return Question(("objects", *names), lambda engines: engines.objects(names), {})


def source(cache: Cache, source: Upstream) -> Question[SourceCheck]:
    """Can data be migrated from there? See `Engines.source`."""
    unknown = SourceCheck(source.host, _UNASKED)
    return Question((*_spec(cache), "source", source), lambda engines: engines.source(cache, source), unknown)


def unsynced(cache: Cache) -> Question[str]:
    """Does a node lack something? See `Engines.unsynced`."""
    return Question((*_spec(cache), "unsynced"), lambda engines: engines.unsynced(cache), _UNASKED)


def subnets(names: Sequence[str], region: str) -> Question[Subnets]:
    """Which of these subnets are there? See `Engines.subnets`."""
    return Question(("subnets", region, *names), lambda engines: engines.subnets(names, region), _NO_EC2)


def security_groups(names: Sequence[str], region: str) -> Question[SecurityGroups]:
    """Which of these security groups are there? See `Engines.security_groups`."""
    identity = ("security groups", region, *names)
    return Question(identity, lambda engines: engines.security_groups(names, region), _NO_EC2)


def _spec(cache: Cache) -> Identity:
    """Tells the present spec from every other."""
    return cache.key, cache.incarnation, cache.generation
