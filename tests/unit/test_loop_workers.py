"""Workers: what is held and given back has its turn."""

from queue import Queue as Turns

from cachewright.agents.loop.workers import Workers
from cachewright.agents.reconcile.turns import Outcome, Rest, Turn
from cachewright.controlplane.model.cache import Key, Kind

KEY = Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, "a")
LIMIT = 10.0  # seconds; whatever takes longer is broken


def turn_after_hold(delay: float) -> Turn:
    """The turn of a key that was held and released with that delay."""
    turns: Turns[Turn] = Turns()

    def reconcile(turn: Turn) -> Outcome:
        turns.put(turn)
        return Rest()

    workers = Workers(reconcile)
    workers.start()
    try:
        (held,) = workers.hold([KEY])
        workers.release(held, delay)
        return turns.get(timeout=LIMIT)
    finally:
        workers.stop()


def test_what_is_released_at_once_has_news() -> None:
    """A spec that has changed is tried whatever failed before."""
    assert turn_after_hold(0.0).woken


def test_what_is_released_for_later_has_none_by_itself() -> None:
    assert not turn_after_hold(0.001).woken
