"""`cachewright demo`: the main job with real containers, from creation over failover to the end without a trace."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cachewright.controlplane.commands import images
from cachewright.controlplane.commands.board import board, plain_table
from cachewright.controlplane.commands.demo_memcached import MemcachedAct
from cachewright.controlplane.commands.demo_redis import RedisAct
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.commands.scene import Scene, opened
from cachewright.controlplane.commands.seen import look
from cachewright.controlplane.commands.stage import Stage
from cachewright.controlplane.commands.throwaway import Broken, control_plane
from cachewright.controlplane.model.versions import Engine, requested_version
from cachewright.controlplane.settings import Settings

WANTED = tuple(requested_version(engine, None) for engine in (Engine.REDIS, Engine.MEMCACHED))


def run(console: Console) -> None:
    """Play it; Broken says what went wrong, after everything was cleaned up."""
    stage = Stage(console)
    console.rule("[bold]Cachewright[/]: ElastiCache on this machine, with real engines")
    if missing := images.find(console, WANTED):
        raise Broken(f"{missing[0]}; `cachewright doctor` says how to mend it")
    with control_plane() as plane:
        stage.say(f"[green]ok[/]  a control plane of our own listens on {plane.url}")
        try:
            _play(opened(stage, ControlPlane(plane.url)))
        except Broken as reason:
            raise Broken(f"{reason}\n{plane.last_words}".strip()) from reason
    stage.say("[green]ok[/]  the control plane has stopped; no container, network or volume of it is left")
    stage.say(*going_on(_programs(), Settings().port))


def _play(scene: Scene) -> None:
    redis, memcached = RedisAct(scene), MemcachedAct(scene)
    redis.create()
    memcached.create()
    redis.wait()
    memcached.wait()
    redis.fail_over()
    memcached.use()
    memcached.reboot()
    scene.stage.console.rule("What AWS would report: DescribeEvents")
    scene.stage.console.print(events(scene.aws.describe_events(Duration=60)["Events"]))
    scene.stage.console.rule("What there is now: cachewright status")
    scene.stage.console.print(board(look(scene.plane)))
    redis.delete()
    memcached.delete()
    redis.wait_gone()
    memcached.wait_gone()


def events(told: Sequence[dict[str, Any]]) -> Table:
    """Events, told from the newest to the oldest, as a table that begins with the oldest."""
    table = plain_table("time", "source", "message")
    for event in reversed(told):
        table.add_row(f"{event['Date'].astimezone():%H:%M:%S.%f}"[:-3], event["SourceIdentifier"], event["Message"])
    return table


def going_on(programs: Path, port: int) -> list[str]:
    """How to use Cachewright from here: the lines that work."""
    url = f"http://127.0.0.1:{port}"
    aws = programs / "aws" if (programs / "aws").exists() else "aws"
    return [
        "",
        "[bold]To go on[/]",
        "  start it",
        f"    {programs / 'cachewright'} up",
        "  use it with the AWS CLI, or with boto3",
        f"    {aws} elasticache describe-cache-clusters --endpoint-url {url} --region us-east-1 --no-sign-request",
        f'    boto3.client("elasticache", endpoint_url="{url}", region_name="us-east-1",',
        '                 aws_access_key_id="test", aws_secret_access_key="test")',
        "  look at it",
        f"    {programs / 'cachewright'} status --watch",
    ]


def _programs() -> Path:
    """Where the commands of this Python are, as short as it can be said."""
    directory = Path(sys.executable).parent
    return directory.relative_to(Path.cwd()) if directory.is_relative_to(Path.cwd()) else directory
