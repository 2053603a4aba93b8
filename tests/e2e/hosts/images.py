"""The images that a stack names, where there is no registry: out of what is on this machine."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest

from cachewright.agents.runtime.images import Images
from tests.contract import postgresql
from tests.e2e.built import based, removed

PYTHON, PROXY, DATABASE = "python:3.12-slim", "haproxy:3.2", "postgres:17"
_PROGRAMS = ("postgres", "initdb", "pg_isready")
_OF_THE_BASE = frozenset({"libc.so.6", "libm.so.6", "libresolv.so.2"})  # which go with its loader
_DOCKERFILE = """
FROM {base}
LABEL cachewright.engine="" cachewright.family=""
USER 0
COPY root /
RUN ["python3", "-c", "open('/etc/passwd', 'a').write('postgres:x:999:999::/:/bin/false\\\\n')"]
ENV PATH={binaries}:/usr/bin LD_LIBRARY_PATH=/postgresql
ENTRYPOINT ["python3", "/postgres_entrypoint.py"]
"""


@contextmanager
def stand_ins(machine: docker.DockerClient, home: Path) -> Iterator[tuple[str, ...]]:
    """Images under the names of a registry's, on this machine's engine: Debian's Python, HAProxy and PostgreSQL."""
    with based(machine, home / "python", PYTHON), removed(machine, PROXY), removed(machine, DATABASE):
        machine.images.get(Images().gateway().reference).tag(PROXY)
        machine.images.build(path=str(_postgresql(home / "postgresql")), tag=DATABASE, rm=True)
        yield PYTHON, PROXY, DATABASE


def _postgresql(home: Path) -> Path:
    """A directory with the Dockerfile, the programs of this machine, and the libraries that they need."""
    binaries = postgresql.programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    root = home / "root"
    for tree in (binaries.parent, Path("/usr/share/postgresql", binaries.parent.name), Path("/usr/share/zoneinfo")):
        shutil.copytree(tree, root / tree.relative_to("/"), symlinks=True)
    (root / "postgresql").mkdir()
    for library in {library for name in _PROGRAMS for library in _libraries(binaries / name)}:
        shutil.copy(library, root / "postgresql")
    (root / "bin").mkdir()
    shutil.copy("/bin/dash", root / "bin/sh")  # by which initdb starts the others
    shutil.copy(Path(__file__).with_name("postgres_entrypoint.py"), root)
    dockerfile = _DOCKERFILE.format(base=Images().directory().reference, binaries=binaries)
    (home / "Dockerfile").write_text(dockerfile)
    return home


def _libraries(program: Path) -> list[str]:
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    return [library for library in re.findall(r"=> (/\S+)", said) if Path(library).name not in _OF_THE_BASE]
