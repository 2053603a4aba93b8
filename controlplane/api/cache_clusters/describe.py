"""DescribeCacheClusters: one cache cluster, or a page of them by name."""

from cachewright.controlplane.api.cache_clusters import view as cluster_view
from cachewright.controlplane.api.cache_clusters.lookup import found_cluster
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.store.saving import all_with_saving


def describe_cache_clusters(context: Context, params: Params) -> Answer:
    """One cache cluster, or a page of them by name."""
    nodes = params.get("ShowCacheNodeInfo", False)
    if wanted := params.get("CacheClusterId"):
        cache, name = found_cluster(context, wanted)
        return {"CacheClusters": [cluster_view.cluster(cache, name, nodes=nodes)]}
    page = page_of("DescribeCacheClusters", params)
    standalone = params.get("ShowCacheClustersNotInReplicationGroups", False)
    here = (context.caller.account, context.caller.region)
    read = context.transaction.caches.page_of_clusters(*here, page.after, page.limit, standalone=standalone)
    shown, marker = page.cut(read, lambda record: record[0])
    caches = all_with_saving(context.transaction, (cache for _, cache in shown))
    named = zip((name for name, _ in shown), caches, strict=True)
    return {"CacheClusters": [cluster_view.cluster(cache, name, nodes=nodes) for name, cache in named], **marker}
