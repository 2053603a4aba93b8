"""What is asked for and not so yet: AWS's PendingModifiedValues, and the switches on their way."""

from cachewright.controlplane.api.common import log_delivery
from cachewright.controlplane.api.common.context import Answer
from cachewright.controlplane.model.cache import Cache, Kind, Transit
from cachewright.controlplane.model.changes import current_change, progress
from cachewright.controlplane.model.described import node_type_shown, release_shown
from cachewright.controlplane.model.node_counts import resized


def of_cluster(cache: Cache) -> Answer:
    """What is pending for a cache cluster, be it a member of a group or not."""
    spec, answer = cache.spec, _of_both(cache)
    node_type = spec.pending.node_type or spec.node_type
    if node_type != node_type_shown(cache):
        answer["CacheNodeType"] = node_type
    version = spec.pending.version or spec.version
    if version != release_shown(cache).described:
        answer["EngineVersion"] = version
    if cache.key.kind is Kind.CACHE_CLUSTER:
        answer |= log_delivery.pending(cache)
    return answer if spec.replicates else answer | _nodes(cache, busy=bool(answer))


def of_group(cache: Cache) -> Answer:
    """What is pending for a group; AWS shows the rest of it with the members."""
    waits, answer = cache.spec.pending, _of_both(cache) | log_delivery.pending(cache)
    if waits.primary:
        answer["PrimaryClusterId"] = waits.primary
    if waits.automatic_failover is not None:
        answer["AutomaticFailoverStatus"] = "enabled" if waits.automatic_failover else "disabled"
    if current_change(cache).cluster_mode:
        answer["ClusterMode"] = cache.spec.cluster_mode.value
    if (before := current_change(cache).user_group) is not None:
        moves = {"UserGroupIdsToAdd": cache.spec.user_group, "UserGroupIdsToRemove": before}
        answer["UserGroups"] = {name: [group] for name, group in moves.items() if group}
    if (arrived := progress(cache)) is not None:
        answer["Resharding"] = {"SlotMigration": {"ProgressPercentage": arrived}}
    return answer


def encryption(cache: Cache) -> Answer:
    """How connections are taken, and who may log in."""
    before, auth = current_change(cache).transit, cache.spec.auth
    answer: Answer = {
        **_transit(Transit(before) if before else cache.spec.transit),
        "AuthTokenEnabled": bool(auth.tokens),
    }
    if auth.modified_at:
        answer["AuthTokenLastModifiedDate"] = auth.modified_at
    return answer


def user_groups(cache: Cache) -> list[str]:
    """AWS's UserGroupIds: the one that it has until it has another one, or none."""
    before = current_change(cache).user_group
    group = cache.spec.user_group if before is None else before
    return [group] if group else []


def failover(cache: Cache) -> str:
    """AWS's AutomaticFailover."""
    automatic = cache.spec.automatic_failover
    if current_change(cache).automatic_failover:
        return "enabling" if automatic else "disabling"
    return "enabled" if automatic else "disabled"


def _nodes(cache: Cache, *, busy: bool) -> Answer:
    """What becomes of the nodes of a Memcached cluster; `busy` when something else about them is pending."""
    waits, change, answer = cache.spec.pending.resize, current_change(cache), Answer()
    if waits.zones or waits.leaving or change.nodes:
        answer["NumCacheNodes"] = len(resized(cache.spec.nodes, waits))
    if leaving := [*(identifier for identifier, _ in change.leaving), *waits.leaving]:
        answer["CacheNodeIdsToRemove"] = leaving
    if (busy or answer) and cache.presentation.scale_config:
        answer["ScaleConfig"] = dict(cache.presentation.scale_config)
    return answer


def _of_both(cache: Cache) -> Answer:
    change = current_change(cache)
    answer: Answer = {"AuthTokenStatus": change.token} if change.token else {}
    return answer | (_transit(cache.spec.transit) if change.transit else {})


def _transit(transit: Transit) -> Answer:
    answer: Answer = {"TransitEncryptionEnabled": transit is not Transit.OFF}
    return answer if transit is Transit.OFF else {**answer, "TransitEncryptionMode": transit.value}
