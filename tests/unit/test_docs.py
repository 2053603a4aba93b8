"""What the documentation says is true where a program can tell: tables, links, settings."""

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from cachewright.controlplane.api import table
from cachewright.controlplane.api.catalogue import OPERATIONS
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.wire import service
from docs import sections
from tests.e2e.hosts.page import blocks

PAGES = {path: path.read_text() for path in sections.pages()}

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SETTING = re.compile(r"^\| `CACHEWRIGHT_(\w+)` \| (?:`([^`]*)`)? ?\|", re.MULTILINE)
_GLOSSARY = re.compile(r"^\|.*\|([^|]*)\|$", re.MULTILINE)  # the last column of a table
_UNBUILT = re.compile(r"`([A-Z][A-Za-z]+)`,\s+which is not built")


def anchors(page: str) -> set[str]:
    """The fragments of a page's headings, as GitHub makes them."""
    headings = (heading.lower() for heading in _HEADING.findall(_FENCE.sub("", page)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def broken(path: Path, page: str) -> list[str]:
    """The relative links that lead nowhere of a page that lies at `path`."""
    found = []
    for link in _LINK.findall(_FENCE.sub("", page)):
        name, _, fragment = link.partition("#")
        target = path.parent / name if name else path
        if "://" in link:
            continue
        if not target.exists() or (fragment and fragment not in anchors(target.read_text())):
            found.append(link)
    return found


def shown(default: object) -> str:
    """A default as the table of settings shows it: as one would write it in the environment."""
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    if isinstance(default, Mapping):
        return ",".join(f"{name}={value}" for name, value in default.items())
    if isinstance(default, bool):
        return "on" if default else "off"
    return str(default).replace(str(Path.home()), "~")


def test_sections_are_as_the_code_has_them() -> None:
    assert [path for path, page in PAGES.items() if sections.renewed(page) != page] == [], "run: make docs"


def test_every_section_is_on_a_page() -> None:
    assert {name for page in PAGES.values() for name in sections.names(page)} == set(sections.SECTIONS)


def test_a_section_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        sections.renewed("<!-- begin: nothing; renewed by make docs -->\n<!-- end -->")


def test_a_section_is_replaced_and_nothing_else() -> None:
    page = "before\n<!-- begin: all operations; renewed by make docs -->\nWhat was here.\n<!-- end -->\nafter\n"
    renewed = sections.renewed(page)
    assert renewed.startswith("before\n<!-- begin: all operations")
    assert renewed.endswith("<!-- end -->\nafter\n")
    assert "What was here." not in renewed
    assert sections.renewed(renewed) == renewed


def test_the_table_of_all_operations_has_each_once() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", table.of_all(OPERATIONS, service.operations()), re.MULTILINE)
    assert [name for name, _ in rows] == sorted(service.operations())
    assert {name for name, notes in rows if notes != table.NOT_BUILT} == set(OPERATIONS)


def test_links_lead_somewhere() -> None:
    assert {path: links for path, page in PAGES.items() if (links := broken(path, page))} == {}


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = "[a](gone.md) [b](README.md#what-it-promises) [c](#gone) [d](https://example.com/x)\n"
    assert broken(sections.ROOT / "README.md", page) == ["gone.md", "#gone"]


def test_a_heading_has_the_fragment_that_github_gives_it() -> None:
    assert anchors("# Here, `now`\n```\n# not here\n```\n") == {"here-now"}


def test_commands_for_many_machines_say_where_they_are_typed() -> None:
    page = (sections.ROOT / "docs" / "many-machines.md").read_text()
    assert sum(map(len, blocks(page).values())) == page.count("```sh\n") > 0


def test_every_setting_is_documented_with_its_default() -> None:
    page = (sections.ROOT / "docs" / "settings.md").read_text()
    told = {name.lower(): default for name, default in _SETTING.findall(page)}
    assert told == {field.name: shown(getattr(Settings(), field.name)) for field in fields(Settings)}


def test_no_setting_is_made_up() -> None:
    named = {name.lower() for page in PAGES.values() for name in re.findall(r"CACHEWRIGHT_([A-Z_]+)\b", page)}
    assert named <= {field.name for field in fields(Settings)} | {"url"}  # which is the pytest plugin's


def test_nothing_is_called_unbuilt_that_is_built() -> None:
    assert not {name for page in PAGES.values() for name in _UNBUILT.findall(page)} & set(OPERATIONS)


def test_every_decision_is_listed() -> None:
    directory = sections.ROOT / "docs" / "decisions"
    listed = _LINK.findall((directory / "README.md").read_text())
    assert listed == sorted(path.name for path in directory.glob("0*.md"))


def test_every_word_of_the_glossary_is_one_of_the_code() -> None:
    rows = _GLOSSARY.findall((sections.ROOT / "docs" / "glossary.md").read_text())
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    paths = [path for room in ("agents", "controlplane") for path in (sections.ROOT / room).rglob("*.py")]
    words = {word for path in paths for word in re.findall(r"\w+", path.read_text())}
    assert len(named) > 40
    assert {name for name in named if name not in words and not (sections.ROOT / name).exists()} == set()
