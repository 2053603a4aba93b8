"""DescribeServiceUpdates: one service update, or a page of them by name."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.service_updates import view
from cachewright.controlplane.api.service_updates.inputs import statuses
from cachewright.controlplane.api.service_updates.lookup import found_update
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.service_updates import UpdateStatus


def describe_service_updates(context: Context, params: Params) -> Answer:
    """Those of some statuses. Fault when one is named that there is not."""
    page = page_of("DescribeServiceUpdates", params)
    wanted, name = statuses(params, "ServiceUpdateStatus", UpdateStatus), params.get("ServiceUpdateName")
    every = [found_update(context, name)] if name else context.transaction.updates.catalogue().updates
    fitting = [update for update in every if update.status in wanted and update.name > page.after]
    shown, marker = page.cut(sorted(fitting, key=lambda update: update.name), lambda update: update.name)
    return {"ServiceUpdates": [view.update(update) for update in shown], **marker}
