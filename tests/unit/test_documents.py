"""Documents: what they say is what is read, and nobody changes what others read."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import pytest

from cachewright.controlplane.model.cache import Spec, Status
from cachewright.controlplane.store.documents import Unreadable, from_json, to_json
from cachewright.controlplane.store.upgrades import SCHEMA, UPGRADES, renamed, upgraded
from tests.golden.files import file_of
from tests.golden.values import EVERY, SPEC, STATUS, as_of
from tests.golden.written import FACTS

API = Path(__file__).parents[2] / "controlplane" / "api"


def types_in(kind: Any) -> Iterator[type]:
    """Every dataclass that a document of that kind consists of."""
    if is_dataclass(kind):
        yield cast(type, kind)
        for part in get_type_hints(kind).values():
            yield from types_in(part)
    for part in get_args(kind):
        yield from types_in(part)


def set_in(value: Any) -> Iterator[tuple[str, str]]:
    """The fields in a value that are other than their default."""
    if isinstance(value, tuple):
        for part in value:
            yield from set_in(part)
    elif isinstance(value, Mapping):
        yield from set_in(tuple(value.values()))
    elif is_dataclass(value):
        for field in fields(value):
            content = getattr(value, field.name)
            usual = field.default if field.default_factory is MISSING else field.default_factory()
            if content != usual:
                yield (type(value).__name__, field.name)
                yield from set_in(content)


@pytest.mark.parametrize("value", EVERY, ids=lambda value: type(value).__name__)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    assert from_json(type(value), to_json(value)) == value


def test_the_written_databases_know_every_field() -> None:
    every = {(kind.__name__, field.name) for value in EVERY for kind in types_in(type(value)) for field in fields(kind)}
    missing = every - set(set_in(EVERY))
    assert not missing, "give each a value in tests/golden/values.py, then: python -m tests.golden.written"


def test_the_present_form_is_the_one_that_was_written() -> None:
    written = json.loads(file_of(SCHEMA).read_text())["tables"]
    documents = [written["caches"][0][name] for name in ("spec", "status", "presentation")]
    documents += [row["document"] for row in sorted(written["records"], key=lambda row: row["noun"])]
    documents += [row["document"] for row in written["log_deliveries"]]
    documents += [row["value"] for row in written["facts"] if row["name"] in FACTS]
    assert documents == [to_json(value) for value in EVERY], (
        "a field that was renamed or removed needs a new form: a row in controlplane/store/upgrades.py; "
        "then, or for a field that was added: python -m tests.golden.written"
    )


@pytest.mark.parametrize("form", range(1, SCHEMA + 1))
def test_a_report_of_any_form_is_read_as_the_same(form: int) -> None:
    """Specs of the first form are taken apart by the database, see `tests/contract/test_store_documents.py`."""
    written = json.loads(file_of(form).read_text())["tables"]["caches"][0]["status"]
    assert from_json(Status, written) == as_of(form, STATUS), "a field that was added came with a form: see CAME"


def test_every_kind_of_record_is_among_them() -> None:
    used = set(re.findall(r"\.records\(\w+, (\w+)\)", "".join(path.read_text() for path in API.rglob("*.py"))))
    others = {"Delivery", "Builds", "Catalogue"}  # which are no records
    assert used == {type(value).__name__ for value in EVERY[3:]} - others


def test_steps_are_about_kinds_that_there_are() -> None:
    kinds = {type(value).__name__ for value in EVERY}
    assert sorted(UPGRADES) == list(range(1, SCHEMA))
    assert all(kinds >= set(row) for row in UPGRADES.values())


def test_a_step_changes_names_only_where_they_are() -> None:
    assert renamed({"a": 1, "b": 2}, b="c") == {"a": 1, "c": 2}
    assert upgraded("Status", {"reason": "why"}, 1) == {"reason": "why"}
    assert upgraded("Spec", {"shards": [{"heir": "x"}, {"id": "1"}]}, 1) == {
        "shards": [{"candidate": "x"}, {"id": "1"}]
    }
    assert upgraded("Spec", {"shards": [{"heir": "x"}]}, SCHEMA) == {"shards": [{"heir": "x"}]}


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"authh": {"tokens": ["secret"]}}, "its spec: authh: no such field is known"),
        ({"auth": {"token": ["secret"]}}, "its spec: auth.token: no such field is known"),
        ({"auth": {"tokens": "secret"}}, "its spec: auth.tokens: it should be a list"),
        ({"schema": SCHEMA + 1}, f"its spec: it is of form {SCHEMA + 1}, and this version of Cachewright knows those"),
        ({"schema": 0}, "its spec: it is of form 0"),
        ({"schema": "secret"}, "its spec: "),
    ],
)
def test_what_is_not_known_is_not_read(changed: dict[str, Any], cause: str) -> None:
    with pytest.raises(Unreadable, match=f"^{re.escape(cause)}") as refused:
        from_json(Spec, json.dumps(json.loads(to_json(SPEC)) | changed))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("document", ["", "[]", "null", "7", '{"schema":2'])
def test_what_is_no_document_is_not_read(document: str) -> None:
    with pytest.raises(Unreadable, match="its spec: "):
        from_json(Spec, document)


def test_nobody_changes_what_others_read() -> None:
    status = from_json(Status, to_json(STATUS))
    assert from_json(Status, to_json(STATUS)) is status
    mappings = [cast(Any, getattr(status, field.name)) for field in fields(Status)]
    mappings = [each for each in mappings if isinstance(each, Mapping)]
    assert len(mappings) == 5
    for each in mappings:
        with pytest.raises(TypeError):
            each["x"] = "y"


def test_only_a_document_itself_has_mappings() -> None:
    """They are made unchangeable there and nowhere deeper."""
    kinds = {type(value) for value in EVERY}
    for kind in {part for value in kinds for part in types_in(value)}:
        for name, content in get_type_hints(kind).items():
            changeable = re.search(r"\b(dict|list|set|Mapping)\[", str(content))
            assert not changeable or (kind in kinds and str(content).startswith("collections.abc.Mapping[")), name
