"""The command line from its first word to its end, on the pretend runtime."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane, asked
from cachewright.controlplane.console.paths import DRILLS, ZONES
from cachewright.controlplane.data_directory import LOCK
from cachewright.controlplane.store.locks import locked
from docs import sections
from tests.commands.planes import SECONDS, Plane, cachewright, pretending
from tests.e2e.waiting import until

HEAVY = ("alembic", "botocore", "cryptography", "docker", "fastapi", "pydantic", "redis", "sqlalchemy", "uvicorn")
LOADED = """
import sys
from cachewright.controlplane.cli import main
sys.argv[0] = "cachewright"
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
URL = """import json, sys; print(json.load(sys.stdin)["url"])"""
BIN = Path(sys.executable).parent
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with pretending(tmp_path_factory.mktemp("line") / "data") as plane:
        yield plane


@pytest.fixture
def nowhere(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """The same, in a region whose zones are all down: what is asked for there never comes."""
    monkeypatch.setenv("CACHEWRIGHT_REGION", "eu-west-1")
    zones = [f"eu-west-1{letter}" for letter in "abc"]
    for zone in zones:
        asked(ControlPlane(plane.url), DRILLS, "POST", {"kind": "zone-down", "target": zone, "seconds": None})
    yield plane
    for zone in zones:
        asked(ControlPlane(plane.url), f"{ZONES}/{zone}/outage", "DELETE")


def ask(plane: Plane) -> Any:
    """The API itself."""
    return elasticache(ControlPlane(plane.url))


def told(plane: Plane, *words: object) -> str:
    """What a command tells that ends well."""
    done = cachewright(*words, settings={"CACHEWRIGHT_URL": plane.url, "CACHEWRIGHT_DATA_DIR": str(plane.directory)})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def read(plane: Plane, *words: object) -> Any:
    """The document that it tells."""
    return json.loads(told(plane, *words, "--json"))


def refused(plane: Plane, *words: object) -> tuple[int, str]:
    """The code and the last line of one that does not."""
    done = cachewright(*words, settings={"CACHEWRIGHT_URL": plane.url})
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()[-1].removeprefix("cachewright: ")


def test_the_life_of_a_group(plane: Plane) -> None:
    endpoint = told(plane, "create", "valkey", "life", "--replicas", 1, "--version", "8.0").strip()
    assert re.fullmatch(r"[0-9.]+:6379", endpoint)
    (row,) = [row for row in read(plane, "list") if row["id"] == "life"]
    assert (row["engine"], row["version"], row["phase"], row["nodes"], row["endpoint"]) == (
        *("valkey", "8.0.1", "available", 2, endpoint),
    )
    assert told(plane, "failover", "life") == "life-002 leads\n"
    assert read(plane, "reboot", "life", "--node", "life-001")["Status"] == "available"
    assert [
        member["CurrentRole"] for member in read(plane, "describe", "LIFE")["NodeGroups"][0]["NodeGroupMembers"]
    ] == [
        *("replica", "primary"),
    ]
    assert told(plane, "delete", "life") == "life is deleted\n"
    assert refused(plane, "describe", "life")[0] == 4


def test_the_life_of_a_snapshot(plane: Plane) -> None:
    ask(plane).create_replication_group(
        **{"ReplicationGroupId": "saved", "ReplicationGroupDescription": "-", "Engine": "redis"},
        **{
            "NumNodeGroups": 2,
            "ReplicasPerNodeGroup": 1,
            "CacheNodeType": "cache.t3.micro",
            "AutomaticFailoverEnabled": True,
        },
    )
    until(
        "it is there",
        lambda: [row for row in read(plane, "list") if (row["id"], row["phase"]) == ("saved", "available")],
    )
    assert told(plane, "failover", "saved", "--shard", "2") == "saved-0002-002 leads\n"
    assert told(plane, "snapshot", "create", "saved", "before") == "before\n"
    assert [each["SnapshotName"] for each in read(plane, "snapshot", "list", "saved")] == ["before"]
    assert read(plane, "snapshot", "list", "another") == []
    assert len(read(plane, "restore", "before", "--id", "copy")["NodeGroups"]) == 2
    code, sentence = refused(plane, "failover", "copy")
    assert (code, sentence) == (1, "copy has the shards 0001, 0002; say which with --shard")
    assert told(plane, "snapshot", "delete", "before") == "before is deleted\n"
    assert refused(plane, "snapshot", "delete", "before")[0] == 4
    assert refused(plane, "restore", "before", "--id", "again") == (
        4,
        "there is no snapshot before; `cachewright snapshot list` shows all, and a file of that name is ./before",
    )


def test_a_cluster_of_memcached_in_an_account(plane: Plane) -> None:
    shown = read(plane, "create", "memcached", "pages", "--nodes", 2, "--account", "123456789012")
    assert (shown["NumCacheNodes"], shown["CacheClusterStatus"]) == (2, "available")
    assert told(plane, "reboot", "pages", "--node", "0002") == "0002 has been rebooted\n"
    assert refused(plane, "failover", "pages")[0] != 0
    assert told(plane, "delete", "pages", "--no-wait") == "pages is being deleted\n"
    told(plane, "list", "--account", "123456789012")


def test_what_is_refused_is_one_sentence_and_a_code(plane: Plane) -> None:
    told(plane, "create", "redis", "there", "--no-wait")
    code, sentence = refused(plane, "create", "redis", "there")
    assert (code, sentence) == (
        1,
        "cannot create there: Replication group already exists;"
        " choose another name, or see what there is with `cachewright list`",
    )
    assert refused(plane, "create", "redis", "a--b")[0] == 1
    assert refused(plane, "create", "redis", "x", "--nodes", 2)[0] == 2
    assert refused(plane, "describe", "nobody")[0] == 4
    assert refused(plane, "logs", "nobody")[0] == 4
    assert refused(plane, "list", "--url", "http://127.0.0.1:9")[0] == 3
    assert refused(plane, "events", "--url", "http://127.0.0.1:9")[0] == 3
    assert refused(plane, "describe", "there", "--url", "nowhere")[0] == 1


def test_whoever_waits_does_not_wait_for_ever(nowhere: Plane) -> None:
    code, sentence = refused(nowhere, "create", "redis", "late", "--timeout", 0.5)
    assert code == 5
    assert re.match(r"late is not ready after 0.5 s( \(.+\))?; it goes on: `cachewright status --watch`", sentence)
    assert "late" in [row["id"] for row in read(nowhere, "list")]


def test_a_token_is_read_from_a_file_and_told_to_nobody(plane: Plane, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("correct-horse-battery-staple\n")
    shown = read(plane, "create", "redis", "vault", "--tls", "--auth-token-file", token)
    assert (shown["AuthTokenEnabled"], shown["TransitEncryptionEnabled"]) == (True, True)
    assert "correct-horse" not in json.dumps(shown)
    code, sentence = refused(plane, "create", "redis", "open", "--auth-token-file", token)
    assert (code, "correct-horse" in sentence) == (1, False)
    assert refused(plane, "create", "redis", "open", "--auth-token-file", tmp_path)[0] == 1


def test_progress_is_shown_at_a_terminal_alone(plane: Plane) -> None:
    reading, writing = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cachewright", "create", "redis", "seen", "--url", plane.url],
        stdout=subprocess.PIPE,
        stderr=writing,
        env={**os.environ, "TERM": "xterm"},
        text=True,
    ) as process:
        os.close(writing)
        shown = b""
        with suppress(OSError):  # the other side is closed
            while part := os.read(reading, 4096):
                shown += part
        os.close(reading)
        output, _ = process.communicate(timeout=SECONDS)
    assert b"waiting for seen ..." in shown
    assert re.fullmatch(r"[0-9.]+:6379\n", output)


def test_who_interrupts_ends_the_waiting_and_not_the_deed(nowhere: Plane) -> None:
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + LOADED
    words = ["create", "memcached", "cut", "--url", nowhere.url]
    with subprocess.Popen([sys.executable, "-c", program, *words], stderr=subprocess.PIPE, text=True) as process:
        until("it is being created", lambda: "cut" in [row["id"] for row in read(nowhere, "list")])
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert said.startswith("cachewright: interrupted; what was asked for goes on\n")


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("status", "--json"), ("env",), ("status",)])
def test_a_look_loads_nothing_heavy(words: tuple[str, ...], plane: Plane) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words, "--url", plane.url], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    assert set(HEAVY) & loaded == set()
    assert ("rich" in loaded) == (words == ("status",))


def test_a_control_plane_without_a_terminal(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    chosen = {"CACHEWRIGHT_RUNTIME": "memory", "CACHEWRIGHT_DATA_DIR": str(directory), "CACHEWRIGHT_PORT": "0"}
    try:
        first = json.loads(cachewright("up", "--detach", "--json", settings=chosen).stdout)
        again = json.loads(cachewright("up", "--detach", "--json", settings=chosen).stdout)
        assert (first["was_there"], again) == (False, {**first, "was_there": True})
        assert cachewright("list", "--url", first["url"]).returncode == 0
        assert "listens on" in Path(first["log"]).read_text()
        assert Path(first["log"]).stat().st_mode & 0o077 == 0
    finally:
        ended = cachewright("stop", settings=chosen)
    assert (ended.returncode, ended.stdout) == (0, "Cachewright has stopped; the caches keep running.\n")
    assert cachewright("list", "--url", first["url"]).returncode == 3
    assert cachewright("stop", settings=chosen).stdout == "Nothing runs there.\n"


def test_what_does_not_start_says_why(tmp_path: Path, plane: Plane) -> None:
    port = plane.url.rpartition(":")[2]
    done = cachewright("up", "--detach", "--port", port, "--data-dir", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"cachewright: cannot listen on 127.0.0.1:{port}: Address already in use; choose another port with --port\n"
    )


def test_nothing_else_is_stopped(tmp_path: Path) -> None:
    holder = {"machine": "elsewhere", "process": os.getpid(), "host": "127.0.0.1", "port": 1}
    with locked(tmp_path / LOCK) as lock:
        nameless = cachewright("stop", "--data-dir", tmp_path)
        lock.write(json.dumps(holder))
        lock.flush()
        foreign = cachewright("stop", "--data-dir", tmp_path)
    assert [ended.returncode for ended in (nameless, foreign)] == [1, 1]
    assert "something else uses the data directory" in nameless.stderr
    assert "it runs on elsewhere, perhaps in a container; stop it there" in foreign.stderr


def test_an_end_leaves_no_process_to_stop(tmp_path: Path) -> None:
    with pretending(tmp_path) as plane:
        assert json.loads((tmp_path / LOCK).read_text())["port"] == int(plane.url.rpartition(":")[2])
    with locked(tmp_path / LOCK):  # as `cachewright down` has it
        pass
    assert cachewright("stop", "--data-dir", tmp_path).stdout == "Nothing runs there.\n"


@pytest.mark.skipif(not which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_unit_is_one_of_systemd(tmp_path: Path) -> None:
    unit = tmp_path / "cachewright.service"
    odd = {"DOCKER_HOST": 'unix:///a "b" $c %d \\e', "CACHEWRIGHT_PATIENCE": "2"}
    unit.write_text(cachewright("service", "--data-dir", tmp_path / "a $b %c", settings=odd).stdout)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", unit],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_names_of_caches_are_completed(plane: Plane) -> None:
    ask(plane).create_cache_cluster(
        CacheClusterId="completed", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1
    )
    asked = {"COMP_WORDS": "cachewright describe comp", "COMP_CWORD": "2", "_CACHEWRIGHT_COMPLETE": "bash_complete"}
    assert cachewright(settings={**asked, "CACHEWRIGHT_URL": plane.url}).stdout == "plain,completed\n"
    script = cachewright("completion", "bash").stdout
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_the_page_about_commands_is_true(tmp_path: Path) -> None:
    """A day and a script, as they are printed, one line after the other in one shell that ends at the first failure."""
    day, script, *_ = _BLOCK.findall((sections.ROOT / "docs" / "commands.md").read_text())
    chosen = {
        **{"CACHEWRIGHT_RUNTIME": "memory", "CACHEWRIGHT_DATA_DIR": str(tmp_path), "CACHEWRIGHT_PORT": "0"},
        "PATH": f"{BIN}:{os.environ['PATH']}",
    }
    *lines, stop = day.splitlines()
    assert stop.startswith("cachewright stop")
    find = f"export CACHEWRIGHT_URL=$(cachewright up --detach --json | {sys.executable} -c '{URL}')"
    whole = "\n".join(("set -e", "trap 'cachewright stop' EXIT", lines[0], find, *lines[1:], script))
    done = subprocess.run(
        ["bash", "-c", whole],
        env={**os.environ, **chosen},
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "['sessions']" in done.stdout.replace("'pages', ", "").replace("'copy', ", "")
