"""What an account outside of an organization is told about tag policies: it has none.

Source: the API reference of the Resource Groups Tagging API. Reports and summaries are for the management account of an
organization alone; the words of the refusal are our own.
"""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.tag_queries import after_of


def list_required_tags(context: Context, params: Params) -> Answer:
    """No policy requires any."""
    if token := params.get("NextToken"):
        after_of("ListRequiredTags", context.now, token)
    return {"RequiredTags": []}


def refuse(context: Context, _params: Params) -> Answer:
    """ConstraintViolationException, whatever is asked for."""
    message = f"Account {context.caller.account} is not the management account of an organization with tag policies."
    raise Fault("ConstraintViolationException", message)
