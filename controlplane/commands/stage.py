"""Progress on the terminal: a step is announced while it lasts and told when it is done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from botocore.exceptions import BotoCoreError, ClientError
from pymemcache.exceptions import MemcacheError
from rich.console import Console
from rich.markup import escape

from cachewright.controlplane.commands.plane import NoAnswer
from cachewright.controlplane.commands.throwaway import Broken

# What counts as the failure of a step; anything else is a fault of ours.
MISHAPS = (BotoCoreError, ClientError, redis.RedisError, MemcacheError, NoAnswer, OSError)
PAUSE = 0.05  # seconds between two looks


@dataclass(slots=True)
class Step:
    """One step; `outcome` is what is told at its end beside how long it took."""

    deed: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the steps are told."""

    console: Console

    @contextmanager
    def step(self, deed: str) -> Iterator[Step]:
        """A step; what goes wrong in it becomes Broken, with the deed ("create x") in its words."""
        step, begun = Step(deed), time.monotonic()
        try:
            with self.console.status(f"{escape(deed)} ..."):
                yield step
        except Broken as reason:
            raise Broken(f"cannot {deed}: {reason}") from reason
        except MISHAPS as error:
            raise Broken(f"cannot {deed}: {error}") from error
        took = f"[dim]({time.monotonic() - begun:.1f} s)[/]"
        self.say(f"[green]ok[/]  {escape(deed)} {took}", *([f"    {step.outcome}"] if step.outcome else []))

    def say(self, *lines: str) -> None:
        """Lines in Rich's markup."""
        for line in lines:
            self.console.print(line, highlight=False, soft_wrap=True)


def until(what: str, look: Callable[[], str], deadline: float) -> None:
    """Wait until `look` has nothing more to say; Broken when it still has after `deadline` seconds."""
    end = time.monotonic() + deadline
    while waiting_for := look():
        if time.monotonic() > end:
            raise Broken(f"waited {deadline:.0f} s for {what}: {waiting_for}")
        time.sleep(PAUSE)
