"""The user group of a replication group: given to it, taken away, and the way from an AUTH token to users and back.

Source: the ElastiCache user guide, "Role-Based Access Control (RBAC)" and "Migrating from AUTH to RBAC"; texts as AWS
answers.
"""

from collections.abc import Sequence
from dataclasses import replace

from cachewright.controlplane.api.common import tokens
from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.user_groups.lookup import changeable_group, found_group, members_of
from cachewright.controlplane.api.user_groups.membership import asked_ids
from cachewright.controlplane.api.users.trial import check_rules
from cachewright.controlplane.model.cache import Cache, Spec, Transit
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.users import DEFAULT, User
from cachewright.controlplane.model.versions_of_users import check_engine, check_release

ENCRYPTION = ("TransitEncryptionEnabled", "TransitEncryptionMode")


def check_asked(params: Params) -> None:
    """Fault when a new group that is to have a user group is not encrypted as it has to be, or has a token, too."""
    if not params.get("UserGroupIds"):
        return
    if not params.get("TransitEncryptionEnabled"):
        raise _unencrypted()
    if params.get("TransitEncryptionMode") == Transit.PREFERRED:
        raise invalid_combination("Transit encryption preferred is not supported with redis access control.")
    if params.get("AuthToken"):
        raise _both()


def with_first_group(context: Context, params: Params, spec: Spec) -> Spec:
    """The spec of a new group with the user group that is asked for, if any."""
    wanted = asked_ids(params.get("UserGroupIds"))
    return _with_group(context, spec, _only(wanted)) if wanted else spec


def check_next(context: Context, params: Params, spec: Spec) -> None:
    """Fault when what a request says of user groups cannot follow on what is; before anything else is looked at."""
    coming, going = (asked_ids(params.get(name)) for name in ("UserGroupIdsToAdd", "UserGroupIdsToRemove"))
    leaves = spec.user_group in going or bool(params.get("RemoveUserGroups"))
    if coming and (params.get("AuthToken") or (spec.auth.tokens and not _deletes(params))):
        raise _both()
    if coming and spec.transit is Transit.OFF:
        raise _unencrypted()
    if coming and spec.transit is Transit.PREFERRED:
        raise invalid_combination("Transit encryption preferred is not supported with redis access control.")
    for name in (*coming, *going):
        found_group(context, name)
    if spec.user_group and any(params.get(name) is not None for name in ENCRYPTION):
        raise invalid_combination(
            "Modification of transit encryption is not supported for access control enabled clusters."
        )
    if spec.user_group and params.get("AuthToken") and not leaves:
        raise invalid_combination(
            "Auth tokens can't be enabled with a user group already associated. Pass RemoveUserGroups to proceed."
        )
    if absent := next((name for name in going if name != spec.user_group), ""):
        raise invalid_combination(f"User group {absent} is not associated with the replication group.")
    if coming and spec.user_group not in ("", *coming) and not leaves:
        raise _several()
    if spec.user_group in coming and leaves:
        raise invalid_combination(f"User group {spec.user_group} cannot be added and removed in one request.")


def with_next_group(context: Context, params: Params, cache: Cache, spec: Spec) -> Spec:
    """The spec with the user group that a request gives it, or without the one that it takes away."""
    coming, going = (asked_ids(params.get(name)) for name in ("UserGroupIdsToAdd", "UserGroupIdsToRemove"))
    if params.get("RemoveUserGroups") or going:
        spec = replace(spec, user_group="", users=())
    if not coming or spec.user_group in coming:
        return spec
    spec = _with_group(context, spec, _only(coming))
    for user in spec.users:
        if user.id != DEFAULT:
            check_rules(context, user, [cache])
    return spec


def _with_group(context: Context, spec: Spec, wanted: str) -> Spec:
    group = changeable_group(context, wanted)
    check_engine(group, spec.engine)
    users: tuple[User, ...] = members_of(context, group)
    check_release(users, spec.release)
    return replace(spec, user_group=group.id, users=users)


def _deletes(params: Params) -> bool:
    return bool(params.get("AuthTokenUpdateStrategy") == tokens.DELETE)


def _only(wanted: Sequence[str]) -> str:
    if len(wanted) > 1:
        raise _several()
    return wanted[0]


def _several() -> Fault:
    return invalid_combination("A replication group can have only one user group.")


def _unencrypted() -> Fault:
    return invalid_combination(
        "User group based access control requires encryption-in-transit to be enabled on the replication group."
    )


def _both() -> Fault:
    return invalid_combination(
        "User group can't be associated with auth token enabled. Pass AuthStrategy delete to proceed."
    )
