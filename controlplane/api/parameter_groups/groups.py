"""Creating, looking at and deleting parameter groups."""

from cachewright.controlplane.api.common import specs
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.names import parameter_group_arn, parameter_group_name
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS, ParameterGroup, check_family
from cachewright.controlplane.model.tags import tags_of
from cachewright.controlplane.store.caches import NameTaken
from cachewright.controlplane.store.parameter_groups import ParameterGroups

QUOTA = 300  # per region, unless AWS is asked for more


def create_cache_parameter_group(context: Context, params: Params) -> Answer:
    """A group with the values of its family."""
    name = parameter_group_name(params["CacheParameterGroupName"])
    family = check_family(params["CacheParameterGroupFamily"])
    tags = tags_of(params.get("Tags") or ())
    group = ParameterGroup(name, family, specs.given(params, "Description"), tags=tags)
    groups = own_groups(context)
    if groups.count() >= QUOTA:
        raise Fault("CacheParameterGroupQuotaExceededFault", f"You can have at most {QUOTA} cache parameter groups.")
    try:
        groups.add(group)
    except NameTaken:
        raise Fault("CacheParameterGroupAlreadyExistsFault", f"Parameter group {name} already exists") from None
    return {"CacheParameterGroup": _view(context, group)}


def describe_cache_parameter_groups(context: Context, params: Params) -> Answer:
    """One group, or a page of them by name; those that always exist are among them."""
    if wanted := params.get("CacheParameterGroupName"):
        return {"CacheParameterGroups": [_view(context, found_group(context, wanted))]}
    page = page_of(params)
    always = [group for name, group in DEFAULT_GROUPS.items() if name > page.after]
    created = own_groups(context).page(page.after, page.limit)
    groups = sorted([*always, *created], key=lambda group: group.name)
    shown, marker = page.cut(groups, lambda group: group.name)
    return {"CacheParameterGroups": [_view(context, group) for group in shown], **marker}


def delete_cache_parameter_group(context: Context, params: Params) -> Answer:
    """The end of a group that no cache uses."""
    name = parameter_group_name(params["CacheParameterGroupName"])
    groups = own_groups(context)
    if groups.get(name, lock=True) is None:
        raise Fault("CacheParameterGroupNotFoundFault", f"CacheParameterGroupnot found: {name}")  # AWS's own spelling
    if context.transaction.caches.using(*_here(context), name):
        raise Fault(
            "InvalidCacheParameterGroupStateFault",
            "One or more cache clusters are still members of this parameter group"
            f" {name}, so the group cannot be deleted.",
        )
    groups.remove(name)
    return {}


def own_groups(context: Context) -> ParameterGroups:
    """The groups that the caller created."""
    return context.transaction.parameter_groups(*_here(context))


def found_group(context: Context, wanted: str, *, lock: bool = False) -> ParameterGroup:
    """The caller's group of that name, or one that always exists; Fault when there is none."""
    group = known_group(context, wanted, lock=lock)
    if group is None:
        raise Fault("CacheParameterGroupNotFoundFault", f"CacheParameterGroup {wanted} not found.")
    return group


def known_group(context: Context, wanted: str, *, lock: bool = False) -> ParameterGroup | None:
    """The caller's group of that name, or one that always exists, if there is one; names are looked up in any case."""
    name = wanted.lower()
    return DEFAULT_GROUPS.get(name) or own_groups(context).get(name, lock=lock)


def _here(context: Context) -> tuple[str, str]:
    return context.caller.account, context.caller.region


def _view(context: Context, group: ParameterGroup) -> Answer:
    return {
        "CacheParameterGroupName": group.name,
        "CacheParameterGroupFamily": group.family,
        "Description": group.description,
        "IsGlobal": False,
        "ARN": parameter_group_arn(*_here(context), group.name),
    }
