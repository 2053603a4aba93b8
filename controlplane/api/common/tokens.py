"""AUTH tokens: what may be one, and what becomes of those that a group has.

Source: the ElastiCache user guide, "Authenticating with the AUTH command"; the texts as AWS answers.
"""

import re
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.cache import Spec, Transit
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.versions import Engine, numbers

ROTATE, SET, DELETE = "ROTATE", "SET", "DELETE"
STATUS = {ROTATE: "ROTATING", SET: "SETTING"}  # AWS's AuthTokenStatus
MOST_TOKENS = 2
FIRST_CHANGE_REDIS = (5, 0, 6)

_FIRST = re.compile(r"[A-Za-z0-9!&#$^<>-]{16,128}")
_LATER = re.compile(r'(?:(?![/"@%])[!-~]){16,128}')


def first_auth(params: Params, now: datetime | None) -> Auth:
    """Who may log in to a new group."""
    token = params.get("AuthToken")
    if not token:
        return Auth()
    if not params.get("TransitEncryptionEnabled"):
        raise _unencrypted()
    if not _FIRST.fullmatch(token):
        raise invalid_value("Invalid AuthToken provided.")
    return Auth((token_digest(token),), required=True, modified_at=now)


def next_auth(params: Params, spec: Spec, now: datetime) -> tuple[Auth, str]:
    """Who may log in after a request, and AWS's AuthTokenStatus until that is so; empty when nothing changes."""
    token, strategy = params.get("AuthToken"), params.get("AuthTokenUpdateStrategy")
    if strategy == DELETE:
        return _deleted(params, spec.auth, now), ""
    if not token and not strategy:
        return spec.auth, ""
    _check(params, spec)
    auth = _STRATEGIES[strategy or ROTATE](spec.auth, token_digest(str(token)))
    return replace(auth, modified_at=now), STATUS[strategy or ROTATE]


def _check(params: Params, spec: Spec) -> None:
    token, strategy = params.get("AuthToken"), params.get("AuthTokenUpdateStrategy") or ROTATE
    if strategy not in _STRATEGIES:
        allowed = ", ".join((*_STRATEGIES, DELETE))
        raise invalid_value(f"Invalid value {strategy} for AuthTokenUpdateStrategy. Must be one of: {allowed}")
    if not token:
        raise invalid_combination("AuthTokenUpdateStrategy must be given with an AuthToken.")
    if spec.transit is Transit.OFF:
        raise _unencrypted()
    if not _LATER.fullmatch(token):
        raise invalid_value("Invalid AuthToken provided.")
    if spec.engine is Engine.REDIS and numbers(spec.version) < FIRST_CHANGE_REDIS:
        raise invalid_combination(f"The AUTH token cannot be modified for {spec.engine} version {spec.version}.")
    if not params.get("ApplyImmediately"):
        raise invalid_combination("AuthToken can only be modified with ApplyImmediately.")


def _rotated(auth: Auth, token: str) -> Auth:
    """One more token: the two newest are valid. Until the first one is set, it is optional."""
    others = tuple(known for known in auth.tokens if known != token)
    return Auth((*others, token)[-MOST_TOKENS:], required=auth.required)


def _only(auth: Auth, token: str) -> Auth:
    """The token that was rotated in last is the only one, and nobody is let in without it.

    A first token may be set at once: AWS's guide has SET behind a ROTATE only, but its API takes that, and Terraform's
    provider relies on it.
    """
    if not auth.tokens:
        return Auth((token,), required=True)
    rotated = len(auth.tokens) == MOST_TOKENS or (auth.tokens and not auth.required)
    if not rotated or auth.tokens[-1] != token:
        raise invalid_combination("AuthTokenUpdateStrategy SET needs the AUTH token of the last ROTATE.")
    return Auth((token,), required=True)


_STRATEGIES = {ROTATE: _rotated, SET: _only}


def _deleted(params: Params, auth: Auth, now: datetime) -> Auth:
    """No tokens any more: a user group takes their place."""
    if params.get("AuthToken"):
        raise invalid_combination("AuthToken cannot be given with AuthTokenUpdateStrategy DELETE.")
    if not params.get("UserGroupIdsToAdd"):
        raise invalid_combination("AuthTokenUpdateStrategy DELETE must be given with UserGroupIdsToAdd.")
    return Auth(modified_at=now) if auth.tokens else auth


def _unencrypted() -> Fault:
    return invalid_value("The AUTH token is only supported when encryption-in-transit is enabled")


def token_digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
