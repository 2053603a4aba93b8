"""CreateUser: who may enter caches, with what, and what they may do there."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.users.credentials import check_entrance, required_entrance
from cachewright.controlplane.api.users.trial import check_rules
from cachewright.controlplane.api.users.view import user_shown
from cachewright.controlplane.model.access_strings import parsed
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.nouns import USER
from cachewright.controlplane.model.users import User, UserStatus
from cachewright.controlplane.model.versions import Engine

RESERVED = "cachewright"  # the names of logins that belong to the agent begin so


def create_user(context: Context, params: Params) -> Answer:
    """A user that is in no group yet."""
    name = USER.checked_id(params["UserId"])
    engine = user_engine(params["Engine"])
    access = parsed(params["AccessString"], restricted=context.restricted)
    tags = asked_tags(context, params)
    user = User(name, _checked_name(params["UserName"]), engine, str(access), *required_entrance(params))
    check_entrance(user)
    check_rules(context, user, ())
    add_record(context, USER, name, user, tags)
    return user_shown(context, user, UserStatus.ACTIVE)


def user_engine(wanted: str) -> Engine:
    """The engine of a user or a user group; Fault for any but two."""
    name = wanted.lower()
    if name not in (Engine.REDIS, Engine.VALKEY):
        raise invalid_value(f'Unknown parameter for Engine: "{wanted}", must be one of: redis, valkey')
    return Engine(name)


def _checked_name(name: str) -> str:
    """A name as engines take it."""
    if not name.isprintable() or " " in name or not name.isascii():
        raise invalid_value("UserName must consist of printable ASCII characters without spaces.")
    if name.lower().startswith(RESERVED):
        raise invalid_value(f"UserName cannot begin with {RESERVED}: such users are Cachewright's own.")
    return name
