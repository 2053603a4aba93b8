"""DescribeServerlessCaches: one serverless cache, or a page of them by name."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.serverless_caches.lookup import found
from cachewright.controlplane.api.serverless_caches.view import serverless_cache
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.pages import page_of_results
from cachewright.controlplane.store.saving import all_with_saving


def describe_serverless_caches(context: Context, params: Params) -> Answer:
    """One serverless cache, or a page of them by name."""
    if wanted := params.get("ServerlessCacheName"):
        return {"ServerlessCaches": [serverless_cache(found(context, wanted))]}
    page = page_of_results("DescribeServerlessCaches", params)
    here = (context.caller.account, context.caller.region, Kind.SERVERLESS_CACHE)
    read = context.transaction.caches.page_of(*here, page.after, page.limit)
    shown, token = page.cut(all_with_saving(context.transaction, read), lambda cache: cache.key.id)
    return {"ServerlessCaches": [serverless_cache(cache) for cache in shown], **token}
