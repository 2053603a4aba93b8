"""Tests in this directory decide with values: no sockets, no databases, no processes, no waiting."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_FORBIDDEN = frozenset(
    {"socket.bind", "socket.connect", "sqlite3.connect", "subprocess.Popen", "os.system", "os.fork", "time.sleep"}
)
_running: list[str] = []  # the test that runs now, if any


class Impure(BaseException):
    """A unit test did what only other tests may; nothing that catches exceptions hides it."""


def _refuse(event: str, _arguments: object) -> None:
    if event in _FORBIDDEN and _running:
        raise Impure(f"{event} in {_running[-1]}: see CONTRIBUTING, Tests, for where such a test belongs")


sys.addaudithook(_refuse)


@contextmanager
def _held_to_the_rule(item: pytest.Item) -> Iterator[None]:
    _running.append(item.nodeid)
    try:
        yield
    finally:
        _running.pop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """The rule holds for the fixtures of a unit test,"""
    with _held_to_the_rule(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """for the test itself,"""
    with _held_to_the_rule(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """and for their ends; but behind the last test of all, fixtures of others end, too: a control plane, for one."""
    if nextitem is None:
        return (yield)
    with _held_to_the_rule(item):
        return (yield)
