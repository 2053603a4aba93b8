"""Tests in this directory decide with values: no sockets, no databases, no processes, no waiting."""

import sys
from collections.abc import Iterator

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """The rule holds from the first fixture of a unit test to the end of its last one."""
    if "unit" not in item.path.parts:
        return (yield)
    _running.append(item.nodeid)
    try:
        return (yield)
    finally:
        _running.pop()
