"""Whether engines take the rules of a user, asked before anything is changed."""

from collections.abc import Iterable

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.questions import acl_dry_run, acl_trial
from cachewright.controlplane.model.users import User


def check_rules(context: Context, user: User, caches: Iterable[Cache]) -> None:
    """Fault in an engine's own words when it refuses the rules of a user. Of each version that these caches have, one
    that runs is asked; where there is none, an engine is started that listens to nobody.
    """
    told = {cache.spec.release: cache for cache in caches if cache.phase is Phase.AVAILABLE}
    questions = [acl_dry_run(cache, user.access) for cache in told.values()]
    for question in questions or [acl_trial(user.engine, user.access)]:
        if complaint := context.answers.to(question):
            raise invalid_value(f"Invalid access string: {complaint}")
