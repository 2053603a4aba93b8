"""CreateServerlessCache: one endpoint behind which Cachewright keeps a primary and a replica, or one Memcached node."""

from cachewright.controlplane.api.common.cache_writes import add_cache
from cachewright.controlplane.api.common.change_events import unbuilt
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.kms import checked_kms_key
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.serverless_caches import networks, user_groups
from cachewright.controlplane.api.serverless_caches.inputs import CREATE_SERVERLESS_CACHE, without_effect
from cachewright.controlplane.api.serverless_caches.integrations import asked_integrations
from cachewright.controlplane.api.serverless_caches.limits import asked_limits
from cachewright.controlplane.api.serverless_caches.restore import with_contents
from cachewright.controlplane.api.serverless_caches.schedule import next_schedule
from cachewright.controlplane.api.serverless_caches.view import serverless_cache
from cachewright.controlplane.model import serverless
from cachewright.controlplane.model.cache import Cache, ClusterMode, Kind, Spec, Transit
from cachewright.controlplane.model.events import SERVERLESS
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.quotas import SERVERLESS_CACHES
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.subnet_groups import SubnetGroup
from cachewright.controlplane.model.tags import Tags
from cachewright.controlplane.model.usage_limits import UsageLimits
from cachewright.controlplane.model.versions import Engine, EngineVersion, engine_named
from cachewright.controlplane.store.caches import NameTaken

LONGEST_DESCRIPTION = 255


def create_serverless_cache(context: Context, params: Params) -> Answer:
    """Write the spec for a new serverless cache."""
    name = SERVERLESS_CACHE.checked_id(params["ServerlessCacheName"])
    tags = asked_tags(context, params)
    release = serverless.release_of(engine_named(params["Engine"]), params.get("MajorEngineVersion"))
    subnets = networks.first_subnets(context, params)
    spec = user_groups.with_group(context, params, _spec(context, params, name, release, subnets))
    spec = with_contents(context, params, spec)
    cache = context.new(Kind.SERVERLESS_CACHE, name, spec, _presentation(context, params, release, subnets))
    _add(context, cache, tags)
    context.tell(*unbuilt(SERVERLESS, name, cache.presentation.unbuilt))
    return {"ServerlessCache": serverless_cache(cache)}


def _add(context: Context, cache: Cache, tags: Tags) -> None:
    here = (context.caller.account, context.caller.region, Kind.SERVERLESS_CACHE)
    if context.transaction.caches.get(cache.key) is None:
        context.quotas.check(SERVERLESS_CACHES, context.transaction.caches.count(*here) + 1)
    try:
        add_cache(context, cache, tags)
    except NameTaken:
        raise SERVERLESS_CACHE.taken(cache.key.id) from None


def _spec(context: Context, params: Params, name: str, release: EngineVersion, subnets: SubnetGroup) -> Spec:
    network_type, discovery = networks.asked_network(params, release, subnets)
    replicates = release.engine is not Engine.MEMCACHED
    return Spec(
        release.engine,
        release.described,
        serverless.NODE_TYPE,
        serverless.PORTS[release.engine],
        "",
        (serverless.shard_of(name, release.engine, subnets.zones),),
        automatic_failover=replicates,
        multi_az=replicates,
        transit=Transit.REQUIRED,
        cluster_mode=ClusterMode.COMPATIBLE if replicates else ClusterMode.DISABLED,
        parameters=serverless.fixed_values(release),
        restricted=context.restricted and replicates,
        schedule=next_schedule(params, Schedule()),
        at_rest=True,
        network_type=network_type,
        ip_discovery=discovery,
        limits=asked_limits(params, UsageLimits()),
        serverless=True,
    )


def _presentation(context: Context, params: Params, release: EngineVersion, subnets: SubnetGroup) -> Presentation:
    return Presentation(
        description=description(params.get("Description") or ""),
        kms_key_id=checked_kms_key(context, params),
        security_group_ids=networks.first_security_groups(context, params, subnets),
        subnet_ids=tuple(subnet.id for subnet in subnets.subnets),
        connection_type=networks.asked_connection(params, release),
        integrations=asked_integrations(params, release),
        unbuilt=without_effect(params, release.engine, CREATE_SERVERLESS_CACHE),
    )


def description(text: str) -> str:
    """What is said about a cache; Fault when it is too long."""
    if len(text) > LONGEST_DESCRIPTION:
        raise invalid_value(f"Description cannot be longer than {LONGEST_DESCRIPTION} characters.")
    return text
