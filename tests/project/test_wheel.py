"""What is installed is `cachewright` alone, is whole, and stands beside a package that is called `agents`, too."""

import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.sections import ROOT
from tests.project.checkout import PARTS, PROGRAM, copied

pytestmark = pytest.mark.xdist_group("wheel")  # what they share is built once

OTHER = "openai-agents"  # its package is called `agents`
PATIENCE = 300  # seconds for one step
SDIST = "import sys; from setuptools import build_meta; print(build_meta.build_sdist(sys.argv[1]))"
PUBLISHED = {  # as with Docker Desktop; no other test has these ports, and nobody's own control plane is at the last
    "CACHEWRIGHT_ENDPOINTS": "published",
    "CACHEWRIGHT_PUBLISHED_PORTS": "17410,17460",
    "CACHEWRIGHT_PORT": "1",
}
IMPORTS = """
import agents, cachewright.agents, cachewright.controlplane
assert hasattr(agents, "Runner"), agents.__file__
assert cachewright.agents.__file__ != agents.__file__
"""


def run(*words: object, cwd: Path, **environment: str) -> str:
    """What a command prints; it must succeed. Nothing of this checkout or of this user's settings is seen by it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CACHEWRIGHT_", "PYTHON"))}
    command = [str(word) for word in words]
    done = subprocess.run(
        command, cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def fetched(python: Path, *words: str, cwd: Path) -> None:
    """Install with pip; skip where no registry is reached, fail when pip does for another reason."""
    quick = ("-q", "--no-compile", "--disable-pip-version-check", "--retries", "1")  # only what is imported is compiled
    command = [*pip(python), "install", *quick, *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode and any(sign in done.stderr for sign in ("NewConnectionError", "ProxyError", "ConnectTimeout")):
        pytest.skip(f"no package registry is reached: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


def pip(python: Path) -> list[str]:
    """The command of pip for a virtual environment, which has none of its own."""
    return [sys.executable, "-m", "pip", "--python", str(python)]


def made(home: Path) -> Path:
    """The interpreter of a new virtual environment."""
    venv.create(home)
    return home / "bin" / "python"


def modules() -> set[str]:
    """Every file of the package in this checkout."""
    found = set()
    for link in ("agents", "controlplane"):
        paths = (path for path in (ROOT / link).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        found |= {f"cachewright/{path.relative_to(ROOT)}" for path in paths}
    own = [path for path in (ROOT / "cachewright").rglob("*.py") if "__pycache__" not in path.parts]
    return found | {str(path.relative_to(ROOT)) for path in own} | {"cachewright/py.typed"}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with the wheel that was built from the source distribution, in `wheels`."""
    home = tmp_path_factory.mktemp("wheel")
    python = made(home / "builder")
    fetched(python, "setuptools>=77", "twine>=6", cwd=home)
    run(python, "-c", SDIST, home / "source", cwd=copied(home / "tree"))
    (archive,) = (home / "source").iterdir()
    build = ("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", home / "wheels")
    run(*pip(python), *build, archive, cwd=home)
    yield home


@pytest.fixture(scope="module")
def wheel(workshop: Path) -> Path:
    (path,) = (workshop / "wheels").iterdir()
    return path


def test_the_wheel_has_every_file_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        content = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert content == modules()


def test_an_index_takes_both(workshop: Path, wheel: Path) -> None:
    (archive,) = (workshop / "source").iterdir()
    run(workshop / "builder" / "bin" / "python", "-m", "twine", "check", "--strict", archive, wheel, cwd=workshop)


def test_a_wheel_from_the_checkout_is_the_same(workshop: Path, wheel: Path) -> None:
    build = ("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", workshop / "direct")
    run(*pip(workshop / "builder" / "bin" / "python"), *build, copied(workshop / "again"), cwd=workshop)
    (direct,) = (workshop / "direct").iterdir()
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(direct) as other:
        assert set(one.namelist()) == set(other.namelist())


@pytest.fixture(scope="module")
def outsider(workshop: Path, wheel: Path) -> Path:
    """The interpreter of somebody who has installed the wheel, and who has another package of this name's parts."""
    python = made(workshop / "user")
    fetched(python, str(wheel), OTHER, cwd=workshop)
    return python


def test_installed_beside_another_package_called_agents(outsider: Path, tmp_path: Path) -> None:
    run(outsider, "-c", IMPORTS, cwd=tmp_path)
    command = outsider.parent / "cachewright"
    assert "Usage" in run(command, "--help", cwd=tmp_path)
    with subprocess.Popen(
        [command, "up", "--port", "0", "--data-dir", tmp_path / "data"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "CACHEWRIGHT_RUNTIME": "memory"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        url = process.stdout.readline().split()[3]
        assert '"caches"' in run(command, "status", "--json", "--url", url, cwd=tmp_path)
        process.terminate()
        assert process.wait(PATIENCE) == 0


@pytest.mark.docker
def test_a_project_elsewhere_has_caches_where_containers_are_reached_by_ports_alone(
    outsider: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(ROOT / "docs" / "examples" / "pytest", tmp_path / "shop")
    asked = tomllib.loads((home / "pyproject.toml").read_text())["project"]
    fetched(outsider, *asked["dependencies"], *asked["optional-dependencies"]["test"], cwd=tmp_path)
    said = run(outsider, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=home, TMPDIR=str(tmp_path), **PUBLISHED)
    assert "9 passed" in said


def test_an_editable_installation_takes_no_name_but_its_own(tmp_path: Path) -> None:
    code = "import importlib.util as u; print([n for n in ('agents', 'controlplane', 'docs') if u.find_spec(n)])"
    assert run(sys.executable, "-c", code, cwd=tmp_path) == "[]\n"


def test_the_image_is_built_from_the_same_files() -> None:
    lines = (ROOT / "compose" / "Dockerfile").read_text().splitlines()
    sources = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    ignored = (ROOT / "compose" / "Dockerfile.dockerignore").read_text().splitlines()
    assert sources == {*PARTS, PROGRAM} == {line[1:] for line in ignored if line.startswith("!")}
