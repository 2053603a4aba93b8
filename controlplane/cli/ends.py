"""How a command ends: one sentence, and a code for scripts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from typing import IO, Any

import click


class Exit(IntEnum):
    """What the end of a command tells a script."""

    DONE = 0
    FAILED = 1
    MISUSED = 2
    NOBODY = 3
    ABSENT = 4
    UNFINISHED = 5
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS: Mapping[Exit, str] = {
    Exit.DONE: "done",
    Exit.FAILED: "refused, or it failed; one sentence on stderr says why, and what to do",
    Exit.MISUSED: "the words make no sense together; nothing was asked",
    Exit.NOBODY: "nobody answers where the control plane should be",
    Exit.ABSENT: "there is no such cache, node, shard, snapshot or zone",
    Exit.UNFINISHED: "`--timeout` is over; what was asked for goes on",
    Exit.INTERRUPTED: "Ctrl-C; what was asked for goes on",
    Exit.TERMINATED: "SIGTERM, of `demo`; `up` ends with 0",
}


class Failure(click.ClickException):
    """Ends the command with a sentence."""

    def __init__(self, reason: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(reason)
        self.code = code

    def show(self, file: IO[Any] | None = None) -> None:
        """See click."""
        click.secho(f"cachewright: {self.message}", file=file, err=True, fg="red")


@contextmanager
def answered() -> Iterator[None]:
    """A control plane that does not answer, or refuses, ends the command with one line."""
    from cachewright.controlplane.commands.plane import Absent, NoAnswer, Nobody, Unfinished  # noqa: PLC0415 - `up` has no need

    codes = {Nobody: Exit.NOBODY, Absent: Exit.ABSENT, Unfinished: Exit.UNFINISHED}
    try:
        yield
    except KeyboardInterrupt:
        raise Failure("interrupted; what was asked for goes on", Exit.INTERRUPTED) from None
    except NoAnswer as reason:
        raise Failure(str(reason), codes.get(type(reason), Exit.FAILED)) from reason
