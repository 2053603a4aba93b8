"""What is kept and shown of the parameters of Create and Modify operations."""

import re
from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.common.inputs import Inputs, kept
from cachewright.controlplane.api.common.vpcs import checked_security_groups
from cachewright.controlplane.api.subnet_groups.lookup import found_group
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.notifications import ACTIVE, INACTIVE, is_foreign
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.subnet_groups import DEFAULT

TOPIC_STATUSES = (ACTIVE, INACTIVE)
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}")


def first_presentation(context: Context, params: Params, inputs: Inputs) -> Presentation:
    """What is shown of a new cache. Faults: AWS's rules about each parameter."""
    _check_cache_security_groups(params)
    subnets = found_group(context, params.get("CacheSubnetGroupName") or DEFAULT)
    topic, caller = _topic(params), context.caller
    return Presentation(
        notification_topic_arn=topic,
        notification_topic_status=_first_status(topic, caller.account, caller.region),
        cache_subnet_group_name=subnets.name,
        security_group_ids=checked_security_groups(context, params, subnets),
        unbuilt=kept(params, inputs),
    )


def next_presentation(context: Context, params: Params, cache: Cache, inputs: Inputs) -> Presentation:
    """What is shown of a cache after a request: it changes at once."""
    _check_cache_security_groups(params)
    before = cache.presentation
    topic = _topic(params) or before.notification_topic_arn
    return replace(
        before,
        notification_topic_arn=topic,
        notification_topic_status=_next_status(params, topic, cache),
        security_group_ids=_security_groups(context, params, before),
        unbuilt=tuple(dict.fromkeys((*before.unbuilt, *kept(params, inputs)))),
    )


def _security_groups(context: Context, params: Params, before: Presentation) -> tuple[str, ...]:
    if params.get("SecurityGroupIds") is None:
        return before.security_group_ids
    return checked_security_groups(context, params, found_group(context, before.cache_subnet_group_name))


def _check_cache_security_groups(params: Params) -> None:
    if params.get("CacheSecurityGroupNames"):
        raise invalid_combination("Use of cache security groups is not permitted in this API version for your account.")


def _topic(params: Params) -> str:
    arn: str = params.get("NotificationTopicArn") or ""
    if arn and not _TOPIC.fullmatch(arn):
        raise invalid_value(f"Invalid notification topic ARN: {arn}")
    return arn


def _first_status(topic: str, account: str, region: str) -> str:
    return INACTIVE if not topic or is_foreign(topic, account, region) else ACTIVE


def _next_status(params: Params, topic: str, cache: Cache) -> str:
    """The status that a topic has after a request; another topic is active, unless the request says otherwise."""
    asked, before = _asked_status(params, topic), cache.presentation
    first = _first_status(topic, cache.key.account, cache.key.region)
    if asked:
        return first if asked == ACTIVE else INACTIVE
    return before.notification_topic_status if topic == before.notification_topic_arn else first


def _asked_status(params: Params, topic: str) -> str:
    """The status that a request gives the topic; empty when it gives none."""
    status: str = params.get("NotificationTopicStatus") or ""
    if status not in ("", *TOPIC_STATUSES):
        allowed = ", ".join(TOPIC_STATUSES)
        raise invalid_value(f"Invalid value {status} for NotificationTopicStatus. Must be one of: {allowed}")
    if status and not topic:
        raise invalid_combination("NotificationTopicStatus can only be given when there is a notification topic.")
    return status
