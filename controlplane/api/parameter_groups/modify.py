"""ModifyCacheParameterGroup and ResetCacheParameterGroup: other values, for the group and every cache that uses it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.required import required
from cachewright.controlplane.api.global_replication_groups.parameter_groups import alike
from cachewright.controlplane.api.parameter_groups import assignment
from cachewright.controlplane.api.parameter_groups.lookup import known_group, own_groups
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.names import repeated
from cachewright.controlplane.model.nouns import PARAMETER_GROUP
from cachewright.controlplane.model.parameter_groups import ParameterGroup, both_reservations, is_modifiable
from cachewright.controlplane.model.parameters import Parameter, family_parameters, node_type_parameters
from cachewright.controlplane.model.quotas import PARAMETERS


def modify_cache_parameter_group(context: Context, params: Params) -> Answer:
    """Set some parameters of a group. Fault when one is unknown or fixed, or its value is not allowed or refused by an
    engine; then nothing changes.
    """
    group, users = _changeable(context, params)
    wanted = _named(context, params)
    if missing := next((name for name, value in wanted.items() if value is None), None):
        raise invalid_value(f"The parameter value of {missing} must be provided.")
    values = {name: str(value) for name, value in wanted.items()}
    for row in _rows(group, values):
        _check_modifiable(row, used=bool(users))
        _check_value(row, values[row.name])
    after = replace(group, values=tuple(sorted((dict(group.values) | values).items())))
    if words := both_reservations(after):
        raise invalid_combination(words)
    assignment.check_start(context, group, after, users)
    return _changed(context, after)


def reset_cache_parameter_group(context: Context, params: Params) -> Answer:
    """Give some parameters of a group, or all, the value of the family again."""
    group, users = _changeable(context, params)
    named, everything = params.get("ParameterNameValues"), params.get("ResetAllParameters", False)
    if bool(named) == everything:
        raise invalid_combination("Either ResetAllParameters must be true or ParameterNameValues must be given.")
    own = dict(group.values)
    names = list(own if everything else _named(context, params))
    for row in _rows(group, names):
        if row.name in own and own[row.name] != row.value:
            _check_modifiable(row, used=bool(users))
    values = tuple((name, value) for name, value in group.values if name not in names)
    return _changed(context, replace(group, values=values))


def _changeable(context: Context, params: Params) -> tuple[ParameterGroup, list[Cache]]:
    """The group that a request changes, and the caches that use it or will with a change that waits."""
    wanted = params["CacheParameterGroupName"]
    group = known_group(context, wanted, lock=True)
    if group is None:
        raise PARAMETER_GROUP.missing(wanted, "CacheParameterGroup not found: {id}")
    if group.default:
        raise invalid_value(f"The parameter group {group.name} is a default group and cannot be modified.")
    return group, _users(context, group)


def _named(context: Context, params: Params) -> Mapping[str, str | None]:
    """Names and values of a request."""
    pairs = params.get("ParameterNameValues") or ()
    if not pairs:
        raise invalid_value(f"ParameterNameValues must have between 1 and {context.quotas.most(PARAMETERS)} entries.")
    context.quotas.check(PARAMETERS, len(pairs))
    names = [required(pair, "ParameterName") for pair in pairs]
    if twice := repeated(names):
        raise invalid_value(f"The parameter {twice} is given more than once.")
    return {name: pair.get("ParameterValue") for name, pair in zip(names, pairs, strict=True)}


def _rows(group: ParameterGroup, names: Collection[str]) -> Iterable[Parameter]:
    """The rows of the family for some names. Faults: unknown, or decided by the node type."""
    rows = {row.name: row for row in family_parameters(group.family)}
    fixed = {row.name for row in node_type_parameters(group.family)}
    for name in names:
        if name in fixed:
            raise _unmodifiable(name)
        if name not in rows:
            raise invalid_value(f"Parameter {name} doesn't exist")
    return [rows[name] for name in names]


def _check_modifiable(row: Parameter, *, used: bool) -> None:
    if not is_modifiable(row, used=used):
        raise _unmodifiable(row.name)


def _check_value(row: Parameter, value: str) -> None:
    if not row.accepts(value):
        allowed = f" Allowed values: {row.allowed}" if row.allowed else ""
        raise invalid_value(f"Invalid value {value} for parameter {row.name}.{allowed}")


def _unmodifiable(name: str) -> Fault:
    return invalid_value(f"The parameter {name} cannot be modified.")


def _users(context: Context, group: ParameterGroup) -> list[Cache]:
    """The caches that use a group, or will with a change that waits."""
    return context.transaction.caches.using(context.resource(PARAMETER_GROUP, group.name))


def _changed(context: Context, group: ParameterGroup) -> Answer:
    """The group has other values, and every one that has the same."""
    for within, known in alike(context, group):
        other = replace(known, values=group.values)
        own_groups(within).change(other.name, other)
        assignment.pass_on(within, other, _users(within, other))
    return {"CacheParameterGroupName": group.name}
