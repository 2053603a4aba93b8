"""`cachewright images`: the images of the standard set, found, pulled or built."""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager

from rich.console import Console

from cachewright.agents.planning.images import Image
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.images import STANDARD, Images
from cachewright.controlplane.model.versions import EngineVersion

AT_A_TIME = 2  # a build uses a core and the network
GATEWAY, NFTABLES, DIRECTORY = "gateway", "gateway in the kernel", "directory"


def find(console: Console, rows: Iterable[EngineVersion] = STANDARD) -> list[str]:
    """Find the images of the gateway, the directory and the given versions, telling each; why some are missing."""
    images = Images()
    wanted: dict[str, Callable[[], Image]] = {
        GATEWAY: images.gateway,
        NFTABLES: images.nftables,
        DIRECTORY: images.directory,
    }
    wanted |= {f"{row.engine} {row.version}": _finder(images, row) for row in rows}
    missing = []
    with _told(console), ThreadPoolExecutor(AT_A_TIME) as pool:
        futures = {pool.submit(finder): name for name, finder in wanted.items()}
        for future in as_completed(futures):
            if reason := _outcome(console, futures[future], future):
                missing.append(reason)
    return missing


def _finder(images: Images, row: EngineVersion) -> Callable[[], Image]:
    return lambda: images.find(row.engine, row.version, row.family, row.upstream)


def _outcome(console: Console, name: str, future: Future[Image]) -> str:
    try:
        image = future.result()
    except (Later, Never) as verdict:
        console.print(f"[red]no[/]  {name}: {verdict.reason}", highlight=False, soft_wrap=True)
        return verdict.reason
    console.print(f"[green]ok[/]  {name}: {image.build} ({image.reference})", highlight=False, soft_wrap=True)
    return ""


@contextmanager
def _told(console: Console) -> Iterator[None]:
    """Meanwhile the console shows what the runtime tells of its work."""
    log = logging.getLogger("cachewright.agents.runtime")
    teller, level = _Teller(console), log.level
    log.addHandler(teller)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(teller)
        log.setLevel(level)


class _Teller(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__(logging.INFO)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.print(f"[dim]..[/]  {record.getMessage()}", highlight=False, soft_wrap=True)
