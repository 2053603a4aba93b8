"""DescribeCacheParameters and DescribeEngineDefaultParameters: what the engines can be set to."""

from collections.abc import Mapping, Sequence

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.parameter_groups.lookup import found_group
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.nouns import PARAMETER_GROUP
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.parameter_groups import ParameterGroup, check_family, is_modifiable
from cachewright.controlplane.model.parameters import (
    CLUSTER_ENABLED,
    DataType,
    Effect,
    NodeTypeParameter,
    Parameter,
    family_parameters,
    node_type_parameters,
    order,
)

SYSTEM, USER, ENGINE_DEFAULT = "system", "user", "engine-default"
SOURCES = (USER, SYSTEM, ENGINE_DEFAULT)
ANY_NUMBER = "0-"  # AWS's AllowedValues of every parameter that the node type decides

Row = Parameter | NodeTypeParameter


def describe_cache_parameters(context: Context, params: Params) -> Answer:
    """The parameters of a group, all of them or those of one source: `user` are those that it sets."""
    source = params.get("Source")
    if source and source not in SOURCES:
        raise invalid_value(f"Invalid value {source} for Source. Must be one of: {', '.join(SOURCES)}")
    group = found_group(context, params["CacheParameterGroupName"])
    used = context.transaction.references.is_used(context.resource(PARAMETER_GROUP, group.name))
    own = dict(group.values)
    rows = [row for row in _rows(group.family) if source in (None, USER if row.name in own else SYSTEM)]
    shown, marker = _page("DescribeCacheParameters", params, rows)
    return {**_listed([_of_group(group, row, used=used) for row in shown]), **marker}


def describe_engine_default_parameters(_context: Context, params: Params) -> Answer:
    """The parameters of a family as groups have them that set nothing."""
    family = check_family(params["CacheParameterGroupFamily"])
    shown, marker = _page("DescribeEngineDefaultParameters", params, _rows(family))
    answer = {"CacheParameterGroupFamily": family, **_listed([_of_family(row) for row in shown]), **marker}
    return {"EngineDefaults": answer}


def _rows(family: str) -> list[Row]:
    """Those that differ by node type come last."""
    return [*family_parameters(family), *node_type_parameters(family)]


def _page(operation: str, params: Params, rows: Sequence[Row]) -> tuple[Sequence[Row], Mapping[str, str]]:
    page = page_of(operation, params)
    return page.cut([row for row in rows if _place(row) > _place_of(page.after)], lambda row: "".join(_place(row)))


def _place(row: Row) -> tuple[str, str]:
    return ("1" if isinstance(row, Parameter) else "2"), order(row.name)


def _place_of(marker: str) -> tuple[str, str]:
    return marker[:1], marker[1:]


def _listed(shown: Sequence[Answer]) -> Answer:
    by_node_type = [each for each in shown if "CacheNodeTypeSpecificValues" in each]
    others = [each for each in shown if "CacheNodeTypeSpecificValues" not in each]
    return {"Parameters": others, "CacheNodeTypeSpecificParameters": by_node_type}


def _of_group(group: ParameterGroup, row: Row, *, used: bool) -> Answer:
    if isinstance(row, NodeTypeParameter):
        return _by_node_type(row)
    own = dict(group.values)
    usual = "yes" if row.name == CLUSTER_ENABLED and group.clustered else row.value
    source = USER if row.name in own else SYSTEM
    modifiable = is_modifiable(row, used=used or group.default)
    return _view(row, own.get(row.name, usual), source, modifiable=modifiable)


def _of_family(row: Row) -> Answer:
    if isinstance(row, NodeTypeParameter):
        return _by_node_type(row)
    return _view(row, row.value, SYSTEM, modifiable=is_modifiable(row, used=True))


def _view(row: Parameter, value: str | None, source: str, *, modifiable: bool) -> Answer:
    answer: Answer = {
        "ParameterName": row.name,
        "Description": row.description,
        "Source": source,
        "DataType": row.data_type.value,
        "IsModifiable": modifiable,
        "MinimumEngineVersion": row.since,
        "ChangeType": row.effect.value,
    }
    shown = {"ParameterValue": value, "AllowedValues": row.allowed or None}
    return answer | {name: text for name, text in shown.items() if text is not None}


def _by_node_type(row: NodeTypeParameter) -> Answer:
    return {
        "ParameterName": row.name,
        "Description": row.description,
        "Source": SYSTEM,
        "DataType": DataType.INTEGER.value,
        "AllowedValues": ANY_NUMBER,
        "IsModifiable": False,
        "MinimumEngineVersion": row.since,
        "ChangeType": Effect.IMMEDIATE.value,
        "CacheNodeTypeSpecificValues": [
            {"CacheNodeType": node_type, "Value": value} for node_type, value in row.values
        ],
    }
