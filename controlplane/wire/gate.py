"""Who is let in: everybody on this machine, or whoever signs with a key that is known."""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Protocol
from urllib.parse import parse_qsl

from cachewright.controlplane.model.access_keys import AccessKey, AccessKeys, Role
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.sigv4 import MOMENT, Signed, string_to_sign
from cachewright.controlplane.model.sigv4 import signature as signed_with
from cachewright.controlplane.wire import caller as callers
from cachewright.controlplane.wire.caller import Caller, May, Signature
from cachewright.controlplane.wire.origin import is_signed
from cachewright.controlplane.wire.tagging.service import operation_of

SKEW = timedelta(minutes=15)  # that a clock may be wrong, either way
LONGEST = 7 * 24 * 3600  # seconds that a presigned request may be good for

_READING_METHODS = frozenset({"GET", "HEAD"})
_MOMENT = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_SPAN = re.compile(r"[0-9]{1,6}")
_SIGNATURE = "X-Amz-Signature"  # covers everything but itself
_ROLES = {Role.WRITER: May.WRITE, Role.READER: May.READ}

# In AWS's words.
_MISSING = "Request is missing Authentication Token"
_UNSIGNED = f"{_MISSING}: sign it, with any credentials, as every AWS client does."
_UNKNOWN = "The security token included in the request is invalid."
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class Service:
    """What requests of a service are signed for, what its actions are called, and with which words the names of
    operations begin that change nothing.
    """

    name: str
    actions: str
    reading: tuple[str, ...]


ELASTICACHE = Service("elasticache", "elasticache", ("Describe", "List"))
TAGGING = Service("tagging", "tag", ("Get",))


@dataclass(frozen=True)
class Sent:
    """A request as it came. Header names are in lower case; of a header that came several times, all values."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def service(self) -> Service:
        """Whose request it is."""
        return ELASTICACHE if operation_of(self.path, self.headers) is None else TAGGING

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query string, decoded."""
        return parse_qsl(self.query_string, keep_blank_values=True)


class Gate(Protocol):
    """Whoever decides who is let in."""

    def caller(self, sent: Sent, fields: Mapping[str, str], /) -> Caller:
        """Who sent a request with these parameters, and what they may do; Fault when nobody is let in with it."""

    def admit_to_pages(self, sent: Sent) -> None:
        """Let somebody in who asks for what there is beside the AWS API; Fault when not."""

    def admit_to_metrics(self, sent: Sent) -> None:
        """Let somebody in who asks for metrics, signed or with the token of a key; Fault when not."""


@dataclass(frozen=True, slots=True)
class Open:
    """Everybody is let in who can reach us. The access key tells the account; signatures are looked for, and not
    verified. `region` is that of unsigned requests.
    """

    region: str

    def caller(self, sent: Sent, fields: Mapping[str, str]) -> Caller:
        """See Gate."""
        found = callers.caller(sent.headers.get("authorization"), fields, self.region)
        may = May.WRITE if is_signed(sent.headers, fields) else May.READ_UNSIGNED
        return replace(found, may=may)

    def admit_to_pages(self, sent: Sent) -> None:
        """See Gate."""

    def admit_to_metrics(self, sent: Sent) -> None:
        """See Gate."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """Whoever signs with one of the keys is let in. The clock tells the moment in UTC."""

    keys: AccessKeys
    clock: Callable[[], datetime]

    def caller(self, sent: Sent, _fields: Mapping[str, str]) -> Caller:
        """See Gate."""
        told = callers.signature(sent.headers, dict(sent.query))
        if told is None:
            raise Fault("MissingAuthenticationToken", _MISSING)
        key = self._key(told)
        _check_scope(told, sent.service.name)
        _check_moment(told, self.clock())
        _check(told, sent, key)
        return Caller(key.account, told.scope.region, key.id, _ROLES[key.role])

    def admit_to_pages(self, sent: Sent) -> None:
        """See Gate."""
        what = f"{ELASTICACHE.actions}:{sent.method} {sent.path}"
        _permit(self.caller(sent, {}), what, reads=sent.method in _READING_METHODS)

    def admit_to_metrics(self, sent: Sent) -> None:
        """See Gate."""
        scheme, _, shown = sent.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            self.admit_to_pages(sent)
            return
        tokens = (key.metrics_token.encode() for key in self.keys.values())
        if not any(hmac.compare_digest(token, shown.encode()) for token in tokens):
            raise Fault("InvalidClientTokenId", _UNKNOWN)

    def _key(self, told: Signature) -> AccessKey:
        key = self.keys.get(told.key)
        if key is None or not hmac.compare_digest(key.session_token.encode(), told.token.encode()):
            raise Fault("InvalidClientTokenId", _UNKNOWN)
        return key


def permit(who: Caller, operation: str, service: Service = ELASTICACHE) -> None:
    """Let somebody call an operation of a service; Fault when they may not."""
    _permit(who, f"{service.actions}:{operation}", reads=operation.startswith(service.reading))


def _permit(who: Caller, what: str, *, reads: bool) -> None:
    if reads or who.may is May.WRITE:
        return
    if who.may is May.READ_UNSIGNED:
        raise Fault("MissingAuthenticationToken", _UNSIGNED)
    user = f"arn:aws:iam::{who.account}:user/{who.key}"
    because = f"because no identity-based policy allows the {what} action"
    raise Fault("AccessDenied", f"User: {user} is not authorized to perform: {what} {because}")


def _check_scope(told: Signature, service: str) -> None:
    if told.scope.service != service:
        raise _mismatch(f"Credential should be scoped to correct service: '{service}'.")
    if not _MOMENT.fullmatch(told.moment):
        raise Fault("IncompleteSignature", "The request needs the header 'X-Amz-Date', in the form 20260131T235959Z.")
    if told.moment[:8] != told.scope.day:
        what = f"'{told.scope.day}' != '{told.moment[:8]}', from '{told.moment}'"
        raise _mismatch(
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: {what}."
        )
    if "host" not in told.headers.split(";"):
        raise _mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")


def _check_moment(told: Signature, now: datetime) -> None:
    try:
        moment = datetime.strptime(told.moment, MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise _mismatch(f"'{told.moment}' is no moment.") from None
    span = SKEW if told.expires is None else _span(told.expires)
    if moment < now - span:
        then, since = _written(now - span), _written(now)
        minutes = f"{span.total_seconds() / 60:g}"
        raise Fault(
            "RequestExpired", f"Signature expired: {told.moment} is now earlier than {then} ({since} - {minutes} min.)"
        )
    if moment > now + SKEW:
        then, since = _written(now + SKEW), _written(now)
        raise Fault(
            "RequestExpired", f"Signature not yet current: {told.moment} is still later than {then} ({since} + 15 min.)"
        )


def _span(expires: str) -> timedelta:
    if not _SPAN.fullmatch(expires) or not 1 <= int(expires) <= LONGEST:
        raise Fault("IncompleteSignature", f"X-Amz-Expires must be a number of seconds from 1 to {LONGEST}.")
    return timedelta(seconds=int(expires))


def _check(told: Signature, sent: Sent, key: AccessKey) -> None:
    names = told.headers.split(";")
    covered = Signed(
        sent.method,
        sent.path,
        [(name, value) for name, value in sent.query if told.expires is None or name != _SIGNATURE],
        [(name, sent.headers.get(name, "")) for name in names],
        sent.body,
    )
    canonical = covered.canonical
    text = string_to_sign(told.moment, told.scope, canonical)
    if not hmac.compare_digest(signed_with(key.secret, told.scope, text).encode(), told.value.encode()):
        ought = f"The Canonical String for this request should have been\n'{canonical}'"
        raise _mismatch(f"{_MISMATCH}\n\n{ought}\n\nThe String-to-Sign should have been\n'{text}'\n")


def _mismatch(message: str) -> Fault:
    return Fault("SignatureDoesNotMatch", message)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(MOMENT)
