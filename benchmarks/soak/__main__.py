"""`python -m benchmarks.soak [--minutes N] [--seed N]`: exit status 1 when something was that must not be."""

import sys
from contextlib import suppress
from pathlib import Path
from secrets import randbelow

import click
from rich.console import Console

from benchmarks.__main__ import WIDE
from benchmarks.hosts import three
from benchmarks.soak.outcomes import table
from benchmarks.soak.site import PORTS, SHAPES, left, site
from benchmarks.soak.soaking import Record, soak
from benchmarks.soak.steps import steps
from benchmarks.waiting import CannotMeasure, until

LOGS = Path("build/soak")
SEEDS = 1_000_000

console = Console()
if not console.is_terminal:
    console.width = WIDE


@click.command()
@click.option("--minutes", envvar="SOAK_MINUTES", type=click.FloatRange(min=0), default=10.0, show_default=True)
@click.option("--seed", envvar="SOAK_SEED", type=int, help="Which order; without it another one each time.")
def main(minutes: float, seed: int | None) -> None:
    """Have hosts, agents and wishes change under writers, and count what must not be."""
    chosen = randbelow(SEEDS) if seed is None else seed
    again = f"SOAK_SEED={chosen} SOAK_MINUTES={minutes:g} make soak"
    _say(f"seed {chosen}; the same steps again: {again}")
    record = Record()
    try:
        _soaked(minutes * 60, chosen, record)
    except CannotMeasure as error:
        record.complain(str(error), _say)
    console.print(table(record.outcomes))
    many = len(record.violations)
    _say(f"{many} violations; again: {again}; what agents said: {LOGS}" if many else f"no violation; again: {again}")
    sys.exit(1 if many else 0)


def _soaked(seconds: float, seed: int, record: Record) -> None:
    LOGS.mkdir(parents=True, exist_ok=True)
    for old in LOGS.iterdir():
        old.unlink()
    with three(PORTS) as (made, settings):
        with site(made, settings, LOGS) as found:
            soak(found, steps(seed, len(SHAPES)), seconds, record, _say)
            for orphan in () if record.is_stuck else found.delete():
                record.complain(f"left of a cache that was deleted: {orphan}", _say)
        with suppress(CannotMeasure):  # whatever is left then is told
            until(lambda: not left(made), "every manager of the Swarm to know that nothing is left", 0.5)
        for orphan in left(made):
            record.complain(f"left of the installation: {orphan}", _say)


def _say(words: str) -> None:
    console.print(words, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
