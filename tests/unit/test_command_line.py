"""The words of the command line: helps that fit a screen, and what is asked for by them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete

from cachewright.controlplane.cli.catalogue import EVERY
from cachewright.controlplane.cli.ends import MEANINGS, Exit
from cachewright.controlplane.cli.screen import WIDTH, Screen
from cachewright.controlplane.commands import caches, create, described, listing, refusals, restore, service, snapshots
from cachewright.controlplane.commands.outline import outline, table
from cachewright.controlplane.commands.plane import Absent
from cachewright.controlplane.console.seen import CacheSeen, EndpointSeen, NodeSeen, ShardSeen, Topology
from cachewright.controlplane.model.versions import Engine
from docs import sections

LINES, COLUMNS = 24, 80  # of a terminal that nobody has made larger
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[$(] ?)(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?cachewright +([a-z][^#`)|>&]*)")
_INLINE = re.compile(r"`(?:\.venv/bin/)?cachewright ([a-z][^`#]*)`")


def commands(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Every command with all that are in it."""
    yield group, context
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        inside = click.Context(command, parent=context, info_name=name)
        if isinstance(command, click.Group):
            yield from commands(command, inside)
        else:
            yield command, inside


def root() -> click.Context:
    return click.Context(Screen(), info_name="cachewright")


def every() -> list[tuple[click.Command, click.Context]]:
    return list(commands(Screen(), root()))


def parsed(words: list[str]) -> None:
    """Read words as the command line does, and do nothing; click's UsageError when they make no sense."""
    command, context = Screen().get_command(root(), words[0]), root()
    if command is None:
        raise click.UsageError(f"no command {words[0]}")
    name, rest = words[0], words[1:]
    while isinstance(command, click.Group) and rest:
        context = click.Context(command, parent=context, info_name=name)
        name, command, rest = command.resolve_command(context, rest)  # type: ignore[assignment]
    assert command
    command.make_context(name, rest, parent=context)


def test_every_help_fits_a_screen() -> None:
    pages = {context.command_path: command.get_help(context) for command, context in every()}
    assert len(pages) > 30
    large = {name for name, page in pages.items() if len(page.splitlines()) >= LINES}  # a line is the next prompt's
    wide = {name for name, page in pages.items() if max(map(len, page.splitlines())) >= COLUMNS}
    assert (large, wide) == (set(), set())


def test_the_help_has_every_command_once() -> None:
    page = Screen().get_help(root())
    halves = [half for line in page.splitlines()[2:] for half in (line[:WIDTH], line[WIDTH:])]
    assert sorted(half.split()[0] for half in halves if half.startswith("  ") and half.strip()) == sorted(EVERY)
    titles = {half.strip() for half in halves if half.strip() and not half.startswith(" ")}
    assert titles == {"Run", "Caches", "Look", "Try failures", "Set up"}


def test_every_command_has_a_line_and_a_name_of_its_own() -> None:
    for command, context in every()[1:]:
        assert command.get_short_help_str().endswith("."), context.command_path
        assert command.name == context.info_name


def test_who_mistypes_is_told_what_may_be_meant() -> None:
    with pytest.raises(click.UsageError, match=r"'stats'\. Did you mean 'status'"):
        Screen().resolve_command(root(), ["stats"])


def test_words_are_completed() -> None:
    completing = ShellComplete(Screen(), {}, "cachewright", "_CACHEWRIGHT_COMPLETE")
    assert [item.value for item in completing.get_completions([], "sn")] == ["snapshot"]
    assert [item.value for item in completing.get_completions(["create", "redis", "shop"], "--mu")] == ["--multi-az"]


def shown(page: str) -> list[str]:
    """The command lines that a page shows to be typed."""
    blocks = [block for language, block in _BLOCK.findall(page) if language in ("", "sh", "console")]
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [found.strip() for line in lines for found in _COMMAND.findall(line)]


def mentioned(page: str) -> list[str]:
    """The command lines that a page speaks of, perhaps without all that belongs to them."""
    return [re.sub(r"[\[\]]", "", line) for line in _INLINE.findall(_BLOCK.sub("", page))]


def test_every_command_line_of_the_documentation_makes_sense() -> None:
    wrong, number = {}, 0
    for path in sections.pages():
        page = path.read_text()
        for line, is_whole in [*((line, True) for line in shown(page)), *((line, False) for line in mentioned(page))]:
            number += 1
            try:
                parsed(shlex.split(line))
            except (click.UsageError, ValueError) as error:
                if is_whole or not isinstance(error, click.MissingParameter):
                    wrong[path.name, line] = str(error)
            except click.exceptions.Exit:
                pass  # a help
    assert wrong == {}
    assert number > 100


def test_a_command_line_that_makes_no_sense_is_found() -> None:
    for line in (
        "creat redis shop",
        "create redis",
        "create redis shop --replica 1",
        "snapshot take shop",
        "drill tickle rg",
    ):
        with pytest.raises(click.UsageError):
            parsed(line.split())


def test_every_end_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Exit)


REDIS = create.Wanted(Engine.REDIS, "shop", "cache.t3.micro")
PAGES = create.Wanted(Engine.MEMCACHED, "pages", "cache.t3.micro")
GROUP = {
    "Engine": "redis",
    "CacheNodeType": "cache.t3.micro",
    "ReplicationGroupId": "shop",
    "ReplicationGroupDescription": create.DESCRIPTION,
}


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (REDIS, {**GROUP, "NumCacheClusters": 1}),
        (
            replace(REDIS, replicas=2, multi_az=True),
            {**GROUP, "NumCacheClusters": 3, "AutomaticFailoverEnabled": True, "MultiAZEnabled": True},
        ),
        (
            replace(REDIS, engine=Engine.VALKEY, shards=3, version="8.2"),
            {
                **{**GROUP, "Engine": "valkey", "EngineVersion": "8.2"},
                **{"NumNodeGroups": 3, "ReplicasPerNodeGroup": 0, "AutomaticFailoverEnabled": True},
            },
        ),
        (
            replace(REDIS, tls=True, token="secret"),
            {**GROUP, "NumCacheClusters": 1, "TransitEncryptionEnabled": True, "AuthToken": "secret"},
        ),
        (
            replace(PAGES, nodes=2, multi_az=True),
            {
                **{"Engine": "memcached", "CacheNodeType": "cache.t3.micro", "CacheClusterId": "pages"},
                **{"NumCacheNodes": 2, "AZMode": "cross-az"},
            },
        ),
    ],
)
def test_what_is_asked_for(wanted: create.Wanted, asked: dict[str, Any]) -> None:
    assert create.misuse(wanted) == ""
    assert create.request(wanted) == asked
    assert "secret" not in repr(wanted)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (replace(REDIS, nodes=2), "--nodes is for memcached; redis has --replicas and --shards"),
        (replace(PAGES, shards=2), "--shards is for redis and valkey; memcached has --nodes"),
        (replace(PAGES, replicas=0), "--replicas is for redis and valkey; memcached has --nodes"),
        (replace(PAGES, token="secret"), "--auth-token is for redis and valkey; memcached has --nodes"),
    ],
)
def test_what_has_no_meaning_for_an_engine(wanted: create.Wanted, why: str) -> None:
    assert create.misuse(wanted) == why


@pytest.mark.parametrize(
    ("code", "next_step"),
    [
        ("ReplicationGroupAlreadyExists", "choose another name"),
        ("CacheClusterNotFound", "`cachewright list`"),
        ("InvalidReplicationGroupState", "`cachewright status`"),
        ("NodeQuotaForCustomerExceeded", "CACHEWRIGHT_QUOTAS"),
        ("APICallRateForCustomerExceeded", "CACHEWRIGHT_QUOTAS"),
        ("InvalidParameterValue", "`--help`"),
        ("SignatureDoesNotMatch", "CACHEWRIGHT_CREDENTIALS"),
        ("NotImplemented", "docs/operations.md"),
        ("InternalFailure", ""),
    ],
)
def test_a_refusal_comes_with_what_to_do(code: str, next_step: str) -> None:
    assert next_step in refusals.hint(code)
    assert bool(refusals.hint(code)) == bool(next_step)


def test_what_is_not_there_is_known_by_its_code() -> None:
    assert refusals.is_absence("SnapshotNotFoundFault")
    assert not refusals.is_absence("InvalidParameterValue")


FIRST, SECOND = (
    NodeSeen(f"shop-00{number}.0001", role, "available", f"10.0.0.{number}:6379", "redis 7.0.15", "us-east-1a")
    for number, role in ((1, "primary"), (2, "replica"))
)
SHOP = CacheSeen(
    *("000000000000", "us-east-1", "replication-group", "shop", "available", "", (), "redis", "7.1.0"),
    node_type="cache.t3.micro",
    shards=(ShardSeen("0001", (FIRST, SECOND)),),
    endpoints=(EndpointSeen("primary", "10.0.1.1:6379", ()),),
)


def test_nodes_are_named_as_people_name_them() -> None:
    assert caches.nodes(SHOP, "") == {"shop-001": ["0001"], "shop-002": ["0001"]}
    assert caches.nodes(SHOP, "shop-002") == {"shop-002": ["0001"]}
    assert caches.nodes(SHOP, "shop-002.0001") == {"shop-002": ["0001"]}
    cluster = replace(SHOP, id="shop-001", shards=(ShardSeen("0001", (FIRST,)),))
    assert caches.nodes(cluster, "0001") == {"shop-001": ["0001"]}
    with pytest.raises(Absent):
        caches.nodes(SHOP, "0001")


def test_a_snapshot_is_taken_of_who_has_time() -> None:
    assert snapshots.source(SHOP) == {"CacheClusterId": "shop-002"}
    assert snapshots.source(replace(SHOP, shards=(ShardSeen("0001", (FIRST,)),))) == {"CacheClusterId": "shop-001"}
    assert snapshots.source(replace(SHOP, cluster_mode="enabled")) == {"ReplicationGroupId": "shop"}


def test_a_list_has_a_line_for_each_cache() -> None:
    rows = listing.rows(Topology((SHOP, replace(SHOP, id="a", endpoints=(), shards=(), phase="creating"))), "")
    assert list(listing.lines(rows)) == [
        "ID    ENGINE       STATUS     NODES  ENDPOINT",
        "shop  redis 7.1.0  available  2      10.0.1.1:6379",
        "a     redis 7.1.0  creating   0      -",
    ]
    elsewhere = listing.rows(Topology((SHOP, replace(SHOP, account="123456789012"))), "")
    assert next(listing.lines(elsewhere)).endswith("ENDPOINT       ACCOUNT       REGION")
    assert listing.rows(Topology((SHOP,)), "123456789012") == []


def test_an_answer_becomes_an_outline() -> None:
    shown = {"Id": "shop", "Nodes": [{"Role": "primary"}, {"Role": "replica"}], "Many": False, "Limit": 0, "Tags": []}
    assert list(outline(shown)) == [
        *("Id     shop", "Many   no", "Limit  0", "Tags   none"),
        *("Nodes", "  Role  primary", "Nodes", "  Role  replica"),
    ]


def test_a_table_without_rows_is_its_headings() -> None:
    assert list(table(("ONE", "TWO"), [])) == ["ONE  TWO"]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"ConfigurationEndpoint": {"Address": "fd00::1", "Port": 6379}}, "[fd00::1]:6379"),
        ({"NodeGroups": [{"PrimaryEndpoint": {"Address": "a", "Port": 1}}]}, "a:1"),
        ({"CacheNodes": [{"CacheNodeId": "0001"}, {"Endpoint": {"Address": "b", "Port": 2}}]}, "b:2"),
        ({"NodeGroups": [{"NodeGroupId": "0001"}]}, ""),
    ],
)
def test_where_a_client_connects(shown: dict[str, Any], expected: str) -> None:
    assert described.endpoint(shown) == expected


def test_a_file_is_told_from_a_snapshot_by_its_name() -> None:
    assert [restore.is_file(name) for name in ("dump.rdb", "./dump", "before")] == [True, True, False]


def test_a_unit_of_systemd_has_the_settings_and_no_secret() -> None:
    environment = {
        "CACHEWRIGHT_PATIENCE": "2",
        "CACHEWRIGHT_CREDENTIALS": "AKID:secret:123456789012",
        "CACHEWRIGHT_URL": "http://127.0.0.1:4568",
        "DOCKER_HOST": 'unix:///a "b" %\\$',
        "HOME": "/root",
    }
    told = service.unit(("/usr/bin/python3", "-m", "cachewright"), Path("/my data/$x%"), environment)
    assert 'ExecStart=/usr/bin/python3 -m cachewright up --data-dir "/my data/$$x%%"' in told.splitlines()
    assert [line for line in told.splitlines() if line.startswith("Environment=")] == [
        'Environment="CACHEWRIGHT_PATIENCE=2"',
        'Environment="DOCKER_HOST=unix:///a \\"b\\" %%\\\\$"',
    ]
    assert "AKID" not in told
    assert "# CACHEWRIGHT_CREDENTIALS is a secret" in told
