"""The programs of this package that run in containers of their own, on the Python of the container's image."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cachewright.agents.planning.containers import File

_AGENTS = Path(__file__).parent


@cache
def program(name: str, *libraries: Path) -> tuple[File, ...]:
    """The program of the room `name`, such as `gateway`, which `python3 -I /NAME` runs; beside it packages that it
    needs, of which the modules are enough. Read once.
    """
    return tuple(_files(name, libraries))


def home(name: str) -> str:
    """Where the program of a room lies in its container."""
    return f"/{name}"


def _files(name: str, libraries: tuple[Path, ...]) -> Iterator[File]:
    main = f"from cachewright.agents.{name}.program.server import main\n\nmain()\n"
    yield File(f"{home(name)}/__main__.py", main.encode())
    yield from _modules(_AGENTS / name / "program", f"{home(name)}/cachewright/agents/{name}/program")
    for library in libraries:
        yield from _modules(library, f"{home(name)}/{library.name}")


def _modules(package: Path, place: str) -> Iterator[File]:
    return (File(f"{place}/{path.name}", path.read_bytes()) for path in sorted(package.glob("*.py")))
