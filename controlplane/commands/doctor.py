"""`cachewright doctor`: looks at everything that Cachewright needs, and says how to mend what is amiss."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import click
from rich.console import Console
from rich.markup import escape

from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.local_images import Shelf
from cachewright.controlplane.commands import engine_checks, host_checks
from cachewright.controlplane.commands.checks import Finding, Mark, of_this_machine
from cachewright.controlplane.commands.reach import names, network
from cachewright.controlplane.commands.service_checks import services
from cachewright.controlplane.settings import Settings

_COLOURS = {Mark.GOOD: "green", Mark.DOUBTFUL: "yellow", Mark.BAD: "bold red"}


def examine(settings: Settings, console: Console) -> bool:
    """Print every finding as it is made; whether nothing essential fails."""
    healthy = True
    for finding in _findings(settings):
        console.print(line(finding), highlight=False, soft_wrap=True)
        healthy &= finding.mark is not Mark.BAD
    return healthy


def show_json(settings: Settings) -> bool:
    """Print all findings as JSON; whether nothing essential fails."""
    findings = list(_findings(settings))
    click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    return all(finding.mark is not Mark.BAD for finding in findings)


def line(finding: Finding) -> str:
    """A finding for the terminal, in Rich's markup; the remedy has a line of its own."""
    colour = _COLOURS[finding.mark]
    told = f"[{colour}]{finding.mark:<5}[/]{finding.subject}: {escape(finding.words)}"
    return f"{told}\n     [bold]to mend it:[/] {escape(finding.remedy)}" if finding.remedy else told


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from of_this_machine(settings)
    yield names(settings)
    yield from services(settings)
    yield from host_checks.findings(settings)
    runtime = DockerRuntime("doctor")
    engine = engine_checks.reachable(runtime)
    yield engine
    if engine.mark is not Mark.BAD:
        yield from _of_the_engine(settings, runtime)


def _of_the_engine(settings: Settings, runtime: DockerRuntime) -> Iterator[Finding]:
    shelf = Shelf(Engine())
    try:
        yield engine_checks.memory(runtime)
        yield engine_checks.images(shelf)
        yield from network(shelf, settings)
    except (Later, Never) as verdict:
        yield Finding("container engine", Mark.BAD, verdict.reason, "is it being stopped? try again")
