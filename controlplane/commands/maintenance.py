"""`cachewright maintenance`: open a maintenance window by hand."""

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from cachewright.controlplane.commands.plane import asked, foreign
from cachewright.controlplane.console.maintenance import MAINTENANCE
from cachewright.controlplane.maintenance import Opened

_opened = TypeAdapter(Opened)


def run(url: str, target: str, account: str, console: Console) -> None:
    """Open the window of a cache cluster or a group now, and print what is done because of it."""
    document = asked(url, MAINTENANCE, "POST", {"target": target, "account": account})
    try:
        opened = _opened.validate_json(document)
    except ValidationError as error:
        raise foreign(url, "its answer tells of no maintenance window") from error
    what = f"applies {', '.join(opened.applied)}" if opened.applied else "has nothing pending"
    console.print(f"{opened.cache} {what}", highlight=False, markup=False)
