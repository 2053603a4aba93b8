"""`python -m cachewright.testing.guardian DIRECTORY LOCK SETTINGS`: keeps the control plane of a run."""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from cachewright.controlplane.commands.throwaway import Broken, running
from cachewright.testing.runs import Run

PAUSE = 0.1  # seconds between two looks


def keep(run: Run, settings: Mapping[str, str]) -> None:
    """Start the control plane of a run, and end it with the last one who takes part."""
    try:
        with running(run.data, settings) as plane:
            run.tell(plane.url)
            while run.is_used() and plane.process.poll() is None:
                time.sleep(PAUSE)
    except Broken as reason:
        run.give_up(str(reason))
        while run.is_used():
            time.sleep(PAUSE)
    with run.door():
        run.clear()


def main() -> None:
    """The lock is inherited, and free as soon as this process has ended. Settings are variables, as JSON. Whoever
    started it is not its parent, and so need not wait for it.
    """
    directory, lock, settings = sys.argv[1:]
    if os.fork():
        return
    with os.fdopen(int(lock), "w"):
        keep(Run(Path(directory)), json.loads(settings))


if __name__ == "__main__":
    main()
