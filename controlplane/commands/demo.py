"""`cachewright demo`: the main job with real containers, from creation over failover to the end without a trace."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from controlplane.commands import images
from controlplane.commands.board import board
from controlplane.commands.demo_memcached import MemcachedAct
from controlplane.commands.demo_redis import RedisAct
from controlplane.commands.scene import Scene, opened
from controlplane.commands.stage import Stage
from controlplane.commands.status import look
from controlplane.commands.throwaway import Broken, control_plane
from controlplane.model.versions import Engine, requested_version
from controlplane.settings import Settings

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
            _play(opened(stage, plane.url))
        except Broken as reason:
            raise Broken(f"{reason}\n{plane.last_words}".strip()) from reason
    stage.say("[green]ok[/]  the control plane has stopped; no container, network or volume of it is left")
    stage.say(*going_on(Path(sys.executable).parent, Settings.model_fields["port"].default))


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
    scene.stage.console.print(board(look(scene.url)))
    redis.delete()
    memcached.delete()
    redis.wait_gone()
    memcached.wait_gone()


def events(told: Iterable[dict[str, Any]]) -> Table:
    """Events as a table, the oldest first."""
    table = Table("time", "source", "message")
    for event in sorted(told, key=lambda event: event["Date"]):
        table.add_row(f"{event['Date'].astimezone():%H:%M:%S.%f}"[:-3], event["SourceIdentifier"], event["Message"])
    return table


def going_on(programs: Path, port: int) -> list[str]:
    """How to use Cachewright from here: the lines that work."""
    url = f"http://127.0.0.1:{port}"
    boto3 = f'boto3.client("elasticache", endpoint_url="{url}", region_name="us-east-1",'
    return [
        "",
        "[bold]To go on[/]",
        f"  start it       {programs / 'cachewright'} up",
        f"  AWS CLI        aws elasticache describe-cache-clusters --endpoint-url {url} "
        "--region us-east-1 --no-sign-request",
        f"  boto3          {boto3}",
        '                              aws_access_key_id="test", aws_secret_access_key="test")',
        f"  look at it     {programs / 'cachewright'} status --watch",
    ]
