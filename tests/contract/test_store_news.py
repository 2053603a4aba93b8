"""Who looks at the database again and again looks only when something may have been written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.news import News
from tests.contract.test_store import add, group, store, url

__all__ = ["store", "url"]  # fixtures


class Looks:
    """Finds what it is told to, and counts."""

    def __init__(self, *found: list[str]) -> None:
        self._found: Iterator[list[str]] = iter(found)

    def __call__(self) -> list[str]:
        return next(self._found)


def test_nothing_is_looked_for_again_until_something_is_written(store: Store) -> None:
    news, looks = News(store, certain=False), Looks([], ["it"])
    assert news.found(looks) == []
    assert [*news.found(looks)] == []
    add(store, group("rg"))
    assert news.found(looks) == ["it"]


def test_what_was_found_is_looked_for_until_it_is_gone(store: Store) -> None:
    news, looks = News(store, certain=False), Looks(["it"], ["it"], [])
    assert [[*news.found(looks)] for _ in range(4)] == [["it"], ["it"], [], []]


def test_a_look_that_failed_is_made_again(store: Store) -> None:
    def fails() -> list[str]:
        raise RuntimeError

    news = News(store, certain=False)
    with pytest.raises(RuntimeError):
        news.found(fails)
    assert news.found(Looks(["it"])) == ["it"]


def test_what_is_written_during_a_look_is_looked_for(store: Store) -> None:
    def meanwhile() -> list[str]:
        add(store, group("rg"))
        return []

    news = News(store, certain=False)
    assert news.found(meanwhile) == []
    assert news.found(Looks(["it"])) == ["it"]


def test_where_several_write_words_may_be_lost(store: Store) -> None:
    news, looks = News(store), Looks([], ["it"])
    news.found(looks)
    assert [*news.found(looks)] == (["it"] if store.shared else [])


def test_a_file_is_one_process_alone(tmp_path: Path) -> None:
    alone = Store(f"sqlite:///{tmp_path / 'alone.db'}")
    assert not alone.shared
    alone.close()
