"""`python -m benchmarks [NAMES...] [--rounds N]`: measure, tell, and leave nothing behind."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from benchmarks.families import FAMILIES, PEERS
from benchmarks.figures import Row
from benchmarks.report import document, markdown, table, this_machine
from benchmarks.waiting import CannotMeasure

RESULTS = Path("build")
EVERY = {**FAMILIES, **PEERS}

WIDE = 170  # characters, where there is no terminal to ask

console = Console()
if not console.is_terminal:
    console.width = WIDE


@click.command(epilog=f"Without names: {', '.join(FAMILIES)}. By name only: {', '.join(PEERS)}.")
@click.argument("names", nargs=-1)
@click.option("--rounds", type=click.IntRange(min=1), help="How often each figure is taken.")
def main(names: Sequence[str], rounds: int | None) -> None:
    """Measure Cachewright, each figure in turn with its floor. Bars are told, not enforced."""
    wanted = names or list(FAMILIES)
    if unknown := set(wanted) - set(EVERY):
        raise click.BadParameter(f"there is no {', '.join(sorted(unknown))}; choose among {', '.join(EVERY)}")
    rows, missing = _measured(wanted, rounds)
    console.print(table(rows))
    _write(rows, missing)
    sys.exit(1 if missing else 0)


def _measured(names: Iterable[str], rounds: int | None) -> tuple[list[Row], dict[str, str]]:
    """The rows, and why those that are missing could not be measured."""
    rows: list[Row] = []
    missing: dict[str, str] = {}
    for name in names:
        console.print(f"measuring {name} ...", style="dim")
        try:
            rows += EVERY[name].measure(rounds or EVERY[name].rounds)
        except (CannotMeasure, OSError) as error:
            console.print(f"cannot measure {name}: {error}", style="red", markup=False)
            missing[name] = str(error)
    return rows, missing


def _write(rows: list[Row], missing: dict[str, str]) -> None:
    RESULTS.mkdir(exist_ok=True)
    page, data = RESULTS / "bench.md", RESULTS / "bench.json"
    page.write_text(markdown(rows))
    data.write_text(json.dumps(document(rows, missing, datetime.now(UTC).date(), this_machine()), indent=2) + "\n")
    console.print(f"as Markdown: {page}; with every sample: {data}")


if __name__ == "__main__":
    main()
