"""Images on several hosts: what one lacks it gets from one that has it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from docker import APIClient

from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.hosts.members import Member, Members

_SILENCE = 30.0  # seconds without a piece of an image after which its copy is given up


def bring(image: str, chosen: Member, members: Members) -> None:
    """See that a host has an image. Where no host that answers has it, whoever needs it is told so by the engine."""
    if _has(chosen, image):
        return
    for other in members.answering():
        if other is not chosen and _has(other, image):
            _copy(image, other, chosen)
            return


def _has(one: Member, image: str) -> bool:
    try:
        with one.engine.complaining(f"look for image {image}", look=True) as client:
            client.inspect_image(image)
    except Complaint as complaint:
        if complaint.status == 404:
            return False
        raise Later(f"cannot look for image {image}: {complaint.words}", 2.0) from complaint
    return True


def _copy(image: str, source: Member, target: Member) -> None:
    """As `docker save` and `docker load` do it, piece by piece."""
    here, there = (one.engine.lasting(_SILENCE) for one in (source, target))
    deed = f"copy image {image} from host {source.host.name} to host {target.host.name}"
    with here.asked(deed) as reading, there.asked(deed) as writing:
        writing.load_image(reading.get_image(image))


class AnyHost(Engine):
    """The engine of the first host that answers, for what any one can do as well as another."""

    def __init__(self, members: Callable[[], Members], timeout: float | None = None) -> None:
        super().__init__()
        self._members, self._lasting = members, timeout

    @contextmanager
    def complaining(self, deed: str, *, look: bool = False) -> Iterator[APIClient]:
        """See Engine."""
        chosen = self._members().named("", deed)
        engine = chosen.engine if self._lasting is None else chosen.engine.lasting(self._lasting)
        with engine.complaining(deed, look=look) as client:
            yield client

    def lasting(self, timeout: float, pool: int = 4) -> "AnyHost":  # noqa: ARG002 - the hosts' engines have theirs
        """See Engine."""
        return AnyHost(self._members, timeout)
