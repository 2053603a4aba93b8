"""The image of the control plane, built with its own Dockerfile where there is no registry.

Its base is the directory's image, which is Debian's Python, with the packages that are installed here.
"""

import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import docker
import pytest
from packaging.requirements import Requirement

from cachewright.agents.runtime.images import Images
from docs.sections import ROOT
from tests.project.checkout import PARTS, PROGRAM

PYTHON = "3.11"  # of the directory's image
_BASE = """
FROM {python}
LABEL cachewright.engine="" cachewright.family=""
USER 0
COPY site /usr/local/lib/python{minor}/dist-packages
COPY wheels /wheels
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels PIP_BREAK_SYSTEM_PACKAGES=1 PIP_DISABLE_PIP_VERSION_CHECK=1
"""
_WHEELS = ("setuptools>=77", "async-timeout")  # to build the package; what redis-py needs with Debian's 3.11.2
_PATIENCE = 60  # seconds for pip


@contextmanager
def built(machine: docker.DockerClient, home: Path, name: str) -> Iterator[str]:
    """The image, as `name`; it is removed at the end."""
    with based(machine, home, f"{name}-base") as base, removed(machine, name):
        context = {"fileobj": _context(), "custom_context": True, "dockerfile": "compose/Dockerfile"}
        machine.images.build(**context, buildargs={"BASE": base}, tag=name, rm=True)
        yield name


@contextmanager
def based(machine: docker.DockerClient, home: Path, name: str) -> Iterator[str]:
    """The base that it is built on where there is no registry, as `name`; it is removed at the end."""
    with removed(machine, name):
        machine.images.build(path=str(_base(home)), tag=name, rm=True)
        yield name


@contextmanager
def removed(machine: docker.DockerClient, name: str) -> Iterator[None]:
    """An image of that name, if one was made meanwhile, is not there afterwards."""
    try:
        yield
    finally:
        if machine.images.list(name=name):
            machine.images.remove(name, force=True)


def _base(home: Path) -> Path:
    """A directory with the Dockerfile of the base, and with what the package needs."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if here != PYTHON:
        pytest.skip(f"packages of Python {here} do not run with Debian's {PYTHON}")
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(home / "wheels"), *_WHEELS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if done.returncode:
        pytest.skip(f"no package registry is reached: {done.stderr.strip().splitlines()[-1]}")
    found: set[str] = set()
    for requirement in (*(distribution("cachewright").requires or ()), "pip"):
        _gather(Requirement(requirement), "postgresql", found)
    for name in found:
        _copy(name, home / "site")
    (home / "Dockerfile").write_text(_BASE.format(python=Images().directory().reference, minor=PYTHON))
    return home


def _gather(wanted: Requirement, extra: str, found: set[str]) -> None:
    """Add a requirement, and what it requires itself, unless its marker says that it is not needed here."""
    if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
        return
    try:
        requires = distribution(wanted.name).requires or ()
    except PackageNotFoundError:
        return  # pip will say that it is missing
    known = wanted.name.lower() in found
    found.add(wanted.name.lower())
    for own in ("", *wanted.extras) if not known or wanted.extras else ():
        for requirement in requires:
            _gather(Requirement(requirement), own, found)


def _copy(name: str, site: Path) -> None:
    for file in distribution(name).files or ():
        source = Path(str(file.locate()))
        if ".." not in file.parts and source.exists():
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, site / file)  # with its time, by which what is compiled goes


def _context() -> io.BytesIO:
    """What `docker build` sends: the files that the list of ignored ones lets through."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in (*PARTS, PROGRAM, "compose/Dockerfile"):
            archive.add(ROOT / name, name, filter=_kept)
    packed.seek(0)
    return packed


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry
