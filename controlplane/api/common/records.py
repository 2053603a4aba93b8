"""What the operations on every noun have in common that is nothing but a record."""

from collections.abc import Mapping, Sequence

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model.nouns import Noun
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.tags import Tags
from cachewright.controlplane.store.documents import Record
from cachewright.controlplane.store.records import Records, RecordTaken


def add_record(context: Context, noun: Noun, name: str, record: object, tags: Tags) -> None:
    """Write a new record of the caller's down. Faults: the quota, a name that is taken."""
    records = context.records(noun, type(record))
    if name in noun.defaults:
        raise noun.taken(name)
    if noun.quota:
        context.quotas.check(noun.quota, records.count() + 1)
    try:
        records.add(name, record, context.now)
    except RecordTaken:
        raise noun.taken(name) from None
    context.transaction.tags.write(tags, [context.resource(noun, name)])


def page_of_records(
    operation: str, params: Params, created: Records[Record], defaults: Mapping[str, Record]
) -> tuple[Sequence[Record], dict[str, str]]:
    """A page of records by id, those among them that exist without being created, and the `Marker` of the next one."""
    page = page_of(operation, params)
    later = {name: record for name, record in defaults.items() if name > page.after}
    every = sorted((later | created.page(page.after, page.limit)).items(), key=lambda pair: pair[0])
    shown, marker = page.cut(every, lambda pair: pair[0])
    return [record for _, record in shown], marker
