"""Which image runs in the place of an AWS engine version."""

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import dnslib.dns
import pytest

from cachewright.agents import programs
from cachewright.agents.planning.labels import INSTANCE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime import bytecode
from cachewright.agents.runtime.connection import Engine as DockerEngine
from cachewright.agents.runtime.debian import (
    DISTRIBUTIONS,
    PUBLIC_MIRROR,
    Distribution,
    command,
    distribution,
    dockerfile,
    mirror,
)
from cachewright.agents.runtime.images import STANDARD, Images
from cachewright.agents.runtime.local_images import (
    ENGINE,
    FAMILY,
    PROBES,
    SOURCE,
    VERSION,
    Pulled,
    Shelf,
    Stocked,
    version_in,
)
from cachewright.controlplane.model.versions import FAMILIES
from cachewright.controlplane.model.versions import Engine as EngineName

OWN = ("gateway", "nftables", "directory")  # what is no cache engine
PATH = Path("root.tar")
REDIS_70 = Stocked("cachewright/redis:7.0.15", "redis", "redis7", "7.0.15", "debian bookworm")
OFFICIAL_70 = Stocked("cachewright/redis:7.0.9", "redis", "redis7", "7.0.9", "redis:7.0")


@dataclass
class PretendShelf(Shelf):
    """A shelf on no engine: what a registry has, what it says, and whether packages can be unpacked."""

    registry: dict[str, str] = field(default_factory=dict)  # upstream reference: version
    silence: str = ""  # why no registry answers
    blocked: Later | Never | None = None  # why nothing can be built
    content: list[Stocked] = field(default_factory=list)
    asked: int = 0
    pulled: dict[str, Pulled] = field(default_factory=dict)  # by name
    unfit: bool = False  # nothing runs
    tried: int = 0

    def everything(self) -> tuple[list[Stocked], Mapping[str, Pulled]]:
        return list(self.content), self.pulled

    def stocked(self, engine: str, family: str) -> list[Stocked]:
        return [image for image in self.content if (image.engine, image.family) == (engine, family)]

    def holds(self, reference: str) -> bool:
        return False

    def pull(self, upstream: str) -> None:
        self.asked += 1
        if self.silence:
            raise Later(self.silence)
        if upstream not in self.registry:
            raise Never(f"the registry has no {upstream}")

    def assemble(self, row: Distribution) -> str:
        if self.blocked:
            raise self.blocked
        return row.version

    def cook(self, row: Distribution) -> str:
        if self.silence:
            raise Later(self.silence)
        return row.version

    def adopt(self, image: str, engine: str, family: str, source: str) -> Stocked:
        self.tried += 1
        if self.unfit:
            raise Never(f"{image} does not run")
        version = self.registry.get(image, f"{image}.0")
        reference = f"cachewright/{engine}:{version}"
        made = Stocked(reference, engine, family, version, source, compiled=engine in bytecode.PYTHON)
        self.content = [*(each for each in self.content if each.reference != reference), made]
        return made


def test_the_registry_comes_before_the_packages() -> None:
    images = Images(shelf=PretendShelf(registry={"redis:7.0": "7.0.9"}))
    assert images.find("redis", "7.1", "redis7", "redis:7.0").build == "redis 7.0.9"


def test_what_is_there_is_neither_pulled_nor_built_again() -> None:
    shelf = PretendShelf(registry={"redis:7.0": "7.0.9"}, content=[REDIS_70])
    assert Images(shelf=shelf).find("redis", "7.1", "redis7", "redis:7.0").build == "redis 7.0.15"
    assert shelf.asked == 0


def test_without_a_registry_packages_are_used() -> None:
    images = Images(shelf=PretendShelf(silence="no registry"))
    assert images.find("valkey", "8.0", "valkey8", "valkey/valkey:8.0").build == "valkey 8.0.0"
    assert images.find("valkey", "8.2", "valkey8", "valkey/valkey:8.1").build == "valkey 8.1.0"
    assert images.gateway().build == "haproxy 2.6.0"


def test_the_directory_is_pulled_or_built_once_and_then_never_again() -> None:
    pulled = PretendShelf(registry={"python:3-slim": "3.13.1"})
    assert Images(shelf=pulled).directory().build == "python 3.13.1"
    built = PretendShelf(silence="no registry")
    assert Images(shelf=built).directory().build == "python 3.11.0"
    assert Images(shelf=built).directory().build == "python 3.11.0"
    assert built.asked == 1


def test_a_python_of_an_earlier_release_is_compiled_once() -> None:
    old = Stocked("cachewright/directory:3.11.2", "directory", "directory", "3.11.2", "debian bookworm")
    shelf = PretendShelf(silence="no registry", blocked=Later("mirror away"), content=[old])
    shelf.registry = {old.reference: "3.11.2"}
    for _ in range(2):
        assert Images(shelf=shelf).directory().build == "python 3.11.2"
        assert (shelf.tried, [image.compiled for image in shelf.content]) == (1, [True])


def test_what_programs_import_is_compiled() -> None:
    trees = [ast.parse(path.read_text()) for path in Path(programs.__file__).parent.glob("*/program/*.py")]
    found = {name for tree in trees for node in ast.walk(tree) for name in _imported(node)}
    found |= {name for name, value in vars(dnslib.dns).items() if isinstance(value, ModuleType)}
    of_the_library = found & sys.stdlib_module_names - set(sys.builtin_module_names)
    assert {"asyncio", "textwrap"} < of_the_library
    assert of_the_library <= set(bytecode.MODULES)


def _imported(node: ast.AST) -> Iterable[str]:
    """The packages that a statement imports."""
    match node:
        case ast.Import(names=names):
            return [each.name.partition(".")[0] for each in names]
        case ast.ImportFrom(module=str(name), level=0):
            return [name.partition(".")[0]]
    return ()


def test_a_silent_registry_is_not_asked_again_and_again() -> None:
    shelf = PretendShelf(silence="no registry")
    images = Images(shelf=shelf)
    for minor in ("8.0", "8.1", "8.2"):
        images.find("valkey", minor, "valkey8", f"valkey/valkey:{minor}")
    assert shelf.asked == 1


def test_one_missing_image_does_not_silence_the_registry() -> None:
    images = Images(shelf=PretendShelf(registry={"redis:6.2": "6.2.14"}))
    images.find("redis", "7.1", "redis7", "redis:7.0")
    assert images.find("redis", "6.2", "redis6.x", "redis:6.2").build == "redis 6.2.14"


def test_another_family_is_never_substituted() -> None:
    images = Images(shelf=PretendShelf(silence="no registry", content=[REDIS_70]))
    with pytest.raises(Never, match=r"no image of redis 5.0.6: no registry, and Debian has none of family redis5.0"):
        images.find("redis", "5.0.6", "redis5.0", "redis:5.0.6")


def test_another_version_of_the_family_is_better_than_none() -> None:
    valkey = Stocked("cachewright/valkey:8.1.1", "valkey", "valkey8", "8.1.1", "debian trixie")
    images = Images(shelf=PretendShelf(silence="no registry", blocked=Later("mirror away"), content=[valkey]))
    assert images.find("valkey", "8.0", "valkey8", "valkey/valkey:8.0").build == "valkey 8.1.1"


def test_a_blocked_way_is_tried_later_with_all_reasons() -> None:
    images = Images(shelf=PretendShelf(silence="no registry", blocked=Later("mirror away")))
    with pytest.raises(Later, match=r"no image of redis 7.1: no registry; mirror away"):
        images.find("redis", "7.1", "redis7", "redis:7.0")


def test_without_mmdebstrap_the_engine_builds() -> None:
    images = Images(shelf=PretendShelf(blocked=Never("mmdebstrap is not installed")))
    assert images.gateway().build == "haproxy 2.6.0"


@pytest.mark.parametrize(
    ("words", "version"),
    [
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "7.0.15"),
        ("Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0", "8.1.1"),
        ("memcached 1.6.18", "1.6.18"),
        ("Python 3.11.2", "3.11.2"),
        ("HAProxy version 2.6.12-1+deb12u3 2025/10/03 - https://haproxy.org/", "2.6.12"),
        ("exec /usr/bin/valkey-server: no such file or directory", None),
    ],
)
def test_engines_tell_their_version(words: str, version: str | None) -> None:
    assert version_in(words) == version


def test_every_distribution_has_a_probe_and_a_known_family() -> None:
    assert {row.engine for row in DISTRIBUTIONS} == set(PROBES) == {*(engine.value for engine in EngineName), *OWN}
    assert {row.family for row in DISTRIBUTIONS} <= {*FAMILIES, *OWN}


def test_the_standard_set_needs_no_registry() -> None:
    assert len(STANDARD) == 5
    assert all(distribution(row.engine, row.version, row.family) for row in STANDARD)


def test_backports_add_to_their_suite() -> None:
    row = distribution("valkey", "8.0", "valkey8")
    assert row is not None
    sources = [word for word in command(row, PATH, "http://mirror") if word.startswith("deb ")]
    assert sources == ["deb http://mirror bookworm main", "deb http://mirror bookworm-backports main"]
    assert "-t bookworm-backports valkey-server" in dockerfile(row)


@pytest.mark.parametrize(
    ("os_release", "targets", "expected"),
    [
        (["ID=debian", "VERSION_CODENAME=bookworm"], ["bookworm main http://corp/debian/"], "http://corp/debian"),
        (["ID=debian", "VERSION_CODENAME=bookworm"], ["bookworm-security main http://corp/sec/"], PUBLIC_MIRROR),
        (["ID=ubuntu", "VERSION_CODENAME=noble"], ["noble main http://archive.ubuntu.com/ubuntu/"], PUBLIC_MIRROR),
        ([], [], PUBLIC_MIRROR),
    ],
)
def test_the_mirror_is_the_one_of_this_machine(os_release: list[str], targets: list[str], expected: str) -> None:
    assert mirror(os_release, targets) == expected


class Listing(DockerEngine):
    """An engine with one image that has its name, two whose name went to another, one that lacks labels, and one that
    is for an installation.
    """

    def images(self, filters: object = None, *, all: bool = False) -> list[dict[str, object]]:  # noqa: A002
        own = {ENGINE: "redis", FAMILY: "redis7"}
        labels = {**own, VERSION: "7.0.15", SOURCE: "debian bookworm"}
        rows = [(["<none>:<none>"], labels), ([], labels), (["cachewright/redis:7.0.15"], labels), (["mine:1"], own)]
        rows.append((["cachewright/redis:own"], {**labels, INSTANCE: "one"}))
        return [{"Id": "sha256:1", "Created": 1, "RepoTags": names, "Labels": each} for names, each in rows]

    def _connected(self, timeout: float) -> Any:
        return self


def test_an_image_without_a_name_is_not_on_the_shelf() -> None:
    stocked = Shelf(Listing()).stocked("redis", "redis7")
    assert [image.reference for image in stocked] == ["cachewright/redis:7.0.15"]


def test_what_is_at_hand_is_neither_pulled_nor_built() -> None:
    shelf = PretendShelf(registry={"redis:6.2": "6.2.14"}, content=[OFFICIAL_70, REDIS_70])
    images = Images(shelf=shelf)
    assert [image.build for image in images.at_hand("redis", "redis7")] == ["redis 7.0.15", "redis 7.0.9"]
    assert images.at_hand("redis", "redis6.x") == []
    assert shelf.asked == 0


def test_an_image_for_an_installation_is_on_no_other_shelf() -> None:
    def references(instance: str) -> list[str]:
        return [image.reference for image in Shelf(Listing(), instance).everything()[0]]

    assert references("one") == ["", "", "cachewright/redis:7.0.15", "cachewright/redis:own"]
    assert references("other") == references("") == ["", "", "cachewright/redis:7.0.15"]


def test_a_build_serves_the_versions_for_which_it_is_the_best() -> None:
    nameless = replace(OFFICIAL_70, reference="", identity="sha256:old")
    named = replace(OFFICIAL_70, identity="sha256:new", created=1)
    gateway = Stocked("cachewright/gateway:1", "gateway", "gateway", "2.6.12", "debian bookworm")
    builds = Images(shelf=PretendShelf(content=[nameless, named, gateway])).builds()
    assert [build.image for build in builds] == ["sha256:old", "sha256:new"]
    assert builds[0].serves == ()
    assert "7.1.0" in builds[1].serves


def test_what_was_pulled_anew_is_tried_out_once() -> None:
    old = replace(OFFICIAL_70, identity="sha256:old", base="sha256:1")
    shelf = PretendShelf({"redis:7.0": "7.0.15"}, content=[old], pulled={"redis:7.0": Pulled("sha256:2", 2)})
    assert [build.version for build in Images(shelf=shelf).builds()] == ["7.0.9", "7.0.15"]


def test_what_does_not_run_is_not_tried_twice() -> None:
    old = replace(OFFICIAL_70, identity="sha256:old", base="sha256:1")
    shelf = PretendShelf(unfit=True, content=[old], pulled={"redis:7.0": Pulled("sha256:2", 2)})
    images = Images(shelf=shelf)
    assert [build.version for build in images.builds()] == ["7.0.9"]
    assert [build.version for build in images.builds()] == ["7.0.9"]
    assert shelf.tried == 1
