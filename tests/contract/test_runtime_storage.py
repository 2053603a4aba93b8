"""What leaves containers, and what outlives them: held by the pretend runtime and by Docker."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import replace
from functools import partial
from threading import Event

import pytest
from redis import Redis
from redis.exceptions import RedisError

from cachewright.agents.planning.containers import USER, Blueprint, File, Mount, Stream, Tmpfs, Volume
from cachewright.agents.planning.labels import INSTANCE
from cachewright.agents.planning.verdicts import Later, Never
from tests.contract.runtimes import CONFIG, SERVER, WORLDS, World, opened
from tests.contract.runtimes import docker as on_docker
from tests.contract.test_runtime import eventually

LARGE = File("/cache/large", bytes(range(256)) * (1 << 14))  # 4 MiB


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Each of the runtimes."""
    yield from opened(request.param)


@pytest.fixture
def real() -> Iterator[World]:
    """Docker."""
    yield from opened(on_docker)


def with_volume(world: World, number: int = 0, *files: File) -> Blueprint:
    """A node with a volume at /data."""
    made = world.blueprint(number)
    return replace(made, volumes=(Mount(f"{world.prefix}-data", "/data"),), files=(CONFIG, *files))


def test_a_file_comes_out_as_it_went_in(world: World) -> None:
    world.runtime.launch(replace(world.blueprint(), files=(CONFIG, LARGE)))
    name = world.blueprint().name
    assert b"".join(world.runtime.read(name, LARGE.path)) == LARGE.content
    world.runtime.kill(name)
    assert b"".join(world.runtime.read(name, LARGE.path)) == LARGE.content
    assert b"".join(world.runtime.read(name, CONFIG.path)) == CONFIG.content


def test_who_reads_may_stop_at_any_piece(world: World) -> None:
    world.runtime.launch(replace(world.blueprint(), files=(CONFIG, LARGE)))
    for _ in range(3):
        pieces = world.runtime.read(world.blueprint().name, LARGE.path)
        assert LARGE.content.startswith(next(pieces))
        pieces.close()
        world.runtime.copy(world.blueprint().name, [CONFIG], USER)  # not while somebody reads
    assert b"".join(world.runtime.read(world.blueprint().name, CONFIG.path)) == CONFIG.content


def test_what_is_no_file_is_told(world: World) -> None:
    world.runtime.launch(world.blueprint())
    name = world.blueprint().name
    with pytest.raises(Later, match=f"cannot read /cache/none of container {name}"):
        list(world.runtime.read(name, "/cache/none"))
    with pytest.raises(Never, match=f"cannot read /cache of container {name}: it is no file"):
        list(world.runtime.read(name, "/cache"))
    with pytest.raises(Later, match=f"cannot read /cache/x of container {world.prefix}-7: it does not exist"):
        list(world.runtime.read(f"{world.prefix}-7", "/cache/x"))


def test_a_stream_is_there_as_a_container_starts(world: World) -> None:
    pieces = [bytes([number]) * 1001 for number in range(256)]
    stream = Stream("/cache/large", 1001 * len(pieces), lambda: iter(pieces))
    world.runtime.launch(replace(world.blueprint(), streams=(stream,)))
    assert b"".join(world.runtime.read(world.blueprint().name, "/cache/large")) == b"".join(pieces)


def test_a_stream_that_breaks_off_leaves_no_container(world: World) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(1 << 16)
        raise Never("cannot read its file")

    with pytest.raises(Never, match="cannot read its file"):
        world.runtime.launch(replace(world.blueprint(), streams=(Stream("/cache/large", 1 << 20, broken),)))
    assert world.runtime.containers() == []


def test_volumes_come_and_go(world: World) -> None:
    one, two = f"{world.prefix}-one", f"{world.prefix}-two"
    for name in (two, one, one):
        world.runtime.create_volume(name, {"name": name})
    assert world.runtime.volumes() == [Volume(name, {"name": name, INSTANCE: world.prefix}) for name in (one, two)]
    assert [volume.name for volume in world.runtime.volumes({"name": two})] == [two]
    for _ in range(2):
        world.runtime.remove_volume(one)
    assert [volume.name for volume in world.runtime.volumes()] == [two]


def test_a_volume_of_somebody_else_is_left_alone(world: World) -> None:
    name = f"{world.prefix}-theirs"
    world.stranger.create_volume(name, {})
    for deed in (partial(world.runtime.create_volume, name, {}), partial(world.runtime.remove_volume, name)):
        with pytest.raises(Never, match=f"volume {name}: the name belongs to a volume of somebody else"):
            deed()
    assert world.runtime.volumes() == []
    assert [volume.name for volume in world.stranger.volumes()] == [name]


def test_a_volume_outlives_its_containers(world: World) -> None:
    world.runtime.launch(with_volume(world, 0, File("/data/kept", b"content")))
    name = f"{world.prefix}-data"
    with pytest.raises(Later, match=f"cannot remove volume {name}: .*in use"):
        world.runtime.remove_volume(name)
    world.runtime.remove(world.blueprint(0).name)
    world.runtime.launch(with_volume(world, 1))
    assert b"".join(world.runtime.read(world.blueprint(1).name, "/data/kept")) == b"content"
    world.runtime.remove(world.blueprint(1).name)
    world.runtime.remove_volume(name)
    world.runtime.launch(with_volume(world, 2))
    with pytest.raises(Later, match="cannot read /data/kept"):
        list(world.runtime.read(world.blueprint(2).name, "/data/kept"))


def test_no_volume_is_left_behind(world: World) -> None:
    world.stranger.create_volume(f"{world.prefix}-theirs", {})
    world.runtime.create_volume(f"{world.prefix}-own", {})
    world.runtime.launch(with_volume(world))
    data, own = f"{world.prefix}-data", f"{world.prefix}-own"
    assert set(world.runtime.raze().removed) == {world.blueprint().name, world.network.name, data, own}
    assert world.runtime.volumes() == []
    assert len(world.stranger.volumes()) == 1


def test_volumes_may_outlive_everything_else(world: World) -> None:
    world.runtime.launch(with_volume(world))
    data = f"{world.prefix}-data"
    assert set(world.runtime.raze(keep_volumes=True).removed) == {world.blueprint().name, world.network.name}
    assert [volume.name for volume in world.runtime.volumes()] == [data]
    assert world.runtime.raze().removed == (data,)


@pytest.mark.docker
@pytest.mark.parametrize(("directory", "full"), [("/data", False), ("/scratch", True)])
def test_an_engine_writes_on_its_volume_and_on_its_tmpfs(real: World, directory: str, full: bool) -> None:
    words = (*SERVER, "--dir", directory, "--rdbcompression", "no", "--stop-writes-on-bgsave-error", "no")
    made = replace(with_volume(real), command=words, tmpfs=(Tmpfs("/scratch", 1 << 20),))
    real.runtime.launch(made)
    with closing(Redis(host=made.address, socket_timeout=5)) as client:
        assert eventually(partial(_answers, client))
        assert client.save()
        client.set("large", b"x" * (2 << 20))
        with pytest.raises(RedisError) if full else nullcontext():
            client.save()
    real.runtime.launch(made)
    reading = real.runtime.read(made.name, f"{directory}/dump.rdb")  # until its end the container cannot be removed
    with closing(reading), pytest.raises(Later) if full else nullcontext():
        assert next(reading).startswith(b"REDIS")


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def in_memory(world: World, *streams: Stream) -> Blueprint:
    """A node with a directory in memory."""
    return replace(world.blueprint(), memory=256 << 20, tmpfs=(Tmpfs("/memory", 16 << 20),), streams=streams)


def test_what_is_in_memory_is_read_and_replaced_as_any_other_file(world: World) -> None:
    made = in_memory(world)
    world.runtime.launch(made)
    world.runtime.copy(made.name, [File("/memory/large", LARGE.content, 0o600)], made.user)
    assert b"".join(world.runtime.read(made.name, "/memory/large")) == LARGE.content
    world.runtime.restart(made.name)
    with pytest.raises(Later, match="cannot read /memory/large"):
        list(world.runtime.read(made.name, "/memory/large"))


def test_a_stream_is_in_memory_as_a_container_starts(world: World) -> None:
    stream = Stream("/memory/large", len(LARGE.content), lambda: iter([LARGE.content]))
    made = in_memory(world, stream)
    world.runtime.launch(made)
    assert [container.name for container in world.runtime.containers()] == [made.name]
    assert b"".join(world.runtime.read(made.name, "/memory/large")) == LARGE.content
    world.runtime.remove(made.name)
    assert world.runtime.volumes() == []


def test_a_stream_to_memory_that_breaks_off_leaves_nothing(world: World) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(1 << 16)
        raise Never("cannot read its file")

    with pytest.raises(Never, match="cannot read its file"):
        world.runtime.launch(in_memory(world, Stream("/memory/large", 1 << 20, broken)))
    assert world.runtime.containers() == []
    assert world.runtime.volumes() == []


def test_a_launch_keeps_nobody_who_looks(world: World) -> None:
    filled, proceed = Event(), Event()

    def slow() -> Iterator[bytes]:
        yield LARGE.content
        filled.set()
        assert proceed.wait(30)

    made = in_memory(world, Stream("/memory/large", len(LARGE.content), slow))
    with ThreadPoolExecutor(1) as pool:
        launched = pool.submit(world.runtime.launch, made)
        assert filled.wait(30)
        seen = world.runtime.containers()
        proceed.set()
        launched.result(30)
    assert not any(container.started_at for container in seen)
    assert [container.started_at != "" for container in world.runtime.containers()] == [True]
