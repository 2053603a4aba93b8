"""DescribeUsers: one user, or a page of them by id."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.users.create import user_engine
from cachewright.controlplane.api.users.lookup import found_user, own_users, status_of, users_on_their_way
from cachewright.controlplane.api.users.view import user_shown
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.quotas import HIGHEST
from cachewright.controlplane.model.users import DEFAULT, DEFAULT_USER, User

FILTERS = frozenset({"user-id", "user-name"})


def describe_users(context: Context, params: Params) -> Answer:
    """One user, or a page of them by id; the one that always exists is among them."""
    page, moving = page_of("DescribeUsers", params), users_on_their_way(context)
    if wanted := params.get("UserId"):
        every = [found_user(context, wanted)]
    else:
        created = own_users(context).page("", HIGHEST)
        every = [user for _, user in sorted(({DEFAULT: DEFAULT_USER} | created).items()) if user.id > page.after]
    chosen = [user for user in every if _is_asked_for(user, params)]
    shown, marker = page.cut(chosen, lambda user: user.id)
    return {"Users": [user_shown(context, user, status_of(user, moving)) for user in shown], **marker}


def _is_asked_for(user: User, params: Params) -> bool:
    engine = params.get("Engine")
    return (not engine or user.engine is user_engine(engine)) and all(
        _matches(user, each) for each in _filters(params.get("Filters") or ())
    )


def _filters(wanted: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    for each in wanted:
        if each.get("Name") not in FILTERS:
            raise invalid_combination(f"Invalid filter name {each.get('Name')}. Must be one of: user-id, user-name")
    return wanted


def _matches(user: User, each: Mapping[str, Any]) -> bool:
    values = each.get("Values") or ()
    return user.name in values if each["Name"] == "user-name" else user.id in [value.lower() for value in values]
