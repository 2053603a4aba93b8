"""Every line of a shell that README and docs show is run: here, on the pretend runtime, or by a test that is named."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from cachewright.controlplane.cli.screen import Screen
from docs import sections
from tests.commands.planes import Plane, pretending

ROOT = sections.ROOT
_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SHELL = re.compile(r"[|<>$&]|^\w+=|^(?:eval|export|curl|mkdir) ")  # what only a shell understands
_HERE = "http://127.0.0.1:4568"

OTHERS = {  # blocks at the beginning that are run whole, one after the other:
    "commands.md": 2,  # by tests/commands/test_command_line.py
    "many-machines.md": 12,  # by tests/e2e/hosts/test_many_machines.py
}
WITH_A_DUMP = (
    "aws elasticache create-cache-cluster --cache-cluster-id shop --engine redis"
    " --cache-node-type cache.t3.micro --snapshot-arns"
)
ELSEWHERE: Sequence[tuple[str, str]] = (  # lines that begin so: which test runs them, or why none does
    ("make ", "what continuous integration itself begins with"),
    ("cachewright host ", "tests/api/test_console_hosts.py: the same routes; the machines are the reader's"),
    (".ci/run", "what continuous integration itself begins with"),
    ("docker compose ", "tests/e2e/test_compose.py: its containers through Docker's API"),
    ("COMPOSE_FILE=", "tests/e2e/test_compose.py: its containers through Docker's API"),
    ("cachewright up", "tests/commands/test_command_line.py: the day of docs/commands.md"),
    ("cachewright up --config", "tests/commands/test_apply.py: `up --config`"),
    ("cachewright connect", "tests/commands/test_everyday.py: it opens a prompt, for which there has to be a terminal"),
    ("cachewright status --watch", "tests/commands/test_board.py: it never ends"),
    ("cachewright events shop --follow", "tests/commands/test_everyday.py: it never ends"),
    ("cachewright logs shop --slow --follow", "tests/e2e/test_commands.py: it never ends"),
    ("cachewright restore dump.rdb", "tests/e2e/test_restore.py: a pretend engine reads no dump"),
    ("cachewright snapshot run", "tests/e2e/test_snapshots.py: of a cache with a SnapshotRetentionLimit"),
    ("cachewright doctor", "tests/e2e/test_command.py: it looks at this machine's Docker engine"),
    ("cachewright images", "tests/commands/test_images.py: it looks at this machine's Docker engine"),
    ("cachewright down", "tests/e2e/test_up_and_down.py: it ends the control plane that the others need"),
    ("CACHEWRIGHT_DATABASE_URL=", "tests/e2e/test_compose.py: its containers through Docker's API"),
    ("CACHEWRIGHT_KMS_ENDPOINT=", "tests/e2e/test_kms.py"),
    ("CACHEWRIGHT_KEEP_DATA=", "tests/e2e/test_kept_data.py"),
    ("CACHEWRIGHT_PACE=", "tests/e2e/test_pace.py"),
    ("cdk synth", "tests/commands/test_apply.py: what it has written is applied; it is npm's"),
    ("openssl s_client", "tests/e2e/hosts/test_host_names.py: it needs an encrypted cache on several hosts"),
    ("docker ", "tests/e2e/guests.py: clients in containers on the network"),
    ("network=", "tests/e2e/guests.py: clients in containers on the network"),
    ("printf 'config get cluster", "tests/e2e/test_discovery.py: nothing listens at a pretend address"),
    ("aws elasticache copy-snapshot", "tests/e2e/test_buckets.py, tests/e2e/test_kms.py: it needs a bucket, or keys"),
    (
        WITH_A_DUMP,
        "tests/e2e/test_buckets.py: a pretend engine reads no dump",
    ),
    ("aws elasticache prepare-migration", "tests/e2e/test_migration.py: not every AWS CLI knows it"),
    ("aws elasticache start-migration --serverless", "tests/e2e/test_migration.py: nothing is prepared"),
    ("aws elasticache complete-migration --serverless", "tests/e2e/test_migration.py: none has begun"),
    (
        "aws elasticache complete-migration",
        "tests/agents/test_migration.py: none has begun, for nobody listens at a pretend address",
    ),
    (
        "aws elasticache modify-replication-group --replication-group-id shop --snapshotting-cluster-id",
        "tests/api/operations/test_modify_replication_group.py: its window may meet that of maintenance",
    ),
    ("aws elasticache create-replication-group --replication-group-id vault", "tests/e2e/test_kms.py: it needs keys"),
    ("cachewright apply docs/examples/templates/sessions.yaml --delete", "tests/commands/test_apply.py: it asks first"),
    ("cachewright completion fish", "it is for fish, which is not where tests run"),
    ("mkdir -p ~/.cachewright", "tests/e2e/test_buckets.py: the folder of a bucket"),
    ("redis-cli ", "tests/e2e/test_migration.py: to the Redis of somebody who moves"),
    ("systemctl ", "systemd is not where tests run"),
    ("loginctl ", "systemd is not where tests run"),
)
GIVEN: Mapping[str, str] = {  # what a line speaks of is there before it is run
    "shop": "create redis shop --replicas 1 --multi-az",
    "sessions": "create redis sessions",
    "pages": "create memcached pages --nodes 2",
    "before": "snapshot create shop before",
    "copy": "restore before --id copy",
}
MAKES = re.compile(
    r"(?:create (?:redis|valkey|memcached)|snapshot create \w+|--id|--final-snapshot|-create-\S+) (\w+)"
    r"|create-(?:cache-cluster --cache-cluster-id|replication-group --replication-group-id) (\w+)"
    r"|create-snapshot .*--snapshot-name (\w+)"
)
AWS = """
import contextlib, io, json, os, sys
from awscli.clidriver import create_clidriver

for line in sys.stdin:
    environment, words = json.loads(line)
    os.environ.update(environment)
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        try:
            code = create_clidriver().main(words)
        except SystemExit as end:  # words that it does not know
            code = end.code
    print(json.dumps(said.getvalue() or f"ends with {code}" if code else ""), flush=True)
"""
TEMPLATE = """
Parameters: {Environment: {Type: String, Default: dev}}
Resources:
  Sessions:
    Type: AWS::ElastiCache::CacheCluster
    Properties:
      {Engine: redis, CacheNodeType: cache.t3.micro, NumCacheNodes: 1, Tags: [{Key: stage, Value: !Ref Environment}]}
Outputs: {Host: {Value: !GetAtt Sessions.RedisEndpoint.Address}}
"""


def lines() -> list[str]:
    """Every one of them once, in order; which `cachewright` it is does not matter, nor what it is said to do."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    blocks = [block for page in pages for block in _BLOCK.findall(page.read_text())[OTHERS.get(page.name, 0) :]]
    found = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    bare = (re.sub(r"\s+#.*$", "", line).replace(".venv/bin/", "").strip() for line in found)
    return list(dict.fromkeys(line for line in bare if line and not line.startswith("#")))


def elsewhere(line: str) -> str:
    """Who runs a line, or why nobody does; empty: it is run here. The longest beginning counts."""
    found = [(begin, reason) for begin, reason in ELSEWHERE if line.startswith(begin)]
    return max(found, key=lambda each: len(each[0]))[1] if found else ""


class Reader:
    """Somebody who types what the documentation shows."""

    def __init__(self, plane: Plane, home: Path, aws: Callable[[Sequence[str]], str]) -> None:
        self.home, self.url, self.aws = home, plane.url, aws
        bin_directory = Path(sys.executable).parent
        self.variables = {
            "CACHEWRIGHT_URL": plane.url,
            "CACHEWRIGHT_DATA_DIR": str(plane.directory),
            "AWS_ENDPOINT_URL_ELASTICACHE": plane.url,
            "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": plane.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "HOME": str(home),
            "PATH": f"{bin_directory}:{os.environ['PATH']}",
        }

    def types(self, line: str) -> str:
        """What is wrong with a line; empty when it does what it should. What it speaks of is there before, and what it
        makes is there neither before nor afterwards.
        """
        made = {name for match in MAKES.findall(line) for name in match if name}
        self.forget(made)
        for name, way in GIVEN.items():
            if name not in made and re.search(rf"\b{name}\b", line):
                self.run(f"cachewright {way}")
        wrong = self.run(line.replace(_HERE, self.url))
        self.forget(made)
        return wrong

    def forget(self, names: Collection[str]) -> None:
        """Caches and snapshots of these names are no more, if there were any."""
        for name in names:
            self.run(f"cachewright delete {name}")
            self.run(f"cachewright snapshot delete {name}")

    def run(self, line: str) -> str:
        """The same, as things are."""
        if _SHELL.search(line):
            done = subprocess.run(["bash", "-ec", line], cwd=self.home, capture_output=True, text=True, check=False)
            return done.stderr + f"ends with {done.returncode}" if done.returncode else ""
        name, *words = shlex.split(line)
        if name == "aws":
            return self.aws(words)
        assert name == "cachewright", f"nobody runs {line!r}, and ELSEWHERE has no reason"
        ended = CliRunner().invoke(Screen(), words, input="y\n")
        return ended.output + repr(ended.exception) if ended.exit_code else ""


@pytest.fixture(scope="module")
def aws() -> Iterator[Callable[[Sequence[str]], str]]:
    """The AWS CLI, loaded once, in a process of its own: it brings a botocore that is not ours."""
    with subprocess.Popen(
        [sys.executable, "-c", AWS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        asking, answering = process.stdin, process.stdout

        def ask(words: Sequence[str]) -> str:
            asking.write(json.dumps([dict(os.environ), words]) + "\n")
            asking.flush()
            return str(json.loads(answering.readline()))

        yield ask
        asking.close()


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with pretending(tmp_path_factory.mktemp("reader") / "data") as plane:
        yield plane


@pytest.fixture
def reader(
    plane: Plane, aws: Callable[[Sequence[str]], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Reader:
    """In a directory with a template and the examples."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / "shop.yaml").write_text(TEMPLATE)
    reader = Reader(plane, tmp_path, aws)
    monkeypatch.chdir(tmp_path)
    for name, value in reader.variables.items():
        monkeypatch.setenv(name, value)
    return reader


def test_every_line_of_a_shell_does_what_it_should(reader: Reader) -> None:
    here = [line for line in lines() if not elsewhere(line)]
    assert len(here) > 40
    assert {line: wrong for line in here if (wrong := reader.types(line))} == {}


def test_every_exception_is_one() -> None:
    shown = lines()
    assert [begin for begin, _ in ELSEWHERE if not any(line.startswith(begin) for line in shown)] == []
    tests = [name for _, reason in ELSEWHERE for name in re.findall(r"tests/\S+\.py", reason)]
    assert [name for name in tests if not (ROOT / name).exists()] == []


def test_a_line_that_does_not_work_is_found(reader: Reader) -> None:
    assert reader.types("cachewright describe nobody")
    assert reader.types("cachewright list | false")
    with pytest.raises(AssertionError, match="nobody runs"):
        reader.types("rm everything")
