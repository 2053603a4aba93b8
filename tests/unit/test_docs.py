"""What the documentation says is true where a program can tell: tables, links, settings."""

import re
from pathlib import Path

import pytest

from cachewright.controlplane.api import table
from cachewright.controlplane.api.dispatch import OPERATIONS
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.wire import service
from docs import sections

PAGES = sections.pages()
README = (sections.ROOT / "README.md").read_text()

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SETTING = re.compile(r"^\| `CACHEWRIGHT_(\w+)` \| (?:`([^`]*)`)? ?\|", re.MULTILINE)
_UNBUILT = re.compile(r"`([A-Z][A-Za-z]+)`,\s+which is not built")


def each_page() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(sections.ROOT)))


def anchors(page: str) -> set[str]:
    """The fragments of a page's headings, as GitHub makes them."""
    headings = (heading.lower() for heading in _HEADING.findall(_FENCE.sub("", page)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def broken(path: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    found = []
    for link in _LINK.findall(_FENCE.sub("", path.read_text())):
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
    if isinstance(default, bool):
        return "on" if default else "off"
    return str(default).replace(str(Path.home()), "~")


@each_page()
def test_sections_are_as_the_code_has_them(path: Path) -> None:
    page = path.read_text()
    assert sections.renewed(page) == page, "run: make docs"


def test_every_section_is_on_a_page() -> None:
    assert {name for path in PAGES for name in sections.names(path.read_text())} == set(sections.SECTIONS)


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


def test_the_table_of_built_operations_has_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", table.of_built(OPERATIONS), re.MULTILINE)
    assert dict(rows) == {name: row.notes for name, row in OPERATIONS.items()}


@each_page()
def test_links_lead_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Here, `now`\n[a](gone.md) [b](page.md#here-now) [c](#gone) [d](https://example.com/x)\n")
    assert broken(page) == ["gone.md", "#gone"]


def test_every_setting_is_documented_with_its_default() -> None:
    told = {name.lower(): default for name, default in _SETTING.findall(README)}
    assert told == {name: shown(field.default) for name, field in Settings.model_fields.items()}


@each_page()
def test_no_setting_is_made_up(path: Path) -> None:
    named = {name.lower() for name in re.findall(r"CACHEWRIGHT_([A-Z_]+)\b", path.read_text())}
    assert named <= set(Settings.model_fields)


@each_page()
def test_nothing_is_called_unbuilt_that_is_built(path: Path) -> None:
    assert not set(_UNBUILT.findall(path.read_text())) & set(OPERATIONS)


def test_every_decision_is_listed() -> None:
    directory = sections.ROOT / "docs" / "decisions"
    listed = _LINK.findall((directory / "README.md").read_text())
    assert listed == sorted(path.name for path in directory.glob("0*.md"))
