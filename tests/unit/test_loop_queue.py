"""Who is next, with a clock that the test turns."""

from cachewright.agents.loop.queue import LONG, Queue
from cachewright.agents.reconcile.turns import LoopKey, Priority, SystemKey, Turn
from cachewright.controlplane.model.cache import Key, Kind

BROKEN, ROUTINE = Priority.BROKEN, Priority.ROUTINE


def key(name: str) -> Key:
    return Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, name)


A, B, C = key("a"), key("b"), key("c")


def taken(queue: Queue, now: float, least: Priority = ROUTINE) -> list[LoopKey]:
    """Everything that can be taken at a moment."""
    keys: list[LoopKey] = []
    while turn := queue.take(now, least):
        keys.append(turn.key)
    return keys


def test_first_come_first_served() -> None:
    queue = Queue()
    queue.enqueue([A, B], 0.0)
    queue.enqueue([C], 1.0)
    assert taken(queue, 2.0) == [A, B, C]
    assert queue.take(2.0) is None


def test_what_is_broken_goes_before_what_has_been_due_for_longer() -> None:
    queue = Queue()
    queue.enqueue([key(f"new-{number}") for number in range(500)], 0.0)
    queue.enqueue([SystemKey.GATEWAY, A], 9.0, BROKEN)
    assert [turn.key for _ in range(2) if (turn := queue.take(9.0))] == [SystemKey.GATEWAY, A]


def test_a_key_that_waits_is_urgent_as_soon_as_it_breaks() -> None:
    queue = Queue()
    queue.enqueue([A, B, C], 0.0)
    queue.enqueue([C], 1.0, BROKEN)
    queue.enqueue([C], 1.0)  # and stays so
    assert taken(queue, 1.0) == [C, A, B]


def test_some_take_only_what_is_broken() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0)
    queue.enqueue([B], 0.0, BROKEN)
    assert taken(queue, 1.0, least=BROKEN) == [B]
    assert queue.due_in(1.0, BROKEN) is None
    assert queue.due_in(1.0) == 0.0


def test_nobody_takes_a_key_that_is_taken() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0)
    assert queue.take(0.0) == Turn(A, None, woken=True, priority=ROUTINE)
    queue.enqueue([A], 1.0, BROKEN)
    assert queue.take(1.0) is None
    queue.rest(A, 2.0)
    assert queue.take(2.0) == Turn(A, None, woken=True, priority=BROKEN)
    queue.rest(A, 3.0)
    assert queue.take(9.0) is None
    assert queue.due_in(9.0) is None


def test_a_delay_ends_by_itself_and_keeps_what_is_remembered() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0)
    queue.take(0.0)
    queue.requeue(A, 1.0, 0.5, "memory")
    assert queue.due_in(1.0) == 0.5
    assert queue.take(1.4) is None
    assert queue.take(1.5) == Turn(A, "memory", woken=False, priority=ROUTINE)


def test_news_end_a_delay() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0)
    queue.take(0.0)
    queue.requeue(A, 0.0, 30.0, "memory")
    queue.enqueue([A], 1.0)
    assert queue.take(1.0) == Turn(A, "memory", woken=True, priority=ROUTINE)
    queue.rest(A, 2.0)
    assert queue.take(60.0) is None  # the delay is forgotten


def test_a_poll_leaves_alone_what_waits_for_a_reason() -> None:
    """As what is impossible does, for 30 seconds."""
    queue = Queue()
    queue.enqueue([A], 0.0)
    queue.take(0.0)
    queue.requeue(A, 0.0, 30.0)
    for moment in (5.0, 10.0, 25.0):
        queue.poll([A, B], moment)
        assert [key for key in taken(queue, moment) if key == A] == []
    assert taken(queue, 30.0) == [A]


def test_a_poll_finds_what_everybody_forgot() -> None:
    queue = Queue()
    queue.poll([B], 5.0)
    assert taken(queue, 5.0) == [B]


def test_what_is_looked_at_again_soon_stays_urgent_and_what_waits_long_does_not() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0, BROKEN)
    for delay, priority in ((0.003, BROKEN), (LONG, BROKEN), (0.003, ROUTINE)):
        turn = queue.take(9.0)
        assert turn is not None
        assert turn.priority is priority
        queue.requeue(A, 0.0, delay)


def test_a_key_can_rest_and_come_back() -> None:
    queue = Queue()
    for moment in range(3):
        queue.enqueue([A], float(moment))
        assert taken(queue, float(moment)) == [A]
        queue.rest(A, float(moment))
    assert queue.take(9.0) is None


def test_there_is_a_hurry_until_what_is_broken_rests_or_waits_for_long() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0)
    assert not queue.hurried
    queue.enqueue([A, B], 0.0, BROKEN)
    assert taken(queue, 0.0) == [A, B]
    queue.rest(A, 1.0)
    queue.requeue(B, 1.0, 0.003)
    assert queue.hurried
    assert taken(queue, 2.0) == [B]
    queue.requeue(B, 2.0, LONG)
    assert not queue.hurried


def test_what_breaks_while_it_is_taken_is_a_hurry_afterwards() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0)
    assert taken(queue, 0.0) == [A]
    queue.enqueue([A], 1.0, BROKEN)
    queue.rest(A, 2.0)
    assert queue.hurried
    assert taken(queue, 2.0) == [A]
    queue.rest(A, 3.0)
    assert not queue.hurried


def test_what_is_held_is_nobody_elses_until_it_is_given_back() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0)
    assert queue.hold([A, B]) == [
        Turn(A, None, woken=True, priority=ROUTINE),
        Turn(B, None, woken=False, priority=ROUTINE),
    ]
    queue.enqueue([A], 1.0, BROKEN)
    assert taken(queue, 1.0) == []
    queue.requeue(A, 1.0, 5.0)
    queue.requeue(B, 1.0, 5.0)
    assert taken(queue, 1.0) == [A]
    assert taken(queue, 6.0) == [B]


def test_what_is_taken_cannot_be_held_and_is_due_once_more() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0)
    assert taken(queue, 0.0) == [A]
    assert queue.hold([A]) == []
    queue.rest(A, 1.0)
    assert taken(queue, 1.0) == [A]


def test_news_that_came_before_a_key_was_held_are_not_lost() -> None:
    queue = Queue()
    queue.enqueue([A], 0.0, BROKEN)
    assert len(queue.hold([A])) == 1
    queue.requeue(A, 1.0, 5.0)
    assert queue.take(1.0) == Turn(A, None, woken=True, priority=BROKEN)
