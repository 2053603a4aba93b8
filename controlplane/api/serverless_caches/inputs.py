"""What becomes of every parameter of the operations that create, modify, delete and migrate to serverless caches."""

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.api.common.inputs import ACTED_ON, KEPT, Inputs, kept
from cachewright.controlplane.model.versions import Engine

ECPUS = "ECPUPerSecond"
LIMITS = "CacheUsageLimits"

CREATE_SERVERLESS_CACHE: Inputs = {
    "ServerlessCacheName": ACTED_ON,
    "Description": ACTED_ON,
    "Engine": ACTED_ON,
    "MajorEngineVersion": ACTED_ON,
    "CacheUsageLimits": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "SecurityGroupIds": KEPT,
    "SnapshotArnsToRestore": ACTED_ON,
    "Tags": ACTED_ON,  # only ListTagsForResource shows them
    "UserGroupId": ACTED_ON,
    "SubnetIds": ACTED_ON,
    "SnapshotRetentionLimit": ACTED_ON,
    "DailySnapshotTime": ACTED_ON,
    "NetworkType": ACTED_ON,
    "ConnectionType": KEPT,  # every endpoint is reached by whoever reaches this machine
    "Integrations": KEPT,  # Cachewright asks no DynamoDB, and they are shown as failed
}

MODIFY_SERVERLESS_CACHE: Inputs = {
    "ServerlessCacheName": ACTED_ON,
    "Description": ACTED_ON,
    "CacheUsageLimits": ACTED_ON,
    "RemoveUserGroup": ACTED_ON,
    "UserGroupId": ACTED_ON,
    "SecurityGroupIds": KEPT,
    "SnapshotRetentionLimit": ACTED_ON,
    "DailySnapshotTime": ACTED_ON,
    "Engine": ACTED_ON,
    "MajorEngineVersion": ACTED_ON,
}

DELETE_SERVERLESS_CACHE: Inputs = {
    "ServerlessCacheName": ACTED_ON,
    "FinalSnapshotName": ACTED_ON,
}


PREPARE_MIGRATION: Inputs = {
    "ServerlessCacheName": ACTED_ON,
    "CustomerNodeEndpointList": ACTED_ON,
    "SourceAuthenticationConfiguration": ACTED_ON,
    "SourceTlsConfiguration": ACTED_ON,
}


def without_effect(params: Params, engine: Engine, inputs: Inputs) -> tuple[str, ...]:
    """The parameters that are kept and shown, but that nothing acts on for an engine."""
    names = kept(params, inputs)
    if engine is not Engine.MEMCACHED:
        return names
    limits = params.get(LIMITS) or {}
    # Nobody counts its commands. A node takes how much it holds as it starts, and would lose everything if it were
    # started anew for that.
    unkept = (LIMITS,) if limits.get(ECPUS) or (limits and inputs is MODIFY_SERVERLESS_CACHE) else ()
    return (*names, *unkept)
