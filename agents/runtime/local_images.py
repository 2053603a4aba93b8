"""The images on the engine that Cachewright knows to work, and how others get there."""

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cachewright.agents.planning.labels import INSTANCE, YES
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime import bytecode
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.debian import Distribution, dockerfile, mirror_of_this_machine, unpack

log = logging.getLogger(__name__)

ENGINE, FAMILY, VERSION = "cachewright.engine", "cachewright.family", "cachewright.version"
SOURCE, BUILD = "cachewright.source", "cachewright.build"
BASE = "cachewright.base"  # the identity of the image that it was made from
COMPILED = "cachewright.compiled"  # there when Python has nothing to compile but the program that it runs
PROBES: dict[str, tuple[str, ...]] = {
    "redis": ("redis-server", "--version"),
    "valkey": ("valkey-server", "--version"),
    "memcached": ("memcached", "--version"),
    "gateway": ("haproxy", "-v"),
    "directory": ("python3", "--version"),
    "nftables": ("nft", "--version"),
}
PROGRAMS = {"gateway": "haproxy", "directory": "python"}  # what does the work of what is no cache engine
_VERSION = re.compile(r"(?:\bv=|\bversion |\bmemcached |\bPython |\bnftables v)(\d+(?:\.\d+)+)")
_REQUIRED = {ENGINE, FAMILY, VERSION, SOURCE}
_NAMELESS = ["<none>:<none>"]  # in the words of some Docker engines; others have an empty list
_PATH = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_QUESTION = 5.0  # seconds that a registry has to say whether it has an image
_PULL = 120.0  # seconds of silence after which a pull is given up


@dataclass(frozen=True, slots=True)
class Stocked:
    """An image that has been tried out."""

    reference: str
    engine: str
    family: str
    version: str  # of the program in it
    source: str  # the upstream reference, or the distribution
    identity: str = ""
    created: int = 0  # seconds since 1970
    base: str = ""  # the identity of the image that it was made from; empty: not known
    compiled: bool = False  # what its Python imports

    @property
    def build(self) -> str:
        """What really runs, for people: `redis 7.0.15`."""
        return f"{PROGRAMS.get(self.engine, self.engine)} {self.version}"

    @property
    def programs(self) -> str:
        """The directory that its program should be in: a distribution's, or what public images have."""
        return "/usr/bin" if self.source.startswith("debian ") else "/usr/local/bin"


@dataclass(frozen=True, slots=True)
class Pulled:
    """An image that has not been tried out."""

    identity: str
    created: int  # seconds since 1970, wherever it was made


class Shelf:
    """Every image on it has run its program once under the restrictions of a cache node. One that carries the label
    INSTANCE is for that installation alone.
    """

    def __init__(self, engine: Engine, instance: str = "") -> None:
        self._engine, self._instance = engine, instance
        self._asking, self._pulling = engine.lasting(_QUESTION), engine.lasting(_PULL)

    def stocked(self, engine: str, family: str) -> list[Stocked]:
        """The images of an engine and family that can be named: one whose name went to another goes by none."""
        with self._engine.asked("list images") as client:
            rows = client.images(filters={"label": [f"{ENGINE}={engine}", f"{FAMILY}={family}"]})
        return [image for image in self._on_shelf(rows) if image.reference]

    def everything(self) -> tuple[list[Stocked], Mapping[str, Pulled]]:
        """Every image on the shelf, also those that go by no name any more, and by name what else is on the engine."""
        with self._engine.asked("list images", look=True) as client:
            rows = client.images(all=True)  # one without a name that another one was made from is listed only so
        others = [row for row in rows if not _was_tried(row)]
        named = {name: Pulled(row["Id"], row["Created"]) for row in others for name in row["RepoTags"] or ()}
        return self._on_shelf(rows), named

    def holds(self, reference: str) -> bool:
        """Whether the engine has an image by this name, whoever put it there."""
        with self._engine.asked("list images") as client:
            return bool(client.images(name=reference))

    def pull(self, upstream: str) -> None:
        """Fetch an image. Later when no registry answers within seconds, Never when it has no such image."""
        try:
            with self._asking.asked("ask a registry") as client:
                client.inspect_distribution(upstream)
        except Later as verdict:
            if re.search("not found|manifest unknown|denied|unauthorized", verdict.reason):
                raise Never(f"the registry has no {upstream}") from verdict
            raise
        log.info("pulling image %s", upstream)
        repository, _, tag = upstream.rpartition(":")
        with self._pulling.asked(f"pull {upstream}") as client:
            client.pull(repository, tag=tag)

    def assemble(self, row: Distribution) -> str:
        """Build an image out of a distribution's packages; its identity."""
        log.info("building image of %s from %s", row.engine, row.source)
        with TemporaryDirectory(prefix="cachewright-") as directory:
            tar = Path(directory, "root.tar")
            unpack(row, tar, mirror_of_this_machine())
            with self._pulling.asked(f"import image of {row.engine}") as client:
                answer = client.import_image_from_file(str(tar), changes=[_PATH])
        return str(json.loads(answer.splitlines()[-1])["status"])

    def cook(self, row: Distribution) -> str:
        """Build the same with the engine's own builder and a registry; its identity."""
        log.info("building image of %s with a Dockerfile", row.engine)
        with self._pulling.asked(f"build image of {row.engine}") as client:
            steps = list(client.build(fileobj=io.BytesIO(dockerfile(row).encode()), rm=True, decode=True))
        for step in steps:
            if "error" in step:
                raise Later(f"cannot build image of {row.engine}: {step['error']}", 30.0)
        return next(str(step["aux"]["ID"]) for step in reversed(steps) if "aux" in step)

    def adopt(self, image: str, engine: str, family: str, source: str) -> Stocked:
        """Run the image's program for its version, and put the image on the shelf; one with a Python is compiled."""
        deed = f"try image {source} of {engine}"
        compiled = self._compiled(image, deed) if engine in bytecode.PYTHON else image
        with self._ran(deed, _probe(compiled, engine)) as (probe, words):
            stocked = _stocked(engine, family, source, words)
            repository, tag = stocked.reference.split(":")
            with self._engine.asked(deed) as client:
                base = client.inspect_image(image)["Id"]
                client.commit(probe, repository, tag, changes=_labels(stocked, base))
        return stocked

    def _compiled(self, image: str, deed: str) -> str:
        """The identity of the image in which what programs import is compiled; Never when it cannot be."""
        with self._ran(deed, _restricted(image, bytecode.COMMAND, "0:0")) as (compiling, words):
            if words:
                raise Never(f"cannot {deed}: its Python does not run: {words.strip()[:200]}")
            with self._engine.asked(deed) as client:
                return str(client.commit(compiling)["Id"])

    @contextmanager
    def _ran(self, deed: str, config: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        """A container that has run to its end, and what it said."""
        with self._engine.asked(deed) as client:
            container = client.create_container_from_config(config)["Id"]
        try:
            with self._engine.asked(deed) as client:
                client.start(container)
                client.wait(container)
                words = client.logs(container).decode(errors="replace")
            yield container, words
        finally:
            with self._engine.asked(deed) as client:
                client.remove_container(container, force=True, v=True)

    def _on_shelf(self, rows: Iterable[Mapping[str, Any]]) -> list[Stocked]:
        """Of images as the engine lists them, those that are on the shelf."""
        tried = (row for row in rows if _was_tried(row))
        return [_stocked_as(row) for row in tried if row["Labels"].get(INSTANCE, self._instance) == self._instance]


def version_in(words: str) -> str | None:
    """The version that an engine tells of itself."""
    found = _VERSION.search(words)
    return found.group(1) if found else None


def _stocked(engine: str, family: str, source: str, words: str) -> Stocked:
    version = version_in(words)
    if version is None:
        raise Never(f"cannot use image {source} of {engine}: it does not run: {words.strip()[:200]}")
    flavour = re.sub(r"[^a-z0-9.]+", "-", source.lower())
    reference = f"cachewright/{engine}:{version}-{flavour}"
    return Stocked(reference, engine, family, version, source, compiled=engine in bytecode.PYTHON)


def _probe(image: str, engine: str) -> Mapping[str, object]:
    return _restricted(image, PROBES[engine], "10001:10001")


def _restricted(image: str, command: Sequence[str], user: str) -> Mapping[str, object]:
    program, *arguments = command
    restrictions = {"CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges"], "NetworkMode": "none"}
    return {"Image": image, "User": user, "Entrypoint": [program], "Cmd": arguments, "HostConfig": restrictions}


def _was_tried(row: Mapping[str, Any]) -> bool:
    """Whether an image has all labels of one that was put on the shelf."""
    return (row["Labels"] or {}).keys() >= _REQUIRED


def _stocked_as(row: Mapping[str, Any]) -> Stocked:
    """An image as the engine lists it; one whose name went to another has no reference."""
    names, labels = row["RepoTags"] or _NAMELESS, row["Labels"]
    return Stocked(
        "" if names == _NAMELESS else names[0],
        *(labels[ENGINE], labels[FAMILY], labels[VERSION], labels[SOURCE]),
        identity=row["Id"],
        created=row["Created"],
        base=labels.get(BASE, ""),
        compiled=COMPILED in labels,
    )


def _labels(stocked: Stocked, base: str) -> list[str]:
    facts = {
        ENGINE: stocked.engine,
        FAMILY: stocked.family,
        VERSION: stocked.version,
        SOURCE: stocked.source,
        BUILD: stocked.build,
        BASE: base,
        **({COMPILED: YES} if stocked.compiled else {}),
    }
    return ["ENTRYPOINT []", "CMD []", *(f'LABEL {key}="{value}"' for key, value in facts.items())]
