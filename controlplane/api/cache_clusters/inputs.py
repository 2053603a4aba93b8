"""What becomes of every parameter of CreateCacheCluster and ModifyCacheCluster."""

from cachewright.controlplane.api.common.cache_inputs import CREATE_CACHE, MODIFY_CACHE
from cachewright.controlplane.api.common.inputs import ACTED_ON, KEPT, REFUSED, UNUSED, Inputs

CREATE_CACHE_CLUSTER: Inputs = {
    **CREATE_CACHE,
    "CacheClusterId": ACTED_ON,
    "ReplicationGroupId": ACTED_ON,
    "AuthToken": REFUSED,  # Redis groups alone have them
    "AZMode": ACTED_ON,
    "PreferredAvailabilityZone": ACTED_ON,
    "PreferredAvailabilityZones": ACTED_ON,
    "NumCacheNodes": ACTED_ON,
    "OutpostMode": REFUSED,  # there is no Outpost
    "PreferredOutpostArn": REFUSED,  # there is no Outpost
    "PreferredOutpostArns": REFUSED,  # there is no Outpost
}

# CreateCacheCluster with ReplicationGroupId: a replica is what its group is, and AWS refuses whatever else would say so
# again, equal or not. Source: reports of callers (boto, aws-sdk-ruby), and what Terraform's provider sends.
CREATE_REPLICA: Inputs = {
    **dict.fromkeys(CREATE_CACHE_CLUSTER, REFUSED),
    "CacheClusterId": ACTED_ON,
    "ReplicationGroupId": ACTED_ON,
    "PreferredAvailabilityZone": ACTED_ON,
    "Tags": ACTED_ON,
    "AutoMinorVersionUpgrade": UNUSED,  # the group's own counts; Terraform sends it always
}

MODIFY_CACHE_CLUSTER: Inputs = {
    **MODIFY_CACHE,
    "CacheClusterId": ACTED_ON,
    "NumCacheNodes": ACTED_ON,
    "CacheNodeIdsToRemove": ACTED_ON,
    "AZMode": ACTED_ON,
    "NewAvailabilityZones": ACTED_ON,
    "AuthToken": REFUSED,  # groups alone have them
    "AuthTokenUpdateStrategy": REFUSED,
    "ScaleConfig": KEPT,  # nodes change one after the other, which is gradual
}
