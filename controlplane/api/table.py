"""The operations as Markdown, for the documentation. Pure."""

from collections.abc import Collection, Iterator, Mapping

from cachewright.controlplane.api.common.operation import Operation

NOT_BUILT = "not built: `501 NotImplemented`"


def of_all(operations: Mapping[str, Operation], names: Collection[str]) -> str:
    """A table of every operation of the API, built or not, with a sentence that counts them."""
    count = f"{len(operations)} of {len(names)} operations are built."
    rows = ((f"`{name}`", _standing(operations.get(name))) for name in sorted(names))
    return f"{count}\n\n{_table(rows)}"


def _standing(operation: Operation | None) -> str:
    return operation.notes if operation else NOT_BUILT


def _table(rows: Iterator[tuple[str, str]]) -> str:
    return "\n".join(["| Operation | What works |", "|---|---|", *(f"| {name} | {notes} |" for name, notes in rows)])
