"""The sections of the documentation that follow from the code. `python -m docs.sections` (`make docs`) renews them."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from cachewright.controlplane.api import table
from cachewright.controlplane.api.catalogue import OPERATIONS, TAGGING
from cachewright.controlplane.wire import service
from cachewright.controlplane.wire.tagging import service as tagging_service
from docs import figures, rules, words

ROOT = Path(__file__).resolve().parent.parent

SECTIONS: Mapping[str, Callable[[], str]] = {
    "all operations": lambda: table.of_all(OPERATIONS, service.operations()),
    "operations of the tagging service": lambda: table.of_all(TAGGING, tagging_service.operations()),
    "figures": figures.kept,
    "statuses of caches": rules.cache_statuses,
    "statuses of nodes": rules.node_statuses,
    "lives of nodes": rules.lives,
    "rules of the election": rules.elections,
    "times": rules.times,
    "quotas": rules.quotas,
    "metrics": rules.metrics,
    "families of commands": rules.families,
    "commands": words.commands,
    "ends of commands": words.ends,
}

_SECTION = re.compile(r"(<!-- begin: (?P<name>[a-z ]+); renewed by make docs -->\n).*?(<!-- end -->)", re.DOTALL)


def pages(root: Path = ROOT) -> list[Path]:
    """Every page of the documentation."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def names(page: str) -> list[str]:
    """The sections that a page has."""
    return [match["name"] for match in _SECTION.finditer(page)]


def renewed(page: str) -> str:
    """The page with its sections as the code has them now; KeyError for a section that nobody knows."""
    return _SECTION.sub(lambda match: f"{match[1]}\n{SECTIONS[match['name']]()}\n\n{match[3]}", page)


def main() -> None:
    """Renew every page."""
    for path in pages():
        path.write_text(renewed(path.read_text()))


if __name__ == "__main__":
    main()
