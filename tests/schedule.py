"""Which tests share a process, and which begin first, when pytest-xdist hands them to several processes.

What a module has made for all of its tests, such as a control plane or a server, is made once if they share a process.
"""

from collections.abc import Iterator

import pytest

TERRAFORM = "terraform"  # waits for minutes without doing anything: one process may do so from the beginning
AGENTS = "agents"  # computes for minutes without waiting for anything: beside those who wait
REGIONS = "agents of several regions"  # the same, once nobody has to be waited for any more
# Groups, the longest before others.
FIRST = (TERRAFORM, AGENTS, "wheel", "compose", "pytest plugin", "published", "import rules")


def arrange(items: list[pytest.Item]) -> None:
    """Mark the groups, and put what takes long before what fills the gaps in the end: with containers, then without."""
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_rank)


def _group(item: pytest.Item) -> str | None:
    """The group of a test for which its module names none."""
    if item.get_closest_marker("xdist_group") or not isinstance(item, pytest.Function):
        return None
    if "terraform" in item.fixturenames:
        return TERRAFORM
    if item.path.parent.name == AGENTS:
        return REGIONS if item.path.name.startswith("test_global") else AGENTS
    return item.module.__name__ if "module" in _scopes(item) else None


def _scopes(item: pytest.Function) -> Iterator[str]:
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        yield definitions[-1].scope


def _rank(item: pytest.Item) -> int:
    mark = item.get_closest_marker("xdist_group")
    if mark and mark.args[0] in FIRST:
        return FIRST.index(mark.args[0])
    if item.get_closest_marker("docker"):
        return len(FIRST) + (mark is None)
    return len(FIRST) + 2
