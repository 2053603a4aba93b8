"""What all tests share: those marked `docker` are skipped, with the reason, where no engine answers."""

import functools
import gc
import os

import pytest
from hypothesis import settings

from tests.schedule import arrange

settings.register_profile("untimed", deadline=None)  # machines are noisy; no test is timed
settings.load_profile("untimed")


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: one waits for Terraform's own pauses, and who waits for containers leaves a core
    to others.
    """
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before pytest-xdist reads the groups."""
    arrange(items)


@functools.cache
def _silence() -> str | None:
    from cachewright.agents.planning.verdicts import Later  # noqa: PLC0415 - most runs have no need of Docker's client
    from cachewright.agents.runtime.docker import DockerRuntime  # noqa: PLC0415

    try:
        DockerRuntime("tests").version()
    except Later as verdict:
        return verdict.reason
    return None


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end: the garbage collector need not go through them again and again."""
    gc.collect()
    gc.freeze()


class FailuresAtOnce:
    """Says what failed when it fails: a run that is ended from outside never comes to its summary."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self.terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test has ended."""
        if report.failed:
            reason = getattr(getattr(report.longrepr, "reprcrash", None), "message", report.longreprtext)
            self.terminal.write_line(f"\n{report.nodeid} ({report.when}): {reason.partition(chr(10))[0]}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Where there is a terminal: in the process that hands out tests."""
    if not hasattr(config, "workerinput"):
        terminal: pytest.TerminalReporter = config.pluginmanager.getplugin("terminalreporter")
        config.pluginmanager.register(FailuresAtOnce(terminal))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs an engine when there is none."""
    if item.get_closest_marker("docker") and (reason := _silence()):
        pytest.skip(reason)
