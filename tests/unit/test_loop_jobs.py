"""Long work beside the loop: done once for all who wait, and told to each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from cachewright.agents.loop.jobs import FRESH, JobBoard
from cachewright.agents.planning.images import DIRECTORY, GATEWAY, Fetch, Image, ImageNeed
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.turns import LoopKey
from cachewright.controlplane.model.builds import Build
from cachewright.controlplane.model.cache import Key, Kind
from tests.executors import ByHand

REDIS = ImageNeed("redis", "7.1", "redis7", "redis:7.0")
A, B = (Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, name) for name in "ab")


@dataclass
class Source:
    """An image source that fails as it is told."""

    failure: Exception | None = None

    def find(self, engine: str, version: str, family: str, upstream: str) -> Image:
        if self.failure:
            raise self.failure
        return Image(upstream, f"{engine} {version}")

    def at_hand(self, engine: str, family: str) -> Sequence[Image]:
        return ()

    def builds(self) -> Sequence[Build]:
        return ()

    def gateway(self) -> Image:
        return Image("gateway", "haproxy")

    def nftables(self) -> Image:
        return Image("nftables", "nftables")

    def directory(self) -> Image:
        return Image("directory", "python")


@dataclass
class Scene:
    """A board, and what became of it."""

    source: Source = field(default_factory=Source)
    lane: ByHand = field(default_factory=ByHand)
    now: float = 0.0
    due: list[set[LoopKey]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.board = JobBoard(self.source, self.lane, lambda: self.now, self.finished)

    def finished(self, keys: Iterable[LoopKey]) -> None:
        self.due.append(set(keys))


def test_several_keys_share_one_job_and_are_all_due_at_its_end() -> None:
    scene = Scene()
    for key in (A, B, A):
        scene.board.request(Fetch(REDIS), key)
    assert len(scene.lane.left) == 1
    assert scene.board.running(A) == scene.board.running(B) == {Fetch(REDIS)}
    assert scene.board.images() == {}
    assert scene.due == []
    scene.lane.run()
    assert scene.due == [{A, B}]
    assert scene.board.running(A) == frozenset()
    assert scene.board.images() == {REDIS: Image("redis:7.0", "redis 7.1")}


def test_the_images_of_the_installation_are_found_as_well() -> None:
    scene = Scene()
    for need in (GATEWAY, DIRECTORY):
        scene.board.request(Fetch(need), A)
    scene.lane.run()
    assert {need: image.reference for need, image in scene.board.images().items()} == {
        GATEWAY: "gateway",
        DIRECTORY: "directory",
    }


@pytest.mark.parametrize("verdict", [Later("the mirror does not answer", 30.0), Never("there is no such image")])
def test_a_failure_is_told_once_to_each_who_waited(verdict: Later | Never) -> None:
    scene = Scene(Source(verdict))
    for key in (A, B):
        scene.board.request(Fetch(REDIS), key)
    scene.lane.run()
    assert scene.due == [{A, B}]
    for key in (A, B):
        with pytest.raises(type(verdict), match=verdict.reason):
            scene.board.request(Fetch(REDIS), key)
    assert scene.lane.left == []
    scene.source.failure = None
    scene.board.request(Fetch(REDIS), A)  # and tried again when somebody asks once more
    scene.lane.run()
    assert REDIS in scene.board.images()


def test_who_waits_for_nothing_any_more_is_told_nothing() -> None:
    scene = Scene(Source(Later("no")))
    scene.board.request(Fetch(REDIS), A)
    scene.lane.run()
    scene.board.withdraw(A)
    scene.board.request(Fetch(REDIS), A)
    assert len(scene.lane.left) == 1


def test_a_bug_is_a_failure_that_passes(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(Source(ZeroDivisionError("by zero")))
    scene.board.request(Fetch(REDIS), A)
    scene.lane.run()
    with pytest.raises(Later, match="cannot find an image of redis: by zero"):
        scene.board.request(Fetch(REDIS), A)
    assert "a bug in Cachewright" in caplog.text


def test_what_was_found_since_the_key_looked_is_not_looked_for_again() -> None:
    scene = Scene()
    for key in (A, B):
        scene.board.request(Fetch(REDIS), key)
        scene.lane.run()
    assert scene.due == [{A}]
    assert scene.board.running(B) == frozenset()


def test_an_image_is_believed_to_be_there_for_a_while_unless_it_is_doubted() -> None:
    scene = Scene()
    scene.board.request(Fetch(REDIS), A)
    scene.lane.run()
    scene.now = FRESH - 1
    assert REDIS in scene.board.images()
    scene.now = FRESH
    assert scene.board.images() == {}
    scene.board.request(Fetch(REDIS), A)
    scene.lane.run()
    assert REDIS in scene.board.images()
    scene.board.doubt(REDIS)
    assert scene.board.images() == {}
